/**
 * Choices of which one is set apart by its look: "[ ] repair **[ ] refund**", "Yes / **No**". In
 * running text a bold word is a heading, a label or a stress; among choices it is the answer.
 */
import type { Box, Note, Word } from '../types.ts'
import type { Comparisons } from './comparisons.ts'
import { drawnNote, isTickBox, levelPieces, WRITINGS } from './drawn-over.ts'
import type { Run } from './pdf-drawn.ts'
import type { Stroke } from './pdf-strokes.ts'
import { rowsOf } from './word-rows.ts'

interface Page {
  readonly words: readonly Word[]
  readonly runs: readonly Run[]
  readonly strokes: readonly Stroke[]
  readonly scale: number
  readonly comparisons: Comparisons
}

/** Words that one of several choices begins with, and the words it is made of. */
type Choice = readonly Word[]

/** Choices of one list; a form for many things has more, and sets them apart by headings. */
const MOST = 12
/** Heights of a line between two choices under each other. */
const APART = 2.5

/** Notes that name the choices set apart. */
export function nameChosen(page: Page): Note[] {
  const boxes = page.strokes
    .filter((one) => one.stroked && isTickBox(one, page.scale))
    .map(({ box }): Word => ({ text: '☐', confidence: 1, box }))
  const rows = rowsOf([...page.words, ...boxes])
  const chosen = [...signedLists(rows), ...rows.flatMap(oppositesIn)].flatMap((list) =>
    setApart(list, page)
  )
  // In running text a slash parts names too, some of them coloured as links.
  const bold = page.runs.filter(({ look }) => look.startsWith('bold'))
  const slashed = slashedIn(rows).flatMap((list) =>
    setApart(list, { ...page, runs: bold, strokes: [] })
  )
  return [...chosen, ...slashed]
    .slice(0, WRITINGS)
    .map((choice) => drawnNote('Set apart from the other choices', choice))
}

/** Those of a list that look otherwise than most of it. */
function setApart(list: readonly Choice[], page: Page): Choice[] {
  if (list.length < 2 || list.length > MOST) return []
  const looks = list.map((choice) => lookOf(choice, page))
  const plain = looks.filter((look) => look === '').length
  if (plain === 0 || plain === looks.length) return []
  return list.filter((_, index) => looks[index] !== '')
}

/** The look of its first word; a bold label before a colon is none. */
function lookOf(choice: Choice, { runs, strokes, comparisons }: Page): string {
  const first = choice[0]!
  if (!comparisons.take(runs.length + strokes.length)) return ''
  const [x0, y0, x1, y1] = first.box
  const x = (x0 + x1) / 2
  const run = runs.find(
    ({ box: [left, top, right, foot] }) =>
      x >= left && x <= right && (top + foot) / 2 >= y0 && (top + foot) / 2 <= y1
  )
  const label = choice.findIndex(({ text }) => text.endsWith(':'))
  if (run && label === -1) return run.look
  return strokes.some((stroke) => isUnder(stroke, choice)) ? 'underlined' : ''
}

/** A line as long as the choice, at its foot. */
function isUnder(stroke: Stroke, choice: Choice): boolean {
  const [[left, top, , foot], right] = [choice[0]!.box, choice.at(-1)!.box[2]]
  const high = foot - top
  return levelPieces(stroke).some(
    ({ y, from, to }) =>
      y >= foot - 0.05 * high &&
      y <= foot + 0.3 * high &&
      Math.abs(from - left) <= high &&
      (Math.abs(to - right) <= high || Math.abs(to - choice[0]!.box[2]) <= high)
  )
}

/** A box or circle to be ticked, as one word or the first of two. */
const signs = /^(\[_*\]|\(_*\)|[☐□◻❏❑❒○◯⬜\uF06F\uF071\uF0A3\uF0A8]$)/u
const opening = /^[[(]$/
const isLettered = ({ text }: Word): boolean => /[\p{L}\p{N}]/u.test(text)

function signedLists(rows: readonly Word[][]): Choice[][] {
  const lists: Choice[][] = []
  let [foot, left] = [-Infinity, 0]
  for (const row of rows) {
    const { choices, at } = signedIn(row)
    if (choices.length === 0) continue
    const box: Box = choices[0]![0]!.box
    const high = box[3] - box[1]
    const follows = box[1] - foot <= APART * high && (at === left || choices.length > 1)
    if (lists.length > 0 && follows) lists.at(-1)!.push(...choices)
    else lists.push(choices)
    ;[foot, left] = [box[3], at]
  }
  return lists
}

/** What follows each sign of a row, up to the next; and where the first one stands. */
function signedIn(row: readonly Word[]): { choices: Choice[]; at: number } {
  const choices: Word[][] = []
  let at = 0
  for (const [index, word] of row.entries()) {
    const isSign = signs.test(word.text) || (opening.test(word.text) && isClosing(row[index + 1]))
    if (isSign && choices.length === 0) at = Math.round(word.box[0] / 10)
    if (isSign) choices.push([])
    if (isLettered(word)) choices.at(-1)?.push(word)
  }
  return { choices: choices.filter((one) => one.length > 0), at }
}

function isClosing(word: Word | undefined): boolean {
  return word !== undefined && /^[\])]/.test(word.text)
}

const opposites = [
  ['yes', 'no'],
  ['sí', 'no'],
  ['si', 'no'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['true', 'false'],
  ['agree', 'disagree'],
  ['accept', 'decline'],
  ['approve', 'reject'],
  ['male', 'female']
]
/** What may stand between two opposites that are to be chosen from. */
const between = /^([^\p{L}\p{N},.;:!?]*|or|o|y|u|oder|ou)$/iu

/** "Yes No" in one row; "Yes, no problem" is none. */
function oppositesIn(row: readonly Word[]): Choice[][] {
  return row.flatMap((word, index) => {
    const next = row.slice(index + 1, index + 4).find(({ text }) => !between.test(text))
    if (!next || /[,.;:!?]$/.test(word.text)) return []
    const [one, other] = [bare(word), bare(next)]
    const match = opposites.some(
      ([a, b]) => (a === one && b === other) || (a === other && b === one)
    )
    return match ? [[[word], [next]]] : []
  })
}

function bare({ text }: Word): string {
  return text.toLowerCase().replace(/[^\p{L}]/gu, '')
}

/** Pairs with a slash between them; names of fields in two languages are many, or end in a colon. */
const FEW = 2

function slashedIn(rows: readonly Word[][]): Choice[][] {
  const found = rows.flatMap((row) =>
    row.flatMap((word, index) => {
      const rest = row.slice(index + 1)
      const parted = /\p{L}[/|]$/u.test(word.text)
        ? rest
        : /^[/|]$/.test(rest[0]?.text ?? '')
          ? rest.slice(1)
          : /^[/|]\p{L}/u.test(rest[0]?.text ?? '')
            ? rest
            : []
      const next = parted[0]
      if (!next || !isLettered(word) || !isLettered(next)) return []
      return parted.slice(0, 4).some(({ text }) => text.endsWith(':')) ? [] : [[[word], [next]]]
    })
  )
  return found.length > FEW ? [] : found
}
