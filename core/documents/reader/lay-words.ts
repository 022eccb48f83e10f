import type { Box, Word } from '../types.ts'

/** Mean width of a letter of proportional fonts, in heights. */
const LETTER = 0.5
const LINE = 1.2

/**
 * Where the words of a text stand when it is written into a box, line by line: to a letter or two,
 * as fonts differ. `size` in pixels.
 */
export function layWords(
  text: string,
  [x0, y0, x1, y1]: Box,
  size?: number
): Pick<Word, 'text' | 'box' | 'confidence'>[] {
  const [width, height] = [Math.max(1, x1 - x0), Math.max(1, y1 - y0)]
  const letters = (at: number) => Math.max(1, Math.floor(width / (at * LETTER)))
  let letter = Math.min(size ?? height * 0.7, height)
  let lines = wrap(text, letters(letter))
  // What does not fit is written smaller, as viewers do.
  while (lines.length * letter * LINE > height * 1.05 && letter > 4)
    lines = wrap(text, letters((letter *= 0.85)))
  const step = Math.min(height / lines.length, letter * LINE)
  return lines.flatMap((line, row) => {
    const advance = Math.min(letter * LETTER, width / Math.max(1, line.length))
    return [...line.matchAll(/\S+/g)].map((match) => ({
      text: match[0],
      confidence: 1,
      box: [
        x0 + match.index * advance,
        y0 + row * step,
        x0 + (match.index + match[0].length) * advance,
        y0 + (row + 1) * step
      ].map(Math.round) as unknown as Box
    }))
  })
}

function wrap(text: string, letters: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = ['']
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      const last = lines.at(-1)!
      if (last && last.length + 1 + word.length > letters) lines.push(word)
      else lines[lines.length - 1] = last ? `${last} ${word}` : word
    }
    return lines
  })
}

/** Words of a field's value or a note, laid into its box. */
export function wordsIn(
  text: string,
  box: Box,
  from: NonNullable<Word['from']>,
  size?: number
): Word[] {
  return layWords(text, box, size).map((word) => ({ ...word, from }))
}
