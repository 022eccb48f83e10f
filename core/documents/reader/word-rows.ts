/** A page's words as they stand in rows, so that each is held against its neighbours alone. */
import type { Box, Word } from '../types.ts'
import type { Comparisons } from './comparisons.ts'

/** Of letters or figures, and lying level. */
export function isLevelWord({ text, box: [x0, y0, x1, y1] }: Word): boolean {
  return /[\p{L}\p{N}]/u.test(text) && y1 - y0 > 3 && y1 - y0 < (x1 - x0 + 12) * 2
}

/** Share of a word's height by which feet of one row may differ. */
const LEVEL = 0.4

/** Words by the line they stand on, from the top; each row from the left. */
export function rowsOf(words: readonly Word[]): Word[][] {
  const rows: Word[][] = []
  let foot = -Infinity
  for (const word of words.toSorted((a, b) => a.box[3] - b.box[3])) {
    const [, y0, , y1] = word.box
    const row = rows.at(-1)
    if (row && y1 - foot <= LEVEL * (y1 - y0)) row.push(word)
    else {
      rows.push([word])
      foot = y1
    }
  }
  for (const row of rows) row.sort((a, b) => a.box[0] - b.box[0])
  return rows
}

const CELL = 100

/** Finds the words near a place. */
export class Nearness {
  readonly #cells = new Map<string, Word[]>()
  readonly #comparisons: Comparisons

  constructor(words: readonly Word[], comparisons: Comparisons) {
    this.#comparisons = comparisons
    for (const word of words.filter(isLevelWord))
      for (const key of keysOf(word.box)) {
        const cell = this.#cells.get(key)
        if (cell) cell.push(word)
        else this.#cells.set(key, [word])
      }
  }

  /** The nearest word to a point, no farther from it than `heights` of its own height. */
  near([x, y]: readonly [number, number], heights: number): Word | undefined {
    let best: { word: Word; by: number } | undefined
    for (const word of this.#around(x, y)) {
      const [x0, y0, x1, y1] = word.box
      const by = Math.hypot(Math.max(x0 - x, x - x1, 0), Math.max(y0 - y, y - y1, 0))
      if (by <= heights * (y1 - y0) && (!best || by < best.by)) best = { word, by }
    }
    return best?.word
  }

  #around(x: number, y: number): Word[] {
    const keys = keysOf([x - CELL / 2, y - CELL / 2, x + CELL / 2, y + CELL / 2])
    const cells = keys.map((key) => this.#cells.get(key) ?? [])
    const count = cells.reduce((sum, cell) => sum + cell.length, 1)
    return this.#comparisons.take(count) ? cells.flat() : []
  }
}

/** Cells of a box; of one wider than any word's, the first. */
function keysOf([x0, y0, x1, y1]: Box): string[] {
  const keys: string[] = []
  for (let x = Math.floor(x0 / CELL); x <= Math.floor(x1 / CELL) && keys.length < 100; x++)
    for (let y = Math.floor(y0 / CELL); y <= Math.floor(y1 / CELL) && keys.length < 100; y++)
      keys.push(`${x}:${y}`)
  return keys
}
