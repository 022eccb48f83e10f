/** What stands before the entries of a list, as a browser counts them. */
import type { Declarations } from './declarations.ts'

/** A mark that is known only at the list's end is written when the text is put together. */
export type Mark = string | { toString(): string }

const BULLET = '* '
const kinds: Readonly<Record<string, string>> = {
  1: 'decimal',
  a: 'lower-alpha',
  A: 'upper-alpha',
  i: 'lower-roman',
  I: 'upper-roman'
}
const known =
  /\b(decimal-leading-zero|decimal|(?:lower|upper)-(?:alpha|latin|roman)|disc|circle|square|none)\b/

export class Numbering {
  readonly #kind: string
  readonly #step: number
  #next: number | undefined
  #entries = 0

  constructor(name: string, attributes: Readonly<Record<string, string>>, said: Declarations) {
    this.#kind = kindOf(attributes, said) ?? (name === 'ol' ? 'decimal' : 'disc')
    this.#step = name === 'ol' && 'reversed' in attributes ? -1 : 1
    this.#next =
      (name === 'ol' ? wholeNumber(attributes['start']) : undefined) ??
      (this.#step === 1 ? 1 : undefined)
  }

  /** The mark of the next entry. */
  entry(attributes: Readonly<Record<string, string>>, said: Declarations): Mark {
    const before = this.#entries++
    const number = wholeNumber(attributes['value']) ?? this.#next
    const kind = kindOf(attributes, said) ?? this.#kind
    if (number !== undefined) this.#next = number + this.#step
    // Counted down from as many as there are.
    return number !== undefined
      ? markOf(kind, number)
      : { toString: () => markOf(kind, this.#entries - before) }
  }
}

function kindOf(
  attributes: Readonly<Record<string, string>>,
  said: Declarations
): string | undefined {
  const style = known.exec(
    said.get('list-style-type')?.value ?? said.get('list-style')?.value ?? ''
  )?.[1]
  const type = attributes['type']?.trim() ?? ''
  return style ?? kinds[type] ?? known.exec(type.toLowerCase())?.[1]
}

function wholeNumber(text: string | undefined): number | undefined {
  const digits = /^\s*([-+]?\d{1,9})/.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function markOf(kind: string, number: number): string {
  if (kind === 'none') return ''
  if (/^(disc|circle|square)$/.test(kind)) return BULLET
  const text = /alpha|latin/.test(kind)
    ? letters(number)
    : /roman/.test(kind)
      ? roman(number)
      : kind === 'decimal-leading-zero' && number >= 0
        ? String(number).padStart(2, '0')
        : String(number)
  return `${kind.startsWith('upper') ? text.toUpperCase() : text}. `
}

/** a to z, then aa: there is none below 1. */
function letters(number: number): string {
  let [text, left] = ['', number]
  for (; left > 0; left = Math.floor((left - 1) / 26))
    text = String.fromCharCode(97 + ((left - 1) % 26)) + text
  return text || String(number)
}

const romans: readonly (readonly [number, string])[] = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i']
]

/** As far as Roman numbers go: 1 to 3,999. */
export function roman(number: number): string {
  if (number < 1 || number > 3_999) return String(number)
  let [text, left] = ['', number]
  for (const [value, sign] of romans) for (; left >= value; left -= value) text += sign
  return text
}
