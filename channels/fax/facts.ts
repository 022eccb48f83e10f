/**
 * What is known about a call that brought a fax. All of it is evidence: none of it identifies a
 * person or affects the order.
 */
import { storableText } from '../../platform/text/storable.ts'
import { MAX_FACT_LENGTH } from './limits.ts'

export interface FaxFacts {
  /**
   * As the telephone network gave it. It can be forged, and many people use a library's machine.
   */
  readonly callerNumber?: string
  readonly callerName?: string
  /** The sending machine's own name (TSI, T.30): entered by its owner and never checked. */
  readonly stationId?: string
  /** Our number that was called. */
  readonly calledNumber?: string
  readonly device?: string
  /** The fax server's number of the call. */
  readonly communication?: string
  /** As counted by the provider or server. */
  readonly pages?: number
  /** By the provider's or server's clock. */
  readonly receivedAt?: string
  /** Why the call ended early, in the server's words. Pages may then be missing. */
  readonly error?: string
  readonly partial?: boolean
  /** True for a test delivery that somebody started at the provider. */
  readonly test?: boolean
}

type Given = { readonly [fact in keyof FaxFacts]?: unknown }

const texted = [
  'callerNumber',
  'callerName',
  'stationId',
  'calledNumber',
  'device',
  'communication',
  'receivedAt',
  'error'
] as const

/** Untrusted facts, bounded and storable. Empty ones, and ones of a wrong type, are left out. */
export function factsOf(given: Given): FaxFacts {
  const texts: { [name in (typeof texted)[number]]?: string } = Object.fromEntries(
    texted.flatMap((name) => {
      const text = textOf(given[name])
      return text ? [[name, text]] : []
    })
  )
  const pages = Number(given.pages)
  const partial = given.partial === true || texts.error !== undefined
  return {
    ...texts,
    ...(given.pages !== undefined && Number.isSafeInteger(pages) && pages >= 0 ? { pages } : {}),
    ...(partial ? { partial } : {}),
    ...(given.test === true ? { test: true } : {})
  }
}

/**
 * A caller's number that can be called back, as the network gave it. Undefined for "anonymous",
 * "unavailable", extensions and the like. The station id is never used, because anybody can enter
 * one.
 */
export function dialable(number: string | undefined): string | undefined {
  if (number === undefined || !/^\+?[\d\s().-]{7,25}$/.test(number)) return undefined
  const digits = number.replace(/\D/g, '')
  // E.164 has at most 15 digits. 266696687 spells "anonymous" on a telephone's keys and is sent by
  // some switches.
  if (digits.length < 7 || digits.length > 15 || /^0+$/.test(digits) || digits === '266696687')
    return undefined
  return number.startsWith('+') ? `+${digits}` : digits
}

/** One sentence for the case page if the fax was not received completely. */
export function incomplete({ partial, error }: FaxFacts): string | undefined {
  if (!partial) return undefined
  return error
    ? `The fax broke off (${error}); pages may be missing.`
    : 'The fax broke off; pages may be missing.'
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? cut(String(value)) : ''
}

function cut(text: string): string {
  return storableText(text.replace(/\p{Cc}+/gu, ' ').trim())
    .slice(0, MAX_FACT_LENGTH)
    .toWellFormed()
}
