/** PostgreSQL's own word stems by language; other languages are indexed as they are written. */
const configurations: Readonly<Record<string, string>> = {
  ar: 'arabic',
  ca: 'catalan',
  da: 'danish',
  de: 'german',
  el: 'greek',
  en: 'english',
  es: 'spanish',
  eu: 'basque',
  fi: 'finnish',
  fr: 'french',
  ga: 'irish',
  hi: 'hindi',
  hu: 'hungarian',
  hy: 'armenian',
  id: 'indonesian',
  it: 'italian',
  lt: 'lithuanian',
  ne: 'nepali',
  nl: 'dutch',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sr: 'serbian',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
  yi: 'yiddish'
}

/** The text search configuration of a BCP 47 tag, `simple` where there is none. */
export function configurationOf(language: string): string {
  return configurations[language.split('-', 1)[0]!.toLowerCase()] ?? 'simple'
}

/** Tag and configuration of each language that has stems. */
export const stemmed: readonly (readonly [string, string])[] = Object.entries(configurations)
