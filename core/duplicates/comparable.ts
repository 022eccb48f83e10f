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
  return new FoldedText((cut ? text.slice(0, TEXT_LIMIT) : text).toWellFormed(), cut)
}

// Most texts meet nothing like them: words and fingerprint are made when they are asked for.
class FoldedText implements Comparable {
  readonly letters: string
  readonly offsets: Uint32Array
  readonly cut: boolean
  readonly #text: string
  #words: readonly string[] | undefined
  #fingerprint: string | undefined

  constructor(text: string, cut: boolean) {
    const { letters, offsets } = isAscii(text) ? foldAscii(text) : foldLetters(text)
    this.letters = letters
    this.offsets = offsets
    this.cut = cut
    this.#text = text
  }

  get words(): readonly string[] {
    return this.#words ??= foldWords(this.#text)
  }

  get fingerprint(): string {
    return this.#fingerprint ??= createHash('sha256').update(this.letters).digest('hex')
  }
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text)
}

// As foldLetters and joinPairs do, in one pass over codes: what a plain text costs is most of what settling it costs.
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

const [R, N, M, V, W] = Array.from('rnmvw', (letter) => letter.charCodeAt(0)) as [number, number, number, number, number]

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

const asciiCodes = Uint8Array.from(asciiFold, (folded) => folded === '' ? 0 : folded.charCodeAt(0))

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
