/** Lines that lead from some words to others: with a head, or leaning from one to another. */
import type { Box, Note, Word } from '../types.ts'
import type { Comparisons } from './comparisons.ts'
import { drawnNote, WRITINGS } from './drawn-over.ts'
import { HEAD, type Stroke } from './pdf-strokes.ts'
import { Nearness } from './word-rows.ts'

type Point = readonly [number, number]

interface Page {
  readonly words: readonly Word[]
  readonly strokes: readonly Stroke[]
  readonly heads: readonly Box[]
  readonly arrows: readonly Box[]
  readonly scale: number
  readonly comparisons: Comparisons
}

/** Heights of a word within which a line leads to it, with a head and without. */
const [HEADED, BARE] = [1.5, 0.8]
/** Points of length from which a line leads somewhere. */
const [LEAST_ARROW, LEAST_LINE] = [12, 24]
/** Points of a line drawn by hand at once; a chart's has more. */
const [CORNERS, CURVES] = [4, 5]

/** Notes that name what the lines lead to. */
export function nameArrows(page: Page): Note[] {
  const { strokes, arrows, scale } = page
  const shafts = strokes.filter((one) => isShaft(one, scale))
  if (shafts.length + arrows.length === 0) return []
  const nearness = new Nearness(page.words, page.comparisons)
  const heads = new Heads(page)
  const lines = shafts.flatMap((one) => led(one, { scale, nearness, heads }))
  return [...lines, ...arrows.flatMap((box) => pointed(box, nearness))].slice(0, WRITINGS)
}

function isShaft({ points, curves, stroked, closed, box }: Stroke, scale: number): boolean {
  const long = Math.hypot(box[2] - box[0], box[3] - box[1]) / scale
  return (
    stroked &&
    !closed &&
    long >= LEAST_ARROW &&
    curves <= CURVES &&
    points.length <= CORNERS + curves * 3
  )
}

interface Around {
  readonly scale: number
  readonly nearness: Nearness
  readonly heads: Heads
}

function led({ points }: Stroke, { scale, nearness, heads }: Around): Note[] {
  for (const line of [points, points.toReversed()]) {
    const { tail, before, tip, hooked } = endsOf(line, scale)
    const to = nearness.near(tip, HEADED)
    if (!to || !(hooked || heads.stand(tip, before))) continue
    const from = nearness.near(tail, HEADED)
    return [drawnNote('An arrow is drawn, to', from && from !== to ? [from, to] : [to])]
  }
  const [tail, tip] = [points[0]!, points.at(-1)!]
  if (!leans(tail, tip, scale)) return []
  const [from, to] = [nearness.near(tail, BARE), nearness.near(tip, BARE)]
  return from && to && from !== to ? [drawnNote('A line is drawn between', [from, to])] : []
}

/** Where a line begins and leads to; one that runs back a little at its end is hooked there. */
function endsOf(points: readonly Point[], scale: number) {
  const [last, tip, before] = [points.at(-1)!, points.at(-2)!, points.at(-3)]
  const hooked =
    before !== undefined &&
    distance(last, tip) <= HEAD * scale &&
    distance(last, tip) * 2 <= distance(tip, before) &&
    runsBack(last, tip, before)
  return hooked
    ? { tail: points[0]!, before, tip, hooked }
    : { tail: points[0]!, before: tip, tip: last, hooked }
}

function leans([x0, y0]: Point, [x1, y1]: Point, scale: number): boolean {
  const [wide, high] = [Math.abs(x1 - x0), Math.abs(y1 - y0)]
  return Math.hypot(wide, high) >= LEAST_LINE * scale && high > 0.06 * wide && wide > 0.06 * high
}

function distance([x0, y0]: Point, [x1, y1]: Point): number {
  return Math.hypot(x0 - x1, y0 - y1)
}

/** Whether a point lies beside the line that came to a tip: 8 to 70 degrees off it. */
function runsBack(point: Point, tip: Point, before: Point): boolean {
  const [ax, ay] = [point[0] - tip[0], point[1] - tip[1]]
  const [bx, by] = [before[0] - tip[0], before[1] - tip[1]]
  const cosine = (ax * bx + ay * by) / (Math.hypot(ax, ay) * Math.hypot(bx, by))
  return cosine >= 0.34 && cosine <= 0.99
}

/** Heads of arrows by where they may stand. */
class Heads {
  readonly #cells = new Map<string, Point[]>()
  readonly #side: number
  readonly #comparisons: Comparisons

  constructor({ heads, strokes, scale, comparisons }: Page) {
    this.#side = 3 * scale
    this.#comparisons = comparisons
    // A filled head is at the line's end by any of its sides.
    for (const [x0, y0, x1, y1] of heads)
      for (let x = x0; x <= x1 + this.#side; x += this.#side)
        for (let y = y0; y <= y1 + this.#side; y += this.#side) this.#note([x, y], [])
    for (const { points, curves, stroked, box } of strokes) {
      const long = Math.max(box[2] - box[0], box[3] - box[1]) / scale
      if (!stroked || curves > 0 || points.length > 3 || long > HEAD || long < 2) continue
      const [one, two, three] = points
      if (three) this.#note(two!, [one!, three])
      else
        for (const [at, to] of [[one!, two!] as const, [two!, one!] as const]) this.#note(at, [to])
    }
  }

  #note([x, y]: Point, barbs: readonly Point[]): void {
    const key = this.#keyOf(x, y)
    const cell = this.#cells.get(key) ?? []
    cell.push(...(barbs.length > 0 ? barbs : [filled]))
    this.#cells.set(key, cell)
  }

  #keyOf(x: number, y: number): string {
    return `${Math.round(x / this.#side)}:${Math.round(y / this.#side)}`
  }

  /** Whether one stands at a tip that a line came to: filled, or two short lines that run back. */
  stand(tip: Point, before: Point): boolean {
    const cells = steps.map(
      ([dx, dy]) =>
        this.#cells.get(this.#keyOf(tip[0] + dx * this.#side, tip[1] + dy * this.#side)) ?? []
    )
    const count = cells.reduce((sum, cell) => sum + cell.length, 1)
    if (!this.#comparisons.take(count)) return false
    const near = cells.flat()
    if (near.includes(filled)) return true
    return near.filter((barb) => runsBack(barb, tip, before)).length >= 2
  }
}

/** A cell and those around it. */
const steps = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy] as const))

/** Stands for a head that is filled. */
const filled: Point = [Number.NaN, Number.NaN]

/** The words on both sides of an arrow drawn by its outline. */
function pointed([x0, y0, x1, y1]: Box, nearness: Nearness): Note[] {
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2]
  const level = x1 - x0 > y1 - y0
  const sides: readonly Point[] = level
    ? [
        [x0, y],
        [x1, y]
      ]
    : [
        [x, y0],
        [x, y1]
      ]
  const words = sides.flatMap((side) => nearness.near(side, HEADED) ?? [])
  return words.length > 0 ? [drawnNote('An arrow is drawn at', words)] : []
}
