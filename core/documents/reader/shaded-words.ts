/** Words that stand on a colour of their own, as under a marker, beside others that do not. */
import type { Box, Note, Word } from '../types.ts'
import { middle } from './boxes.ts'
import type { Comparisons } from './comparisons.ts'
import { drawnNote, WRITINGS } from './drawn-over.ts'
import type { Shade } from './shades.ts'
import { isLevelWord, rowsOf } from './word-rows.ts'

/**
 * In heights of its letters: how far the colour reaches beside and over or under its words. Cells
 * of tables and headings are wider, or filled by their words by chance.
 */
const BESIDE = 0.6
const OVER = 0.7
/** In heights of its letters: how far off the nearest other word of the line is. */
const FAR = 6

/** Notes that name the words. */
export function nameShaded(
  words: readonly Word[],
  shades: readonly Shade[],
  comparisons: Comparisons
): Note[] {
  if (shades.length === 0) return []
  const rows = rowsOf(words.filter(isLevelWord))
  const shaded = rows.flatMap((row) => {
    const near = shades.filter(({ box }) => meets(box, row[0]!.box))
    const marked = comparisons.take(shades.length + near.length * row.length)
      ? row.filter((word) => near.some(({ box }) => isOn(word, box)))
      : []
    return near.map(({ box }) => tightWords(box, row, marked)).filter((some) => some.length > 0)
  })
  return shaded.slice(0, WRITINGS).map((some) => drawnNote('Words on a colour of their own', some))
}

function meets([, top, , bottom]: Box, [, y0, , y1]: Box): boolean {
  return top < y1 && bottom > y0
}

function isOn({ box }: Word, [x0, y0, x1, y1]: Box): boolean {
  const [x, y] = middle(box)
  return x >= x0 && x <= x1 && y >= y0 && y <= y1
}

/** The words of a row that a colour fits closely; none where the row has no other near them. */
function tightWords(shade: Box, row: readonly Word[], marked: readonly Word[]): Word[] {
  const inside = marked.filter((word) => isOn(word, shade))
  if (inside.length === 0) return []
  const [left, top, , foot] = inside[0]!.box
  const right = inside.at(-1)!.box[2]
  const high = foot - top
  const fits =
    Math.abs(left - shade[0]) <= BESIDE * high &&
    Math.abs(shade[2] - right) <= BESIDE * high &&
    top - shade[1] <= OVER * high &&
    shade[3] - foot <= OVER * high
  const other = row.some(
    (word) =>
      !marked.includes(word) &&
      Math.max(shade[0] - word.box[2], word.box[0] - shade[2]) <= FAR * high
  )
  return fits && other ? inside : []
}
