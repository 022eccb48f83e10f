import { shownNumber } from './cell-values.ts'
import { relationsOf, type Contents } from './contents.ts'
import { columnOf, Grid } from './grid.ts'
import { drawn, joinTexts, textsOf } from './word.ts'
import { readWorkbook, RunText, type SheetPart, type Workbook } from './workbook.ts'
import { vmlControls } from './vml-controls.ts'
import { walkXml } from './xml.ts'

const FULL = 'It has more cells or letters than are read by machine.'
const UNCOMPUTED = 'It has formulas whose results are not in the file.'

/**
 * A workbook: its sheets in order, hidden ones by that name, row by row as the cells show it,
 * comments, words of drawings and charts.
 */
export async function sheetsText(contents: Contents): Promise<string> {
  const workbook = await readWorkbook(contents)
  const grid = new Grid()
  for (const sheet of workbook.sheets) await addSheet(contents, workbook, sheet, grid)
  if (grid.full) contents.notes.add(FULL)
  return joinTexts([
    grid.toString(),
    ...(await textsOf(contents, [/openxmlformats-officedocument\.drawing\+xml$/i, ...drawn]))
  ])
}

async function addSheet(
  contents: Contents,
  workbook: Workbook,
  { name, hidden, part }: SheetPart,
  grid: Grid
): Promise<void> {
  const content = await contents.parts.read(part)
  if (!content) return
  grid.sheet(name, hidden)
  const reading = new SheetReading(workbook, grid, contents)
  walkXml(content, reading, contents.budget)
  for (const line of reading.margins) grid.line(withoutCodes(line))
  for (const { type, target, external } of await relationsOf(contents, part)) {
    if (type === 'comments' && !external)
      addComments(await contents.parts.read(target), contents, grid)
    if (type === 'vmlDrawing' && !external)
      for (const line of vmlControls(await contents.parts.read(target), contents)) grid.line(line)
  }
}

interface Cell {
  column: number
  type: string
  style: number
  value: string
  formula: string | undefined
}

class SheetReading {
  /** Header and footer of the printed sheet. */
  readonly margins: string[] = []
  readonly #workbook: Workbook
  readonly #grid: Grid
  readonly #contents: Contents
  readonly #run = new RunText()
  #cell: Cell | undefined
  #next = 0
  #in = ''

  constructor(workbook: Workbook, grid: Grid, contents: Contents) {
    this.#workbook = workbook
    this.#grid = grid
    this.#contents = contents
  }

  readonly open = (
    name: string,
    { r, t = 'n', s = '0', val }: Readonly<Record<string, string>>
  ): void => {
    this.#in = name
    if (name === 'row') {
      this.#grid.row()
      this.#next = 0
    } else if (name === 'c')
      this.#cell = {
        column: columnOf(r) ?? this.#next,
        type: t,
        style: Number(s),
        value: '',
        formula: undefined
      }
    else if (name === 'f' && this.#cell) this.#cell.formula = ''
    else if (this.#cell) this.#run.open(name, val)
    else if (isMargin(name)) this.margins.push('')
  }

  readonly text = (text: string): void => {
    if (!this.#cell) return this.#margin(text)
    if (this.#in === 'v') this.#cell.value += text
    else if (this.#in === 't') this.#run.text(text)
    else if (this.#in === 'f') this.#cell.formula += text
  }

  readonly close = (name: string): void => {
    this.#in = ''
    if (name !== 'c' || !this.#cell) return this.#run.close(name)
    this.#next = this.#cell.column + 1
    this.#grid.cell(this.#cell.column, this.#shown(this.#cell))
    this.#cell = undefined
  }

  #margin(text: string): void {
    if (isMargin(this.#in)) this.margins[this.margins.length - 1] += text
  }

  #shown({ type, style, value, formula }: Cell): string {
    const { strings, styles, from1904 } = this.#workbook
    const { code, struck } = styles[style] ?? { code: 'General', struck: false }
    const inline = this.#run.take()
    if (
      formula !== undefined &&
      formula !== '' &&
      value === '' &&
      inline === '' &&
      type !== 'str'
    ) {
      this.#contents.notes.add(UNCOMPUTED)
      return `=${formula}`
    }
    const plain = () =>
      type === 'b' && value !== '' ? (/^(1|true)$/.test(value) ? 'TRUE' : 'FALSE') : value + inline
    const text =
      type === 's'
        ? (strings[Number(value)] ?? '')
        : type === 'n'
          ? shownNumber(value, code, { from1904 })
          : plain()
    return struck && text !== '' ? `~~${text.replaceAll('~~', '')}~~` : text
  }
}

/** Codes of fonts and places stand between the words (ISO 29500-1, 18.3.1.46). */
function withoutCodes(margin: string): string {
  return margin
    .replace(/&("[^"]{0,200}"|K[\dA-F]{6}|\d{1,3}|[A-Z])/gi, ' ')
    .replaceAll('&&', '&')
    .replace(/\s+/g, ' ')
    .trim()
}

function isMargin(name: string): boolean {
  return /^(odd|even|first)(Header|Footer)$/.test(name)
}

function addComments(content: Uint8Array | undefined, { budget }: Contents, grid: Grid): void {
  const [authors, run] = [[] as string[], new RunText()]
  let label = ''
  let inside = ''
  walkXml(
    content ?? new Uint8Array(),
    {
      open: (name, { ref = '', authorId, val }) => {
        inside = name
        if (name === 'author') authors.push('')
        else if (name === 'comment')
          label = `Comment on ${ref}${authors[Number(authorId)] ? ` (${authors[Number(authorId)]})` : ''}`
        else run.open(name, val)
      },
      text: (text) => {
        if (inside === 'author') authors[authors.length - 1] += text
        else if (inside === 't') run.text(text)
      },
      close: (name) => {
        inside = ''
        run.close(name)
        if (name === 'comment') grid.line(`${label}: ${run.take().trim()}`)
      }
    },
    budget
  )
}
