import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { identity, multiply, type Matrix } from './page-content.ts'

/** As much of a font as says how its letters stand. */
export interface LetterFont {
  readonly fontMatrix?: readonly number[] | undefined
  readonly vertical?: boolean | undefined
}

interface TextState {
  readonly size: number
  readonly font: LetterFont
  readonly spacing: number
  readonly wordSpacing: number
  readonly stretch: number
  readonly leading: number
  readonly rise: number
}

const beginning: TextState = {
  size: 0,
  font: {},
  spacing: 0,
  wordSpacing: 0,
  stretch: 1,
  leading: 0,
  rise: 0
}
/** Share of a letter's size over the line at which small letters have ink. */
const MIDDLE = 0.3

/** Follows where the letters of a page stand, as its drawing sets them. */
export class TextPlace {
  #state = beginning
  readonly #saved: TextState[] = []
  #matrix: Matrix = identity
  #line: readonly [number, number] = [0, 0]
  #x = 0

  save(): void {
    this.#saved.push(this.#state)
  }

  restore(): void {
    this.#state = this.#saved.pop() ?? beginning
  }

  setFont(font: LetterFont, size: number): void {
    this.#state = { ...this.#state, font, size }
  }

  step(operation: number, args: unknown[] | undefined): void {
    const [first, second] = [Number(args?.[0]), Number(args?.[1])]
    if (operation === OPS.beginText) this.#begin(identity)
    else if (operation === OPS.setTextMatrix)
      this.#begin(Array.from(args?.[0] as ArrayLike<number>) as unknown as Matrix)
    else if (operation === OPS.moveText) this.#move(first, second)
    else if (operation === OPS.setLeadingMoveText) {
      this.#state = { ...this.#state, leading: second }
      this.#move(first, second)
    } else if (operation === OPS.nextLine) this.#move(0, this.#state.leading)
    else if (operation === OPS.setLeading) this.#state = { ...this.#state, leading: -first }
    else if (operation === OPS.setCharSpacing) this.#state = { ...this.#state, spacing: first }
    else if (operation === OPS.setWordSpacing) this.#state = { ...this.#state, wordSpacing: first }
    else if (operation === OPS.setHScale) this.#state = { ...this.#state, stretch: first / 100 }
    else if (operation === OPS.setTextRise) this.#state = { ...this.#state, rise: first }
  }

  /** Sets letters, and says where their middles lie: from, to, in the units of `view`'s inside. */
  show(glyphs: readonly unknown[], view: Matrix): readonly [Point, Point] {
    const { size, rise } = this.#state
    const inner = multiply(this.#matrix, view)
    const [from, y] = [this.#x, this.#line[1] + rise + MIDDLE * size]
    const long = this.#lengthOf(glyphs)
    if (this.#state.font.vertical) return [at(inner, from, y), at(inner, from, y - long)]
    this.#x += long
    return [at(inner, from, y), at(inner, this.#x, y)]
  }

  #lengthOf(glyphs: readonly unknown[]): number {
    const { size, font, spacing, wordSpacing, stretch } = this.#state
    const unit = size * (font.fontMatrix?.[0] ?? 0.001)
    let long = 0
    for (const glyph of glyphs) {
      if (typeof glyph === 'number') long -= (glyph * size) / 1000
      else {
        const { width = 0, isSpace } = (glyph ?? {}) as { width?: number; isSpace?: boolean }
        long += width * unit + spacing + (isSpace ? wordSpacing : 0)
      }
    }
    return long * stretch
  }

  #begin(matrix: Matrix): void {
    this.#matrix = matrix
    this.#line = [0, 0]
    this.#x = 0
  }

  #move(x: number, y: number): void {
    this.#line = [this.#line[0] + x, this.#line[1] + y]
    this.#x = this.#line[0]
  }
}

type Point = readonly [number, number]

function at([a, b, c, d, e, f]: Matrix, x: number, y: number): Point {
  return [a * x + c * y + e, b * x + d * y + f]
}
