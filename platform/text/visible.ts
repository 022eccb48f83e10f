/** What can be seen of a text. Telephones, keyboards and pages insert invisible characters. */

/**
 * Joiners, marks of direction, soft hyphens, fillers (Unicode "Default_Ignorable_Code_Point"), the
 * Braille blank, and controls.
 */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\u2800]/gu

/**
 * Whether nothing of the text can be seen: it is empty, or only white space and invisible
 * characters.
 */
export function isBlank(text: string): boolean {
  return text.replace(unseen, '').trim() === ''
}

/**
 * The text as it looks: without invisible characters, with every kind of white space as a plain
 * space, and at most one in a row.
 */
export function asItLooks(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\s/gu, ' ')
    .replace(unseen, '')
    .replace(/ {2,}/g, ' ')
    .trim()
}
