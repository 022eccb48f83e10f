import type { Box } from '../types.ts'

/** An area filled in a colour that words show through. */
export interface Shade {
  readonly box: Box
}

interface Paint {
  readonly colour: string
  readonly alpha: number
  readonly multiplies: boolean
}

interface Filled extends Shade {
  /** Words were written on it, or what was there before shows through. */
  legible: boolean
}

/** Points of height of an area behind words of one line: print of five points, to headings. */
const [LEAST, MOST] = [5, 40]
/** From this much of light on grey is paper; word processors' lightest shading has 0xf2. */
const PAPER = 0xea
/** Between its channels, a difference from which light colour is none of paper. */
const TINT = 0x18
/** A marker lets more through. */
const OPAQUE = 0.9
const ROW = 32
/** Shades kept of a page, and how often letters are held against one. */
const [SHADES, LOOKS] = [5_000, 2_000_000]

/** The coloured areas of a page that stand behind words of a line. */
export class Shades {
  readonly #rows = new Map<number, Filled[]>()
  readonly #found: Filled[] = []
  #looks = LOOKS
  more = false

  add(box: Box, paint: Paint, scale: number): void {
    const high = (box[3] - box[1]) / scale
    if (high < LEAST || high > MOST || isPaper(paint)) return
    if (this.#found.length >= SHADES) {
      this.more = true
      return
    }
    const shade = { box, legible: paint.multiplies || paint.alpha < OPAQUE }
    this.#found.push(shade)
    for (let row = rowOf(box[1]); row <= rowOf(box[3]); row++) {
      const here = this.#rows.get(row)
      if (here) here.push(shade)
      else this.#rows.set(row, [shade])
    }
  }

  /** Letters are set along the middle of a box. */
  write([x0, y0, x1, y1]: Box): void {
    const y = (y0 + y1) / 2
    const here = this.#rows.get(rowOf(y)) ?? []
    this.#looks -= here.length
    if (this.#looks < 0) {
      this.more = true
      return
    }
    for (const shade of here)
      if (y >= shade.box[1] && y <= shade.box[3] && x0 <= shade.box[2] && x1 >= shade.box[0])
        shade.legible = true
  }

  legible(): Shade[] {
    return this.#found.filter(({ legible }) => legible)
  }
}

function rowOf(y: number): number {
  return Math.floor(y / ROW)
}

/** Red, green and blue, 0 to 255; undefined for what is no colour. */
export function channelsOf(colour: string): number[] | undefined {
  return /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})/i
    .exec(colour)
    ?.slice(1)
    .map((one) => Number.parseInt(one, 16))
}

function isPaper({ colour, alpha }: Paint): boolean {
  const channels = (channelsOf(colour) ?? [0, 0, 0]).map((one) => 255 - alpha * (255 - one))
  const [least, most] = [Math.min(...channels), Math.max(...channels)]
  return least > PAPER && most - least < TINT
}
