/** Words of a layer that something else lies on. */
import type { Box, Word } from '../types.ts'
import { holds, middle } from './boxes.ts'
import type { Comparisons } from './comparisons.ts'

export const OVERWRITTEN = 'It has words written over other words: look at which of them it shows.'
export const UNSEEN =
  'It has words that are not seen on it, covered, beyond its edges or in the colour of the paper, which were left out.'

/** True where an area was filled where words are, or where that is too much to tell. */
export function areCovered(
  words: readonly Word[],
  covers: readonly Box[],
  comparisons: Comparisons
): boolean {
  const middles = words.map(({ box }) => middle(box))
  return covers.some(
    (cover) => !comparisons.take(words.length) || middles.some((at) => holds(cover, at))
  )
}

export const TINY = 'It has words too small to be read on it, which are in its text.'

/** Height in points under which letters are for nobody's eyes; print of contracts has five. */
const SMALLEST = 2

/** True where words are set too small to be seen. */
export function areTiny(words: readonly Word[], scale: number): boolean {
  return words.some(
    ({ text, box: [, y0, , y1] }) => /\p{L}{2}/u.test(text) && y1 - y0 < SMALLEST * scale
  )
}

const ROW = 24
/** A choice typed over the form's brackets. */
const CROSS = /^[xX×✓✔✗✘✕•*]$/

/** True where a cross was typed between the brackets of a box that was empty. */
export function areBoxesFilled(words: readonly Word[], comparisons: Comparisons): boolean {
  const brackets = words.filter(({ text }) => /^(\[|\(|\[_*\]|\(_*\))/.test(text))
  return words
    .filter(({ text }) => CROSS.test(text))
    .some(({ box }) => {
      const [x, y] = middle(box)
      const high = box[3] - box[1]
      return (
        comparisons.take(brackets.length) &&
        brackets.some(
          ({ box: [x0, y0, , y1] }) =>
            y > y0 - high * 0.5 && y < y1 + high * 0.5 && x > x0 && x < x0 + 1.5 * (y1 - y0)
        )
      )
    })
}

/** True where a word stands on another that says something else. */
export function areOverwritten(words: readonly Word[], comparisons: Comparisons): boolean {
  const rows = new Map<number, Word[]>()
  for (const word of words) {
    if (!/[\p{L}\p{N}]{3}/u.test(word.text)) continue
    const row = Math.floor(middle(word.box)[1] / ROW)
    for (const at of [row - 1, row, row + 1]) {
      const others = rows.get(at) ?? []
      if (!comparisons.take(others.length)) return false
      if (others.some((other) => isOver(word, other))) return true
    }
    const here = rows.get(row)
    if (here) here.push(word)
    else rows.set(row, [word])
  }
  return false
}

/** By most of both, letters of one height, and not the same letters printed twice to be bold. */
function isOver({ text, box }: Word, { text: otherText, box: other }: Word): boolean {
  const across = Math.min(box[2], other[2]) - Math.max(box[0], other[0])
  if (across <= 0) return false
  const high = box[3] - box[1]
  if (high < 4 || Math.abs(high - (other[3] - other[1])) > high * 0.4) return false
  const down = Math.min(box[3], other[3]) - Math.max(box[1], other[1])
  return (
    across > Math.min(box[2] - box[0], other[2] - other[0]) * 0.6 &&
    down > high * 0.6 &&
    !text.includes(otherText) &&
    !otherText.includes(text)
  )
}
