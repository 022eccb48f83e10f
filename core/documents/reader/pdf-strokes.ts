import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { Box } from '../types.ts'
import { around } from './boxes.ts'
import type { Matrix } from './page-content.ts'

type Point = readonly [number, number]

/** A line as the page draws it, in pixels: curves by three points each. */
export interface Stroke {
  readonly points: readonly Point[]
  /** How many of its pieces are curves. */
  readonly curves: number
  readonly box: Box
  /** It is drawn as a line; else filled, thin enough to be one. */
  readonly stroked: boolean
  readonly closed: boolean
}

const strokes = new Set<number>([
  OPS.stroke,
  OPS.closeStroke,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke
])
const fills = new Set<number>([OPS.fill, OPS.eoFill])
const unfilled = new Set<number>([OPS.stroke, OPS.closeStroke])
/** Numbers that follow each step of a path: move, line, curve, shorter curve, close. */
const OPERANDS = [2, 2, 6, 4, 0] as const
/** Points of all lines of a page; a plan of a building has 50,000, and of more it is said. */
const MOST_POINTS = 200_000

/** Points of height up to which a filled area may be a line. */
export const THIN = 3
/** Points of the longest side of an arrow's head. */
export const HEAD = 16

/** Takes paths apart into lines. */
export class Strokes {
  readonly found: Stroke[] = []
  /** Filled triangles as they stand at the ends of arrows. */
  readonly heads: Box[] = []
  /** Shapes of seven corners, as arrows have that are drawn by their outline. */
  readonly arrows: Box[] = []
  /** There were more than are looked at. */
  more = false
  #points = 0

  /** `path` is pdfjs's: a step, its operands, the next step. */
  add(operation: number, path: ArrayLike<number>, matrix: Matrix, scale: number): void {
    const stroked = strokes.has(operation)
    if (!stroked && !fills.has(operation)) return
    // Half of a path's numbers at most are points, and a curve is kept as three.
    if (this.#points + path.length / 2 > MOST_POINTS) {
      this.more = true
      return
    }
    this.#points += path.length / 2
    for (const one of subpaths(path, matrix)) {
      const box = around(one.points)
      const sides = [box[2] - box[0], box[3] - box[1]]
      const least = Math.min(...sides)
      if (stroked || least <= THIN * scale) this.found.push({ ...one, box, stroked })
      const filled = !unfilled.has(operation)
      if (one.curves > 0 || least < scale || !(filled || one.closed)) continue
      const corners = cornersOf(one.points)
      if (corners === 7) this.arrows.push(box)
      else if (corners === 3 && filled && Math.max(...sides) <= HEAD * scale) this.heads.push(box)
    }
  }
}

function subpaths(
  path: ArrayLike<number>,
  [a, b, c, d, e, f]: Matrix
): { points: Point[]; curves: number; closed: boolean }[] {
  const all: { points: Point[]; curves: number; closed: boolean }[] = []
  for (let at = 0; at < path.length;) {
    const step = path[at]!
    const count = OPERANDS[step]
    if (count === undefined) break
    const last = all.at(-1)
    if (step === 4 && last) last.closed = true
    else if (count > 0) {
      const given = Array.from({ length: count / 2 }, (_, n): Point => {
        const [x, y] = [path[at + 1 + n * 2]!, path[at + 2 + n * 2]!]
        return [a * x + c * y + e, b * x + d * y + f]
      })
      if (step === 0 || !last || last.closed)
        all.push({ points: [given.at(-1)!], curves: 0, closed: false })
      else if (step === 2) {
        last.points.push(...curve(last.points.at(-1)!, given as [Point, Point, Point]))
        last.curves += 1
      } else last.points.push(given.at(-1)!)
    }
    at += 1 + count
  }
  return all.filter(({ points }) => points.length > 1)
}

function cornersOf(points: readonly Point[]): number {
  const [[x0, y0], [x1, y1]] = [points[0]!, points.at(-1)!]
  return points.length - (Math.hypot(x0 - x1, y0 - y1) < 0.5 ? 1 : 0)
}

/** Points at a third, two thirds and the end of a curve of Bézier's. */
function curve(from: Point, [first, second, to]: readonly [Point, Point, Point]): Point[] {
  const at = (t: number): Point => {
    const [u, v] = [1 - t, t]
    const [k0, k1, k2, k3] = [u * u * u, 3 * u * u * v, 3 * u * v * v, v * v * v]
    return [
      k0 * from[0] + k1 * first[0] + k2 * second[0] + k3 * to[0],
      k0 * from[1] + k1 * first[1] + k2 * second[1] + k3 * to[1]
    ]
  }
  return [at(1 / 3), at(2 / 3), to]
}
