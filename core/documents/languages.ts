import { isInstalled } from './reader/language-data.ts'

/**
 * BCP 47 primary subtags (and scripts that decide) as tesseract names its data: ISO 639-3, and for
 * Chinese the script.
 */
const codes: Readonly<Record<string, string>> = {
  am: 'amh',
  ar: 'ara',
  bn: 'ben',
  bs: 'bos',
  bg: 'bul',
  cs: 'ces',
  de: 'deu',
  el: 'ell',
  en: 'eng',
  es: 'spa',
  fa: 'fas',
  fi: 'fin',
  fil: 'fil',
  fr: 'fra',
  gu: 'guj',
  he: 'heb',
  hi: 'hin',
  hr: 'hrv',
  ht: 'hat',
  hu: 'hun',
  hy: 'hye',
  id: 'ind',
  it: 'ita',
  ja: 'jpn',
  km: 'khm',
  ko: 'kor',
  lo: 'lao',
  my: 'mya',
  ne: 'nep',
  nl: 'nld',
  pa: 'pan',
  pl: 'pol',
  ps: 'pus',
  pt: 'por',
  ro: 'ron',
  ru: 'rus',
  sk: 'slk',
  sl: 'slv',
  so: 'som',
  sq: 'sqi',
  sr: 'srp',
  sv: 'swe',
  sw: 'swa',
  ta: 'tam',
  te: 'tel',
  th: 'tha',
  ti: 'tir',
  tl: 'tgl',
  tr: 'tur',
  uk: 'ukr',
  ur: 'urd',
  uz: 'uzb',
  vi: 'vie',
  yi: 'yid',
  zh: 'chi_sim',
  'zh-hans': 'chi_sim',
  'zh-hant': 'chi_tra',
  'zh-tw': 'chi_tra',
  'zh-hk': 'chi_tra'
}

/**
 * Each language costs a page about a quarter more time; agencies with more offer forms in them,
 * letters come in these few.
 */
const MOST_LANGUAGES = 3

/** Tesseract's name of a language, or undefined where it has none that we know. */
export function tesseractCode(tag: string): string | undefined {
  const parts = tag.toLowerCase().split('-')
  return codes[parts.slice(0, 2).join('-')] ?? codes[parts[0]!]
}

/**
 * The languages pages are read in: the agency's, best known first, as far as their data is here;
 * English where none is.
 */
export function ocrLanguages(tags: readonly string[]): string[] {
  const found = tags.flatMap((tag) => tesseractCode(tag) ?? []).filter((code) => isInstalled(code))
  return found.length > 0 ? [...new Set(found)].slice(0, MOST_LANGUAGES) : ['eng']
}

/** Languages of the agency that paper cannot be read in, for lack of data. */
export function unreadLanguages(tags: readonly string[]): string[] {
  return tags.filter((tag) => {
    const code = tesseractCode(tag)
    return !code || !isInstalled(code)
  })
}
