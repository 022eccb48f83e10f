import type { Box, Note, Word } from '../types.ts'
import { joinPieces, keepPieces, toPieces } from './pieces.ts'
import type { TextLayer } from './pdf-text.ts'
import type { Raster } from './raster.ts'

/** Grey levels by which something in a word's box must differ: print does by 100 and more. */
const INK = 40

/**
 * Parts a layer's words into those that the page shows and, as a note, those that it does not: in
 * layers that are switched off, covered, or in the colour of the paper.
 */
export function splitHidden(
  { words, text }: TextLayer,
  raster: Raster
): { layer: TextLayer; note: Note | undefined } {
  const shown = new Set(words.filter((word) => isTiny(word) || hasInk(word, raster)))
  if (shown.size === words.length) return { layer: { words, text }, note: undefined }
  const pieces = toPieces(text, words)
  const hidden = joinPieces(keepPieces(pieces, (word) => !shown.has(word)))
  return {
    layer: joinPieces(keepPieces(pieces, (word) => shown.has(word))),
    note: hiddenNote(hidden.text, hidden.words[0]!.box)
  }
}

/** A note of words that the page has and does not show. */
export function hiddenNote(text: string, box: Box): Note {
  return { kind: 'HiddenLayer', text, box, hidden: true }
}

/** Points, dashes and letters of no size tell nothing of what lies over them. */
function isTiny({ text, box: [x0, y0, x1, y1] }: Word): boolean {
  return !/[\p{L}\p{N}]/u.test(text) || x1 - x0 < 4 || y1 - y0 < 4
}

function hasInk({ box: [x0, y0, x1, y1] }: Word, { data, width, height }: Raster): boolean {
  let [darkest, lightest] = [255, 0]
  // Small letters stand in the middle; what hides a word need not reach its box's edge.
  const [top, bottom] = [Math.floor(y0 + (y1 - y0) * 0.3), Math.ceil(y1 - (y1 - y0) * 0.1)]
  for (let y = Math.max(0, top); y < Math.min(height, Math.max(bottom, top + 1)); y++) {
    for (let x = Math.max(0, x0); x < Math.min(width, Math.max(x1, x0 + 1)); x++) {
      const value = data[y * width + x]!
      darkest = Math.min(darkest, value)
      lightest = Math.max(lightest, value)
    }
  }
  return lightest - darkest >= INK
}
