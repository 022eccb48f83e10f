/** Text in the form two copies of one letter have in common, however each was typed, wrapped, faxed or read back. */
import { createHash } from 'node:crypto'

/** Characters of a text that are looked at: about 60 dense pages. What lies beyond keeps a verdict from being `sure`. */
export const TEXT_LIMIT = 200_000

export interface Comparable {
  /** Letters and digits only, folded; spaces, hyphens and line breaks are gone, so OCR's splits and joins do not matter. */
  readonly letters: string
  /** For each of `letters`, where it stood in the original text. */
  readonly offsets: Uint32Array
  /** Folded words in reading order, digits kept as they are. */
  readonly words: readonly string[]
  /** SHA-256 of the letters; equal for texts that differ in case, spacing and punctuation alone. */
  readonly fingerprint: string
  /** True when the text was longer than `TEXT_LIMIT`. */
  readonly cut: boolean
}

// Shapes that scanners confuse, folded to one of each pair. Only `letters` are folded so; `words` keep their digits.
const lookalikes: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', i: 'l', '5': 's', '8': 'b' }
const marks = /\p{M}/u
const letter = /[\p{L}\p{N}]/u

/** Folds a text for comparison. Any string is accepted: empty, NUL, lone surrogates, emoji, right-to-left. */
export function comparable(text: string): Comparable {
  const cut = text.length > TEXT_LIMIT
  const seen = (cut ? text.slice(0, TEXT_LIMIT) : text).toWellFormed()
  const { letters, offsets } = foldLetters(seen)
  return { letters, offsets, words: foldWords(seen), fingerprint: createHash('sha256').update(letters).digest('hex'), cut }
}

function foldLetters(text: string): { letters: string; offsets: Uint32Array } {
  const letters: string[] = []
  const offsets: number[] = []
  let at = 0
  for (const character of text) {
    for (const folded of foldCharacter(character)) {
      letters.push(folded)
      offsets.push(at)
    }
    at += character.length
  }
  return joinPairs(letters, offsets)
}

function foldCharacter(character: string): string {
  const known = asciiFold[character.charCodeAt(0)]
  if (known !== undefined && character.length === 1) return known
  let folded = ''
  for (const part of character.normalize('NFKD').toLowerCase()) if (letter.test(part) && !marks.test(part)) folded += lookalikes[part] ?? part
  // Only single UTF-16 units keep `letters` and `offsets` in step; the few letters beyond the BMP count as their low half.
  return [...folded].map((part) => part.length === 1 ? part : part.slice(-1)).join('')
}

const asciiFold: readonly string[] = Array.from({ length: 128 }, (_, code) => {
  const lower = String.fromCharCode(code).toLowerCase()
  return /[a-z0-9]/.test(lower) ? lookalikes[lower] ?? lower : ''
})

// "rn" reads as "m" and "vv" as "w": both spellings become the single letter.
function joinPairs(letters: string[], offsets: number[]): { letters: string; offsets: Uint32Array } {
  const joined: string[] = []
  const places: number[] = []
  for (let i = 0; i < letters.length; i++) {
    const pair = letters[i] === 'r' && letters[i + 1] === 'n' ? 'm' : letters[i] === 'v' && letters[i + 1] === 'v' ? 'w' : undefined
    joined.push(pair ?? letters[i] as string)
    places.push(offsets[i] as number)
    if (pair) i += 1
  }
  return { letters: joined.join(''), offsets: Uint32Array.from(places) }
}

// A hyphen at a line's end only wraps the word.
function foldWords(text: string): string[] {
  const plain = text.replace(/(\p{L})[-\u00AD\u2010]\s*\r?\n\s*(?=\p{Ll})/gu, '$1').normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '')
  return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}
