import type { Box, Word } from '../types.ts'
import { around } from './boxes.ts'
import { findMarks, type Marks } from './blank.ts'
import type { Raster } from './raster.ts'

export interface Uncovered {
  /** Marked cells under a picture that no word lies over. */
  readonly cells: number
  /** Their share of all marked cells of the page, 0 to 1. */
  readonly share: number
  /** Around them, in pixels; undefined where there are none. */
  readonly box: Box | undefined
}

/** What of a page's pictures has something on it that the words do not cover. */
export async function findUncovered(
  raster: Raster,
  pictures: readonly Box[],
  words: readonly Word[]
): Promise<Uncovered> {
  const marks = await findMarks(raster)
  const state = new Uint8Array(marks.cells.length)
  for (const box of pictures) fill(state, marks, box, 1)
  // A word covers its line's height and the gaps beside it: boxes of layers are often a little off.
  for (const { box } of words) fill(state, marks, grown(box), 0)
  const found: number[] = []
  let marked = 0
  for (const [at, cell] of marks.cells.entries()) {
    marked += cell
    if (cell && state[at]) found.push(at)
  }
  return {
    cells: found.length,
    share: marked === 0 ? 0 : found.length / marked,
    box: found.length > 0 ? boxOf(found, marks) : undefined
  }
}

/** The marks without those that words lie over. */
export function uncoveredBy(marks: Marks, words: readonly Pick<Word, 'box'>[]): Marks {
  const cells = marks.cells.slice()
  for (const { box } of words) fill(cells, marks, grown(box), 0)
  return { ...marks, cells }
}

/** How many marked cells lie in a box. */
export function cellsIn({ cells, columns, side }: Marks, [x0, y0, x1, y1]: Box): number {
  const rows = cells.length / columns
  let sum = 0
  for (let y = clip(Math.floor(y0 / side), rows); y < clip(Math.ceil(y1 / side), rows); y++)
    for (let x = clip(Math.floor(x0 / side), columns); x < clip(Math.ceil(x1 / side), columns); x++)
      sum += cells[y * columns + x]!
  return sum
}

function grown([x0, y0, x1, y1]: Box): Box {
  const by = Math.min(Math.abs(y1 - y0), Math.abs(x1 - x0)) * 0.2
  return [x0 - by, y0 - by, x1 + by, y1 + by]
}

function clip(at: number, end: number): number {
  return Math.min(end, Math.max(0, at))
}

function fill(
  state: Uint8Array,
  { columns, side }: Marks,
  [x0, y0, x1, y1]: Box,
  value: 0 | 1
): void {
  const rows = state.length / columns
  const [left, right] = [clip(Math.floor(x0 / side), columns), clip(Math.ceil(x1 / side), columns)]
  const [top, bottom] = [clip(Math.floor(y0 / side), rows), clip(Math.ceil(y1 / side), rows)]
  for (let row = top; row < bottom; row++)
    state.fill(value, row * columns + left, row * columns + right)
}

function boxOf(cells: readonly number[], { columns, side }: Marks): Box {
  return around(
    cells.flatMap((at) => {
      const [column, row] = [at % columns, Math.floor(at / columns)]
      return [
        [column * side, row * side],
        [(column + 1) * side, (row + 1) * side]
      ] as const
    })
  )
}

/**
 * The share of a page that pictures take, each place counted once, in steps of 1/64 of its sides.
 */
export function pictureShare(
  pictures: readonly Box[],
  words: readonly Word[],
  { width, height }: { readonly width: number; readonly height: number }
): number {
  const steps = 64
  const [x, y] = [steps / width, steps / height]
  const state = new Uint8Array(steps * steps)
  const grid = { cells: state, columns: steps, side: 1 }
  const scaled = ([x0, y0, x1, y1]: Box): Box => [x0 * x, y0 * y, x1 * x, y1 * y]
  for (const box of pictures) fill(state, grid, scaled(box), 1)
  for (const { box } of words) fill(state, grid, scaled(grown(box)), 0)
  return state.reduce((sum, cell) => sum + cell, 0) / state.length
}
