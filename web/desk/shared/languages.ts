/**
 * Spoken at home by most people in the United States who speak English less than very well (Census
 * Bureau, American Community Survey).
 */
const common = [
  'en',
  'es',
  'zh',
  'vi',
  'tl',
  'ar',
  'ko',
  'ru',
  'ht',
  'fr',
  'pt',
  'pl',
  'hi',
  'ur',
  'bn',
  'gu',
  'fa',
  'hy',
  'uk',
  'de',
  'it',
  'ja',
  'hmn',
  'so',
  'am',
  'sw',
  'ne',
  'my',
  'km',
  'lo',
  'th',
  'pa',
  'te',
  'ta',
  'yi',
  'el',
  'he',
  'nv'
]

/** Languages to choose from: the agency's own first, then others by English name. */
export function spokenLanguages(own: readonly string[]): { tag: string; name: string }[] {
  const names = new Intl.DisplayNames(['en'], { type: 'language' })
  const named = (tag: string) => ({ tag, name: names.of(tag) ?? tag })
  return [
    ...own.map(named),
    ...common
      .filter((tag) => !own.includes(tag))
      .map(named)
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
  ]
}
