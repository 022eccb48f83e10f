/**
 * Strangers' words as they are shown: a character that turns the direction of what follows can make
 * a name, a file's ending or a whole list read as something else (Unicode TR 36). The stored text
 * stays as it came.
 */

/** LRO and RLO: letters of a known direction are shown against it. No writing needs them. */
const overrides = /[\u202D\u202E]/g
/**
 * Embeddings, overrides and isolates, whose end may lie beyond the line; and what is not seen:
 * zero-width spaces and byte-order marks. Joiners and the marks of a direction stay: languages and
 * pictures need them, and they turn nothing around.
 */
const unwanted = /[\u202A-\u202E\u2066-\u2069\u200B\u2060\uFEFF]/g

/** What stands in a list, a heading or a subject: on one line, in the order of its letters. */
export function oneLine(text: string): string {
  return text
    .replace(unwanted, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** What a page shows. Lines of a long text keep what marks a direction within them. */
export function asShown(text: string): string {
  return text.replace(text.includes('\n') ? overrides : unwanted, '')
}

/** What a terminal shows: also without the controls by which a text could move the cursor. */
export function forTerminal(text: string): string {
  return text.replace(unwanted, '').replace(/(?![\n\t])\p{Cc}/gu, '')
}
