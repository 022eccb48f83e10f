/**
 * Text in a form that all copies of one letter share, however each was typed, wrapped, faxed or
 * read by a machine.
 */
import { createHash } from 'node:crypto'

/**
 * Characters of a text that are compared: about 60 dense pages. A longer text is never judged
 * `sure`.
 */
export const TEXT_LIMIT = 200_000

export interface Comparable {
  /**
   * Folded letters and digits only, without spaces, hyphens and line breaks, so that words split or
   * joined by OCR do not matter.
   */
  readonly letters: string
  /** For each of `letters`, its offset in the original text. */
  readonly offsets: Uint32Array
  /** Folded words in reading order, digits kept as they are. */
  readonly words: readonly string[]
  /** SHA-256 of the letters. Equal for texts that differ only in case, spacing and punctuation. */
  readonly fingerprint: string
  /** True if the text or its letters were cut at `TEXT_LIMIT`. */
  readonly cut: boolean
}

// Shapes that scanners confuse, mapped to one of the two. Only `letters` are folded like this;
// `words` keep their digits.
const lookalikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  i: 'l',
  '5': 's',
  '8': 'b'
}
const marks = /\p{M}/u
const letter = /[\p{L}\p{N}]/u

/**
 * Folds a text for comparison. Any string is accepted: empty, NUL, lone surrogates, emoji,
 * right-to-left.
 */
export function comparable(text: string): Comparable {
  const cut = text.length > TEXT_LIMIT
  return new FoldedText((cut ? text.slice(0, TEXT_LIMIT) : text).toWellFormed(), cut)
}

// Words and fingerprint are made only when asked for, because most texts have no similar one.
class FoldedText implements Comparable {
  readonly letters: string
  readonly offsets: Uint32Array
  readonly cut: boolean
  readonly #text: string
  #words: readonly string[] | undefined
  #fingerprint: string | undefined

  constructor(text: string, cut: boolean) {
    const { letters, offsets, whole } = isAscii(text)
      ? { ...foldAscii(text), whole: true }
      : foldLetters(text)
    this.letters = letters
    this.offsets = offsets
    this.cut = cut || !whole
    this.#text = text
  }

  get words(): readonly string[] {
    return (this.#words ??= foldWords(this.#text))
  }

  get fingerprint(): string {
    return (this.#fingerprint ??= createHash('sha256').update(this.letters).digest('hex'))
  }
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text)
}

// Does what foldLetters and joinPairs do, in one pass over character codes. Folding is most of the
// cost of settling a plain text.
function foldAscii(text: string): { letters: string; offsets: Uint32Array } {
  const codes = Buffer.allocUnsafe(text.length)
  const offsets = new Uint32Array(text.length)
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = asciiCodes[text.charCodeAt(at)]!
    if (code === 0) continue
    const before = count > 0 ? codes[count - 1] : 0
    if (before === R && code === N) codes[count - 1] = M
    else if (before === V && code === V) codes[count - 1] = W
    else {
      codes[count] = code
      offsets[count++] = at
    }
  }
  return { letters: codes.toString('latin1', 0, count), offsets: offsets.slice(0, count) }
}

const [R, N, M, V, W] = Array.from('rnmvw', (letter) => letter.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number
]

function foldLetters(text: string): { letters: string; offsets: Uint32Array; whole: boolean } {
  const letters: string[] = []
  const offsets: number[] = []
  let at = 0
  for (const character of text) {
    // One character may fold to eighteen (U+FDFA), so the letters are bounded too.
    if (letters.length >= TEXT_LIMIT) break
    for (const folded of foldKnown(character)) {
      letters.push(folded)
      offsets.push(at)
    }
    at += character.length
  }
  return { ...joinPairs(letters, offsets), whole: at >= text.length }
}

/**
 * Cache of folded characters of the basic plane. Normalising one costs a hundred times a look-up.
 */
const foldedBefore: (string | undefined)[] = []

function foldKnown(character: string): string {
  if (character.length > 1) return foldCharacter(character)
  return (foldedBefore[character.charCodeAt(0)] ??= foldCharacter(character))
}

function foldCharacter(character: string): string {
  const known = asciiFold[character.charCodeAt(0)]
  if (known !== undefined && character.length === 1) return known
  let folded = ''
  for (const part of character.normalize('NFKD').toLowerCase())
    if (letter.test(part) && !marks.test(part)) folded += lookalikes[part] ?? part
  // Only single UTF-16 units keep `letters` and `offsets` in step, so a letter beyond the BMP
  // counts as its low half.
  return [...folded].map((part) => (part.length === 1 ? part : part.slice(-1))).join('')
}

const asciiFold: readonly string[] = Array.from({ length: 128 }, (_, code) => {
  const lower = String.fromCharCode(code).toLowerCase()
  return /[a-z0-9]/.test(lower) ? (lookalikes[lower] ?? lower) : ''
})

const asciiCodes = Uint8Array.from(asciiFold, (folded) =>
  folded === '' ? 0 : folded.charCodeAt(0)
)

// "rn" looks like "m" and "vv" like "w": each pair becomes the single letter.
function joinPairs(
  letters: string[],
  offsets: number[]
): { letters: string; offsets: Uint32Array } {
  const joined: string[] = []
  const places: number[] = []
  for (let i = 0; i < letters.length; i++) {
    const pair =
      letters[i] === 'r' && letters[i + 1] === 'n'
        ? 'm'
        : letters[i] === 'v' && letters[i + 1] === 'v'
          ? 'w'
          : undefined
    joined.push(pair ?? (letters[i] as string))
    places.push(offsets[i] as number)
    if (pair) i += 1
  }
  return { letters: joined.join(''), offsets: Uint32Array.from(places) }
}

// Joins words that a hyphen splits at a line's end. The pattern matches the blanks before and after
// the break separately; trying every split of a million blanks would take hours.
function foldWords(text: string): string[] {
  const plain = text
    .replace(/(\p{L})[-\u00AD\u2010][^\S\n]*\n\s*(?=\p{Ll})/gu, '$1')
    .normalize('NFKD')
    .slice(0, TEXT_LIMIT * 2)
    .toLowerCase()
    .replace(/\p{M}/gu, '')
  return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}
