import type { Box, Word } from '../types.ts'
import { area, holds, middle, overlap } from './boxes.ts'
import { joinPieces, keepPieces, toPieces, type SpacedWord } from './pieces.ts'

interface Read {
  readonly words: readonly Word[]
  readonly text: string
}

/**
 * The words of a layer and, where it has none, those that OCR found: what stands higher on the page
 * comes first.
 */
export function mergeRead(layer: Read, found: Read): Read {
  const known = linesOf(layer.words)
  const others = keepPieces(
    toPieces(found.text, found.words),
    (word) => !known.some((line) => isIn(word.box, line))
  )
  const own = toPieces(layer.text, layer.words)
  if (own.length === 0 || others.length === 0) return joinPieces(own.length === 0 ? others : own)
  const [first, second] = heightOf(own) <= heightOf(others) ? [own, others] : [others, own]
  return joinPieces([
    ...first,
    ...second.map((piece, index) => (index === 0 ? { ...piece, before: '\n\n' } : piece))
  ])
}

/**
 * Boxes of the lines that words stand in. A layer tells where its runs of text begin and end, and
 * only about where its words do.
 */
function linesOf(words: readonly Word[]): Box[] {
  const lines: Box[] = []
  for (const { box } of words) {
    const last = lines.at(-1)
    const height = box[3] - box[1]
    const follows =
      last &&
      Math.abs(last[1] - box[1]) < height / 2 &&
      Math.abs(last[3] - box[3]) < height / 2 &&
      box[0] - last[2] < height * 2 &&
      box[2] >= last[2]
    if (follows)
      lines[lines.length - 1] = [
        last[0],
        Math.min(last[1], box[1]),
        box[2],
        Math.max(last[3], box[3])
      ]
    else lines.push(box)
  }
  return lines
}

/**
 * A word found by OCR is one of a line's where its middle lies in it; a letterhead under a small
 * stamp is not.
 */
function isIn(word: Box, [x0, y0, x1, y1]: Box): boolean {
  const by = (y1 - y0) * 0.3
  return (
    word[3] - word[1] < (y1 - y0) * 2.5 && holds([x0 - by, y0 - by, x1 + by, y1 + by], middle(word))
  )
}

/** Where half of the words are further up. */
function heightOf(pieces: readonly SpacedWord[]): number {
  return pieces.map(({ word }) => middle(word.box)[1]).sort((a, b) => a - b)[pieces.length >> 1]!
}

/** Words that OCR must be sure of, and under the layer's, before the layer is judged by them. */
const ENOUGH = 5

/**
 * How much of what OCR surely found under a layer's words the layer has too, 0 to 1; undefined
 * where OCR found too little to tell. Words of three letters and more, each looked for among the
 * layer's words that touch it.
 */
export function agreement(layer: Read, found: Read): number | undefined {
  let same = 0
  let all = 0
  for (const word of found.words) {
    const letters = comparable(word.text)
    if (word.confidence < 0.8 || letters.length < 3) continue
    const under = layer.words.filter(
      (known) => overlap(known.box, word.box) > 0.3 && area(known.box) > 0
    )
    if (under.length === 0) continue
    all++
    if (comparable(under.map(({ text }) => text).join('')).includes(letters)) same++
  }
  return all < ENOUGH ? undefined : same / all
}

function comparable(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}
