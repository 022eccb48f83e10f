import anyAscii from 'any-ascii'

/**
 * Longer values are cut: no name, street or address line is longer, and comparison cost grows with
 * the square.
 */
export const MAX_VALUE = 120

/**
 * Text in comparable form: Latin letters without marks, lower case, digits, single spaces. Other
 * scripts are transliterated; apostrophes vanish (O'Brien, OBrien), other punctuation separates.
 */
export function fold(value: string): string {
  const cut = value.length > MAX_VALUE ? value.slice(0, MAX_VALUE) : value
  // eslint-disable-next-line no-control-regex
  const ascii = /^[\x00-\x7f]*$/.test(cut) ? cut : anyAscii(cut.normalize('NFKC'))
  return ascii
    .toLowerCase()
    .replace(/['`’]/g, '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
    .slice(0, MAX_VALUE)
}

/** The words of a folded text. */
export function words(folded: string): string[] {
  return folded === '' ? [] : folded.split(' ')
}

/** A folded text without its spaces, so that a lost or a stray space does not matter. */
export function solid(folded: string): string {
  return folded.includes(' ') ? folded.replaceAll(' ', '') : folded
}
