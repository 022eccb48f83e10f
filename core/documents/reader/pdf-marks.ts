import type { Box, Note, Word } from '../types.ts'
import type { Comparisons } from './comparisons.ts'

/** An annotation as far as its kind and place tell what it is. */
export interface Mark {
  readonly subtype: string
  readonly box: Box
  /** Boxes of the words that it is put on, where it is put on words. */
  readonly on: readonly Box[]
  readonly hasAppearance: boolean
}

/** Put on words, whose meaning they turn. */
const onWords: Readonly<Record<string, string>> = {
  StrikeOut: 'Struck out',
  Highlight: 'Highlighted',
  Underline: 'Underlined',
  Squiggly: 'Underlined with a wavy line',
  Redact: 'Marked to be blacked out'
}
/** Drawn, played or put in: what they say is in no word. */
const others: Readonly<Record<string, string>> = {
  Ink: 'Drawn by hand',
  Line: 'A line drawn on it',
  Square: 'A frame drawn on it',
  Circle: 'A circle drawn on it',
  Polygon: 'A shape drawn on it',
  PolyLine: 'A line drawn on it',
  Sound: 'A sound recording',
  Movie: 'A film',
  Screen: 'A film or sound',
  RichMedia: 'A film or sound',
  '3D': 'A model in three dimensions',
  FileAttachment: 'A file is pinned here'
}
/** Of a word's width, the share from which a mark is meant for it. */
const MEANT = 0.3
/** Letters of the words named with a mark; the rest is on the page. */
const NAMED_LETTERS = 500
/** Files pinned to a page are taken out and read in their own right. */
const readElsewhere = new Set(['FileAttachment'])

export const MARKED =
  'It has marks that somebody put on it, such as words struck out or drawings: look at the page.'

/**
 * The marks as notes that name them, with the words that they are put on. What a mark without
 * words of its own means, no machine tells.
 */
export function nameMarks(
  marks: readonly Mark[],
  words: readonly Word[],
  comparisons: Comparisons
): Note[] {
  return marks.flatMap((mark) => {
    const near = comparisons.take(words.length * Math.max(1, mark.on.length)) ? words : []
    const text = textOf(mark, near)
    return text
      ? [{ kind: mark.subtype, text: `[${text}]`, box: mark.box, mark: true as const }]
      : []
  })
}

/** True where a person has to look at what the marks are. */
export function marksNeedLooking(marks: readonly Mark[]): boolean {
  return marks.some((mark) => textOf(mark, []) && !readElsewhere.has(mark.subtype))
}

function textOf(mark: Mark, words: readonly Word[]): string | undefined {
  if (mark.subtype === 'Stamp') return mark.hasAppearance ? undefined : 'A stamp without a picture'
  const [put, drawn] = [onWords[mark.subtype], others[mark.subtype]]
  const places = mark.on.length > 0 ? mark.on : [mark.box]
  const under = words
    .filter(({ box }) => places.some((place) => isOn(place, box)))
    .map(({ text }) => text)
    .join(' ')
    .slice(0, NAMED_LETTERS)
  if (put) return under ? `${put}: ${under}` : `${put}: a place without typed words`
  return drawn && (under && drawn.endsWith('on it') ? `${drawn}, at: ${under}` : drawn)
}

/** The mark's middle is at the word's height, or the word's at the mark's. */
function isOn(mark: Box, word: Box): boolean {
  const [y, at] = [(mark[1] + mark[3]) / 2, (word[1] + word[3]) / 2]
  const level = (y >= word[1] && y <= word[3]) || (at >= mark[1] && at <= mark[3])
  const across = Math.min(mark[2], word[2]) - Math.max(mark[0], word[0])
  return level && across > 0 && across >= MEANT * (word[2] - word[0])
}
