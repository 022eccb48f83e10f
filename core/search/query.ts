/** What somebody typed into the search field, as the index understands it. */
import { parseReceipt } from '../contacts/receipts.ts'
import { storableText } from '../../platform/text/storable.ts'

/** Characters of a search that are looked at. */
export const QUERY_LIMIT = 200

export interface ParsedQuery {
  /** A receipt's code, if it is one: then nothing else is looked for. */
  readonly receipt?: string
  /** In the syntax of `websearch_to_tsquery`: words, "phrases", or, -without. */
  readonly words: string
  /** Words alone, so that what is spelled alike is wanted, too. */
  readonly likeWanted: boolean
}

/** Seven digits and more, with the signs that people write between them. */
const PHONE = /\+?\d[\d\s().-]{5,}\d/g

/** Signs that the index takes for words, as `search_plain` has them. */
const SIGN = /[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u{1f000}-\u{1faff}]/u

/** Undefined where nothing was typed that can be looked for. */
export function parseQuery(typed: string): ParsedQuery | undefined {
  const text = storableText(typed.slice(0, QUERY_LIMIT)).trim()
  const receipt = parseReceipt(text)
  if (receipt) return { receipt, words: '', likeWanted: false }
  const words = text.replace(PHONE, (run) => phoneToken(run) ?? run)
  if (!/[\p{L}\p{N}]/u.test(words) && !SIGN.test(words)) return undefined
  return {
    words,
    likeWanted: words.length >= 4 && !SIGN.test(words) && !/"|(^|\s)-\S|\sor\s/i.test(words)
  }
}

/** As it is indexed: the last ten digits, or seven where no area code was typed. */
function phoneToken(run: string): string | undefined {
  const digits = run.replace(/\D/g, '')
  if (digits.length < 7 || /^\d{4}-\d{2}-\d{2}$/.test(run)) return undefined
  return ` tel${digits.length >= 10 ? digits.slice(-10) : digits.slice(-7)} `
}
