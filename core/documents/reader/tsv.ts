import { limits } from '../limits.ts'
import type { Box, Word } from '../types.ts'

export interface Recognised {
  readonly words: readonly Word[]
  readonly text: string
  /** Mean of the words' confidence by their length, 0 to 1. */
  readonly confidence: number
}

export const nothing: Recognised = { words: [], text: '', confidence: 0 }

/**
 * Tesseract's TSV (level, page, block, paragraph, line, word, left, top, width, height, confidence,
 * text) as words and text.
 */
export function readTsv(tsv: string): Recognised {
  const words: Word[] = []
  let text = ''
  let last: string[] = []
  for (const row of tsv.split('\n')) {
    const cells = row.split('\t')
    const content = cells[11]?.trim()
    if (cells[0] !== '5' || !content || words.length >= limits.wordsPerPage) continue
    text += gap(last, cells) + content
    last = cells
    const [left, top, width, height] = cells.slice(6, 10).map(Number) as [
      number,
      number,
      number,
      number
    ]
    words.push({
      text: content,
      confidence: Math.min(1, Math.max(0, Number(cells[10]) / 100)),
      box: [left, top, left + width, top + height]
    })
  }
  return withoutBars({ words, text, confidence: meanConfidence(words) })
}

/**
 * The one bar of a line, at its start and before a small letter, is an I: tesseract takes the one
 * for the other in fonts without serifs.
 */
const bar = /^\|(?= \p{Ll}[^|\n]*$)/gmu

function withoutBars({ words, text, confidence }: Recognised): Recognised {
  let at = 0
  const mended = text.replace(bar, 'I')
  if (mended === text) return { words, text, confidence }
  return {
    text: mended,
    confidence,
    words: words.map((word) => {
      at = text.indexOf(word.text, at)
      const here = mended.slice(at, (at += word.text.length))
      return here === word.text ? word : { ...word, text: here }
    })
  }
}

/**
 * What stands between two words: a space, a new line, or an empty line where block or paragraph
 * change.
 */
function gap(before: readonly string[], after: readonly string[]): string {
  if (before.length === 0) return ''
  if (before[2] !== after[2] || before[3] !== after[3]) return '\n\n'
  return before[4] === after[4] ? ' ' : '\n'
}

export function meanConfidence(words: readonly Word[]): number {
  let sum = 0
  let length = 0
  for (const word of words) {
    sum += word.confidence * word.text.length
    length += word.text.length
  }
  return length === 0 ? 0 : sum / length
}

/** The same words on a picture `x` times as wide and `y` times as high. */
export function scaleWords(found: Recognised, x: number, y: number): Recognised {
  const scaled = ([x0, y0, x1, y1]: Box): Box => [
    Math.round(x0 * x),
    Math.round(y0 * y),
    Math.round(x1 * x),
    Math.round(y1 * y)
  ]
  return { ...found, words: found.words.map((word) => ({ ...word, box: scaled(word.box) })) }
}
