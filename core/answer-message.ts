/** The agency's own words to one contact, by the way a receipt would have gone to it. */
import type { Agency } from '../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from './channel.ts'
import { inLanguage, translate } from './pages/language.ts'

/** Longest text message that carriers carry whole, in characters (Twilio: 1,600). */
const TEXT_MESSAGE_LIMIT = 1_600

/** Written by a person: not marked as automatic, and threaded as the receipt is. */
export function answerMessage(receipt: OutboundMessage, words: string, { language, receipt: code }: Acknowledgement, agency: Agency): OutboundMessage | Undeliverable {
  const { name, languages } = agency.departments.agency
  const t = translate(agency.locales, language)
  const filled = { receipt: code, agency: inLanguage(name, language, languages[0] ?? 'en') }
  const text = `${words}\n\n${t('answer.end', filled)}`
  if (receipt.via === 'text' && text.length > TEXT_MESSAGE_LIMIT) return { undeliverable: 'The answer is too long for a text message.' }
  const headers = Object.fromEntries(Object.entries(receipt.headers).filter(([header]) => header !== 'Auto-Submitted' && header !== 'X-Auto-Response-Suppress'))
  return { ...receipt, text, headers, subject: /^re:/i.test(receipt.subject) ? receipt.subject : t('answer.subject', filled) }
}
