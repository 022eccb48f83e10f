/** The resident's language: choosing it, its sentences, its direction, its dates. */
import Negotiator from 'negotiator'
import type { Localised } from '../../config/localised.ts'
import type { Locales } from '../../config/schema.ts'

/** A sentence by its key, with each `{word}` filled in. Not escaped, because templates escape. */
export type Translate = (key: string, words?: Readonly<Record<string, string | number>>) => string

/**
 * Sentences of one language. A missing one is given in English; an unknown key is shown as it is.
 */
export function translate(locales: Locales, language: string): Translate {
  const [own, english] = [locales[language], locales['en']]
  return (key, words = {}) =>
    (own?.[key] ?? english?.[key] ?? key).replace(/\{(\w+)\}/g, (placeholder, name: string) =>
      String(words[name] ?? placeholder)
    )
}

/** A text of the agency's own files in a language, or else in the agency's first language. */
export function inLanguage(text: Localised, language: string, first: string): string {
  return text[language] ?? text[first] ?? Object.values(text)[0] ?? ''
}

/** Characters of the header that are read; browsers send fewer. */
const HEADER_LIMIT = 500

/**
 * The language to answer in. In this order: named in the address, remembered, wished by the
 * browser, the agency's first.
 * @param offered the agency's languages, best known first
 */
export function pickLanguage(
  wish: {
    accept?: string | undefined
    query?: string | null | undefined
    cookie?: string | undefined
  },
  offered: readonly string[]
): string {
  for (const asked of [wish.query, wish.cookie]) if (asked && offered.includes(asked)) return asked
  const negotiator = new Negotiator({
    headers: { 'accept-language': wish.accept?.slice(0, HEADER_LIMIT) }
  })
  return negotiator.language([...offered]) ?? offered[0] ?? 'en'
}

// Scripts that run from right to left (ISO 15924), as Unicode gives them for the languages written
// today.
const rightToLeft = new Set(['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm', 'Rohg'])

/** Which way a language is written. */
export function direction(language: string): 'ltr' | 'rtl' {
  return rightToLeft.has(new Intl.Locale(language).maximize().script ?? '') ? 'rtl' : 'ltr'
}

/** A language's name in that language, as people look for their own: "español", "Tiếng Việt". */
export function nativeName(language: string): string {
  const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
}

/** Day and time in the agency's zone with the zone's name, so that nobody has to guess. */
export function formatTime(time: Date, language: string, timeZone: string): string {
  return timeFormat(language, timeZone).format(time)
}

/** From when to when; what both have in common is said once. */
export function formatTimes(from: Date, to: Date, language: string, timeZone: string): string {
  return timeFormat(language, timeZone).formatRange(from, to)
}

/** Cached by language and zone, because making one costs half a millisecond. */
const timeFormats = new Map<string, Intl.DateTimeFormat>()

function timeFormat(language: string, timeZone: string): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`
  const known = timeFormats.get(key) ?? makeTimeFormat(language, timeZone)
  timeFormats.set(key, known)
  return known
}

/**
 * A zone that has no short name in a language is written there as its distance from Greenwich,
 * which nobody knows of their own clock: then by its whole name, "hora central".
 */
function makeTimeFormat(language: string, timeZone: string): Intl.DateTimeFormat {
  const named = (timeZoneName: 'short' | 'longGeneric') =>
    new Intl.DateTimeFormat(language, {
      timeZone,
      year: 'numeric',
      month: 'long',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName
    })
  const short = named('short')
  const zone = short.formatToParts(0).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  return /\p{Nd}/u.test(zone) ? named('longGeneric') : short
}
