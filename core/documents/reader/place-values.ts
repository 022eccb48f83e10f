import { limits } from '../limits.ts'
import type { Box, Field, Note, Word } from '../types.ts'
import { holds, middle } from './boxes.ts'
import { joinPieces, toPieces, type SpacedWord } from './pieces.ts'
import { wordsIn } from './lay-words.ts'

interface Read {
  readonly words: readonly Word[]
  readonly text: string
}

/**
 * A page's text with the values of its form where they stand, beside or under their labels, and its
 * comments after it.
 */
export function withValues(
  read: Read,
  fields: readonly Field[],
  notes: readonly Note[]
): { words: Word[]; text: string } {
  const pieces = toPieces(read.text, read.words)
  const placed = fields
    .filter((field) => field.value && !field.hidden && !isPrinted(field, pieces))
    .toSorted((a, b) => a.box[1] - b.box[1] || a.box[0] - b.box[0])
  const at = new Map<number, SpacedWord[]>()
  const after: SpacedWord[] = []
  const ticksAhead = new Set<number>()
  for (const field of placed) {
    const { index, before, ahead } = positionOf(field, pieces)
    if (ahead && index !== undefined) ticksAhead.add(index)
    const own = index === undefined ? after : (at.get(index) ?? [])
    own.push(...piecesOf(field, index === undefined ? labelOf(field) : '', before, pieces))
    if (index !== undefined) at.set(index, own)
  }
  const text = pieces.flatMap((piece, index) => [
    ...(at.get(index) ?? []),
    ticksAhead.has(index) ? { ...piece, before: ' ' } : piece
  ])
  return bounded([
    ...text,
    ...(at.get(pieces.length) ?? []),
    ...after,
    ...notes.filter(({ hidden }) => !hidden).flatMap((note) => notePieces(note, pieces))
  ])
}

/**
 * As many words as are kept of a page; with the bounds of annotations only a page that is full
 * already passes it.
 */
function bounded(pieces: readonly SpacedWord[]): { words: Word[]; text: string } {
  const { words, text } = joinPieces(pieces)
  return { words: words.slice(0, limits.wordsPerPage), text: text.slice(0, limits.textCharacters) }
}

/** A value that the page prints as well, as some programs do: it is not said twice. */
function isPrinted({ value, box }: Field, pieces: readonly SpacedWord[]): boolean {
  const under = pieces
    .filter(({ word }) => holds(box, middle(word.box)))
    .map(({ word }) => word.text)
    .join('')
  return under !== '' && under.includes(value.replace(/\s/g, ''))
}

interface ValuePosition {
  /** Before which piece; undefined where no label is near. */
  readonly index: number | undefined
  readonly before: string
  /** It stands before its label, which then follows on the same line. */
  readonly ahead?: boolean
}

function positionOf(field: Field, pieces: readonly SpacedWord[]): ValuePosition {
  const box = field.type === 'checkbox' || field.type === 'radio' ? field.box : firstLine(field)
  const left = nearest(pieces, (word) =>
    isLevel(word, box) && word[2] <= box[0] + 4 ? box[0] - word[2] : undefined
  )
  const right = nearest(pieces, (word) =>
    isLevel(word, box) && word[0] >= box[2] - 4 ? word[0] - box[2] : undefined
  )
  if (field.type === 'checkbox' || field.type === 'radio') {
    if (right && (!left || right.gap <= left.gap))
      return { index: right.index, before: pieces[right.index]!.before, ahead: true }
    return left ? { index: left.index + 1, before: ' ' } : { index: undefined, before: '\n' }
  }
  if (left) return { index: left.index + 1, before: ' ' }
  const height = box[3] - box[1]
  const over = nearest(pieces, (word) =>
    word[3] <= box[1] + height * 0.3 &&
    box[1] - word[3] < height * 1.5 &&
    word[0] < box[2] &&
    word[2] > box[0]
      ? Math.abs(word[0] - box[0]) + box[1] - word[3]
      : undefined
  )
  return over
    ? { index: lineEnd(pieces, over.index) + 1, before: '\n' }
    : { index: undefined, before: '\n' }
}

function firstLine({ box, size, value }: Field): Box {
  const [x0, y0, x1, y1] = wordsIn(value, box, 'field', size)[0]?.box ?? box
  return value.includes('\n') || y1 - y0 < (box[3] - box[1]) / 2 ? [x0, y0, x1, y1] : box
}

function isLevel(word: Box, box: Box): boolean {
  const y = middle(word)[1]
  return y >= box[1] - 2 && y <= box[3] + 2
}

/**
 * The piece with the smallest gap. A label is near: within four inches at the resolution pages are
 * drawn with.
 */
const FAR = 800

function nearest(
  pieces: readonly SpacedWord[],
  gapTo: (box: Box) => number | undefined
): { index: number; gap: number } | undefined {
  let best: { index: number; gap: number } | undefined
  for (const [index, { word }] of pieces.entries()) {
    const gap = gapTo(word.box)
    if (gap !== undefined && gap < FAR && (!best || gap < best.gap)) best = { index, gap }
  }
  return best
}

function lineEnd(pieces: readonly SpacedWord[], index: number): number {
  let end = index
  while (
    pieces[end + 1] &&
    !pieces[end + 1]!.before.includes('\n') &&
    isLevel(pieces[end + 1]!.word.box, pieces[end]!.word.box)
  )
    end++
  return end
}

/** Values of boxes that say no more than that they are ticked. */
const ticked = /^(yes|on|true|x|\d{1,3}|checked|choice\d*|value\d*|auswahl\d*|ja|oui|sí|si)$/i
/** Names that programs give to fields. */
const nameless =
  /^(text ?(field|box)?|check ?box|undefined|fill|field|group|radio ?button|untitled|combo|dropdown|signature|topmostsubform)?[\s_]*[\d_.]*$/i

function piecesOf(
  field: Field,
  label: string,
  before: string,
  pieces: readonly SpacedWord[]
): SpacedWord[] {
  const { value, box, size } = field
  if (field.type !== 'checkbox' && field.type !== 'radio')
    return spaced(
      wordsIn(value, box, 'field', size),
      label ? [labelWords(label, box), '\n'] : [[], before]
    )
  const says = ticked.test(value) || isNear(value, box, pieces) ? [] : wordsIn(value, box, 'field')
  const tick: Word = { text: '[x]', confidence: 1, box, from: 'field' }
  return spaced([tick, ...says], label ? [labelWords(label, box), '\n'] : [[], before])
}

/** The label printed beside it says the same. */
function isNear(value: string, box: Box, pieces: readonly SpacedWord[]): boolean {
  const line = pieces
    .filter(({ word }) => isLevel(word.box, box))
    .map(({ word }) => word.text)
    .join('')
    .toLowerCase()
  return line.includes(value.toLowerCase().replace(/\s/g, ''))
}

function labelWords(label: string, [x0, y0]: Box): Word[] {
  return label
    .split(/\s+/)
    .filter(Boolean)
    .map((text) => ({ text, confidence: 1, box: [x0, y0, x0, y0], from: 'field' as const }))
}

/** What a field without a printed label near it is called. */
function labelOf({ label, name }: Field): string {
  const own = name
    .split('.')
    .at(-1)!
    .replace(/\[\d+\]$/, '')
    .replace(/[_\s]+/g, ' ')
    .trim()
  const text = label ?? (nameless.test(own) ? '' : own)
  return text === '' ? '' : `${text.replace(/(?<!\s)\s*:$/, '')}:`
}

function spaced(
  words: readonly Word[],
  [label, before]: readonly [readonly Word[], string]
): SpacedWord[] {
  return [...label, ...words].map((word, index) => ({ word, before: index === 0 ? before : ' ' }))
}

function notePieces(
  { kind, text, author, box, mark }: Note,
  pieces: readonly SpacedWord[]
): SpacedWord[] {
  const printed = pieces
    .filter(({ word }) => holds(box, middle(word.box)))
    .map(({ word }) => word.text)
    .join('')
  if (printed !== '' && printed.includes(text.replace(/\s/g, ''))) return []
  const head =
    kind === 'FreeText' || kind === 'Stamp' || mark
      ? []
      : labelWords(author ? `Comment (${author}):` : 'Comment:', box)
  return spaced(wordsIn(text, box, 'note'), [head, '\n\n'])
}
