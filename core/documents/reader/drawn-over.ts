/**
 * What the lines that a page draws say of its words: struck out, crossed out, ticked, or written by
 * hand. Cheap enough for every page; what is found is named, and a person looks.
 */
import type { Box, Note, Word } from '../types.ts'
import { around, area, holds, middle } from './boxes.ts'
import type { Comparisons } from './comparisons.ts'
import type { Stroke } from './pdf-strokes.ts'

export const DRAWN =
  'It has lines drawn over or beside its words, or words marked by their look, that may strike words out, choose or add to them: look at the page.'

/** Pixels per point come with each call: sizes are those of print, in points. */
interface Page {
  readonly words: readonly Word[]
  readonly strokes: readonly Stroke[]
  readonly scale: number
  readonly comparisons: Comparisons
}

/** Notes that name what was drawn. */
export function nameDrawn(page: Page): Note[] {
  const lettered = page.words.filter(isLettered)
  const struck = struckWords(lettered, page)
  const crossed = crossedWords(lettered, page)
  return [
    ...phrases(struck, lettered).map((words) => drawnNote('Struck out by a line', words)),
    ...(crossed.length > 0 ? [drawnNote('Crossed out by lines', crossed)] : []),
    ...ticks(page),
    ...rings(page),
    ...writing(page)
  ]
}

/** A note that names what is drawn, with its words. */
export function drawnNote(what: string, words: readonly Word[]): Note {
  return {
    kind: 'Drawn',
    mark: true,
    text: `[${what}: ${words
      .map(({ text }) => text)
      .join(' ')
      .slice(0, 500)}]`,
    box: around(
      words.flatMap(
        ({ box: [x0, y0, x1, y1] }) =>
          [
            [x0, y0],
            [x1, y1]
          ] as const
      )
    )
  }
}

/** Of letters, and lying level. */
function isLettered({ text, box: [x0, y0, x1, y1] }: Word): boolean {
  return /[\p{L}\p{N}]{2}/u.test(text) && y1 - y0 > 3 && y1 - y0 < (x1 - x0) * 2
}

/**
 * A line that strikes a word out runs at 0.2 to 0.5 of its letters' height over the line they stand
 * on; an underline runs under it, a rule of a table clear of it.
 */
const [LOWEST, HIGHEST] = [0.14, 0.52]
const STRUCK_WIDTH = 0.7

function struckWords(words: readonly Word[], { strokes, comparisons }: Page): Set<Word> {
  const level = strokes.flatMap(levelPieces)
  const rows = new Map<number, Piece[]>()
  for (const piece of level) {
    const row = Math.floor(piece.y / ROW)
    const here = rows.get(row)
    if (here) here.push(piece)
    else rows.set(row, [piece])
  }
  return new Set(
    words.filter(({ box: [x0, y0, x1, y1] }) => {
      const height = y1 - y0
      const [top, bottom] = [y1 - HIGHEST * height, y1 - LOWEST * height]
      for (let row = Math.floor(top / ROW); row <= Math.floor(bottom / ROW); row++) {
        const here = rows.get(row) ?? []
        if (!comparisons.take(1 + here.length)) return false
        for (const { y, from, to } of here)
          if (
            y >= top &&
            y <= bottom &&
            Math.min(to, x1) - Math.max(from, x0) >= STRUCK_WIDTH * (x1 - x0)
          )
            return true
      }
      return false
    })
  )
}

export interface Piece {
  readonly y: number
  readonly from: number
  readonly to: number
}
const ROW = 16

/** The level pieces of a line: a box has two, which are told by themselves. */
export function levelPieces({ points, box, stroked }: Stroke): Piece[] {
  if (!stroked) {
    const [x0, y0, x1, y1] = box
    return x1 - x0 > y1 - y0 ? [{ y: (y0 + y1) / 2, from: x0, to: x1 }] : []
  }
  const pieces: Piece[] = []
  for (let n = 1; n < points.length; n++) {
    const [[x0, y0], [x1, y1]] = [points[n - 1]!, points[n]!]
    if (Math.abs(y1 - y0) <= 0.06 * Math.abs(x1 - x0))
      pieces.push({ y: (y0 + y1) / 2, from: Math.min(x0, x1), to: Math.max(x0, x1) })
  }
  return pieces
}

/** Words that follow each other, by phrase. */
function phrases(some: ReadonlySet<Word>, all: readonly Word[]): Word[][] {
  const found: Word[][] = []
  let open = false
  for (const word of all) {
    const inside = some.has(word)
    if (inside && open) found.at(-1)!.push(word)
    else if (inside) found.push([word])
    open = inside
  }
  return found
}

/** Leaning lines through the middle of so many words cross out what they are in. */
const CROSSED = 3

function crossedWords(words: readonly Word[], { strokes, scale, comparisons }: Page): Word[] {
  const crossed = new Set<Word>()
  for (const { points, curves, stroked } of strokes) {
    if (!stroked || curves > 0 || points.length > 3) continue
    for (let n = 1; n < points.length; n++) {
      const [[x0, y0], [x1, y1]] = [points[n - 1]!, points[n]!]
      const [wide, high] = [Math.abs(x1 - x0), Math.abs(y1 - y0)]
      if (wide < 40 * scale || high < 0.06 * wide || high > 20 * wide) continue
      if (!comparisons.take(words.length)) return words.filter((word) => crossed.has(word))
      const reach: Box = [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)]
      const under = words.filter(
        ({ box }) => touches(box, reach) && passes([x0, y0], [x1, y1], inner(box))
      )
      if (under.length >= CROSSED) for (const word of under) crossed.add(word)
    }
  }
  return words.filter((word) => crossed.has(word))
}

/** By index: it is asked millions of times. */
function touches(one: Box, other: Box): boolean {
  return one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3]
}

function inner([x0, y0, x1, y1]: Box): Box {
  const [dx, dy] = [(x1 - x0) * 0.1, (y1 - y0) * 0.25]
  return [x0 + dx, y0 + dy, x1 - dx, y1 - dy]
}

/** Liang and Barsky's clipping of a line by a box. */
function passes(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  [left, top, right, bottom]: Box
): boolean {
  let [from, to] = [0, 1]
  const [dx, dy] = [x1 - x0, y1 - y0]
  for (const [p, q] of [
    [-dx, x0 - left],
    [dx, right - x0],
    [-dy, y0 - top],
    [dy, bottom - y0]
  ] as const) {
    if (p === 0 && q < 0) return false
    if (p < 0) from = Math.max(from, q / p)
    if (p > 0) to = Math.min(to, q / p)
  }
  return from < to
}

/** Sides of a box to be ticked, in points. */
const [LEAST_BOX, MOST_BOX] = [5, 22]

function ticks({ strokes, words, scale, comparisons }: Page): Note[] {
  const boxes = strokes.filter((one) => one.stroked && isTickBox(one, scale)).map(({ box }) => box)
  if (boxes.length === 0) return []
  const drawn = strokes.filter((one) => one.stroked && isTick(one, scale))
  return boxes
    .filter((box) => comparisons.take(drawn.length) && drawn.some((tick) => isInBox(tick.box, box)))
    .filter(() => comparisons.take(words.length))
    .map((box) =>
      drawnNote('A box is ticked by lines', [
        { text: '[x]', confidence: 1, box },
        ...beside(box, words)
      ])
    )
}

/** Whether it is an empty box of a form. */
export function isTickBox(
  { points, box: [x0, y0, x1, y1], curves }: Stroke,
  scale: number
): boolean {
  const [wide, high] = [(x1 - x0) / scale, (y1 - y0) / scale]
  return (
    curves === 0 &&
    (points.length === 4 || points.length === 5) &&
    wide >= LEAST_BOX &&
    wide <= MOST_BOX &&
    Math.abs(wide - high) < wide * 0.25 &&
    points.every(([x, y]) => (x - x0 < 2 || x1 - x < 2) && (y - y0 < 2 || y1 - y < 2))
  )
}

/** Leaning lines, not a frame. */
function isTick({ points, box: [x0, y0, x1, y1] }: Stroke, scale: number): boolean {
  const size = Math.max(x1 - x0, y1 - y0) / scale
  const leans = points.some(([x, y], n) => {
    const before = points[n - 1]
    return before && Math.min(Math.abs(x - before[0]), Math.abs(y - before[1])) > 1.5 * scale
  })
  return leans && size >= 4 && size <= MOST_BOX * 2.5
}

function isInBox(tick: Box, box: Box): boolean {
  const [x, y] = middle(tick)
  const by = (box[2] - box[0]) * 0.5
  return (
    x > box[0] - by &&
    x < box[2] + by &&
    y > box[1] - by &&
    y < box[3] + by &&
    area(tick) > area(box) * 0.1
  )
}

/** The words of its line that follow it. */
function beside([, y0, x1, y1]: Box, words: readonly Word[]): Word[] {
  const y = (y0 + y1) / 2
  return words
    .filter(
      ({ box }) =>
        box[1] - (y1 - y0) * 0.3 <= y && box[3] + (y1 - y0) * 0.3 >= y && box[0] >= x1 - 2
    )
    .toSorted((a, b) => a.box[0] - b.box[0])
    .slice(0, 8)
}

/** Heights of a word from which, and up to which, a closed curve around it is a ring. */
const [LEAST_RING, MOST_RING] = [0.7, 4]
/** Words that one ring may choose. */
const RINGED = 6

function rings({ strokes, words, comparisons }: Page): Note[] {
  return strokes
    .filter(isRound)
    .filter(() => comparisons.take(words.length))
    .flatMap(({ box }) => {
      const [wide, high] = [box[2] - box[0], box[3] - box[1]]
      const inside = words.filter((word) => {
        const letter = word.box[3] - word.box[1]
        return (
          holds(box, middle(word.box)) && high >= LEAST_RING * letter && high <= MOST_RING * letter
        )
      })
      const long = inside.reduce((sum, word) => sum + word.box[2] - word.box[0], 0)
      return inside.length > 0 && inside.length <= RINGED && wide <= 3 * long + high
        ? [drawnNote('A ring is drawn around', inside)]
        : []
    })
    .slice(0, WRITINGS)
}

/** All of it curves, and its end where it began. */
function isRound({ points, curves, stroked, box: [x0, y0, x1, y1] }: Stroke): boolean {
  if (!stroked || curves < 2 || points.length > curves * 3 + 2) return false
  const [[ax, ay], [bx, by]] = [points[0]!, points.at(-1)!]
  return Math.hypot(ax - bx, ay - by) <= 0.25 * Math.max(x1 - x0, y1 - y0)
}

/** Pieces of one line, and bends up and down in it, from which it may be writing. */
const [CURVES, BENDS] = [6, 4]
/** Named of a page; of more the page says the same. */
export const WRITINGS = 20
const [LEAST_WRITING, MOST_WRITING] = [
  [14, 4],
  [400, 120]
] as const

function writing({ strokes, scale }: Page): Note[] {
  return strokes
    .filter((one) => one.stroked && isWriting(one, scale))
    .slice(0, WRITINGS)
    .map(({ box }) => ({ kind: 'Drawn', mark: true, box, text: '[Lines that may be writing]' }))
}

function isWriting(
  { points, curves, closed, box: [x0, y0, x1, y1] }: Stroke,
  scale: number
): boolean {
  const [wide, high] = [(x1 - x0) / scale, (y1 - y0) / scale]
  if (closed || wide < LEAST_WRITING[0] || high < LEAST_WRITING[1]) return false
  if (wide > MOST_WRITING[0] || high > MOST_WRITING[1]) return false
  if (curves >= CURVES) return bendsOf(points, 1) >= BENDS
  return points.length >= 30 && bendsOf(points, 1) >= BENDS && bendsOf(points, 0) >= BENDS
}

function bendsOf(points: readonly (readonly [number, number])[], axis: 0 | 1): number {
  let bends = 0
  let last = 0
  for (let n = 1; n < points.length; n++) {
    const by = Math.sign(Math.round((points[n]![axis] - points[n - 1]![axis]) * 2))
    if (by !== 0 && last !== 0 && by !== last) bends += 1
    if (by !== 0) last = by
  }
  return bends
}
