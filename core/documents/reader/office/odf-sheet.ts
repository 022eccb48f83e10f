import { withExact } from './cell-values.ts'
import type { Flow } from './flow.ts'
import { columnName, type Grid } from './grid.ts'
import type { Attributes } from './xml.ts'

/** Rows and cells written out of one that is repeated; what is more is empty. */
const MOST_REPEATED = 1_000

interface Row {
  readonly cells: { readonly text: string; readonly times: number }[]
  readonly times: number
}

/** The rows of an OpenDocument spreadsheet, of which one may stand for many. */
export class OdfSheet {
  readonly #grid: Grid
  readonly #comments: string[] = []
  #row: Row | undefined
  #number = 0
  #column = 0
  #inCell = false

  constructor(grid: Grid) {
    this.#grid = grid
  }

  begin(name: string, hidden: boolean): void {
    this.#grid.sheet(name, hidden)
    this.#number = 0
  }

  /** Answers with what ends the row. */
  row({ 'number-rows-repeated': times }: Attributes): () => void {
    const row = (this.#row = { cells: [], times: timesOf(times) })
    this.#number += 1
    this.#column = 0
    return () => this.#end(row)
  }

  /** Answers with what takes in the cell's words, which are in the flow by then. */
  cell(attributes: Attributes): (flow: Flow) => void {
    const times = timesOf(attributes['number-columns-repeated'])
    this.#inCell = true
    return (flow) => {
      this.#row?.cells.push({ text: cellText(flow.toString(), attributes), times })
      this.#column += times
      this.#inCell = false
    }
  }

  /** False where there is no cell that the comment could belong to. */
  comment(text: string): boolean {
    if (this.#inCell)
      this.#comments.push(`Comment on ${columnName(this.#column)}${this.#number}: ${text}`)
    return this.#inCell
  }

  #end(row: Row): void {
    const written = row.cells.some(({ text }) => text !== '')
    for (let n = 0; written && n < Math.min(row.times, MOST_REPEATED); n++)
      writeRow(row, this.#grid)
    this.#number += row.times - 1
    for (const comment of this.#comments.splice(0)) this.#grid.line(comment)
  }
}

function timesOf(times: string | undefined): number {
  const count = Number(times ?? 1)
  return Number.isSafeInteger(count) && count > 0 ? count : 1
}

function writeRow({ cells }: Row, grid: Grid): void {
  grid.row()
  let column = 0
  for (const { text, times } of cells) {
    for (let n = 0; text !== '' && n < Math.min(times, MOST_REPEATED); n++)
      grid.cell(column + n, text)
    column += times
  }
}

function cellText(
  shown: string,
  {
    value,
    'date-value': date,
    'time-value': time,
    'boolean-value': truth,
    'string-value': string,
    'value-type': type
  }: Attributes
): string {
  if (type === 'date' && date) return withExact(shown, date.replace('T', ' '))
  if (/^(float|currency|percentage)$/.test(type ?? '') && value !== undefined)
    return withExact(shown, value, Number(value))
  // Programs that make files without showing them write the value alone.
  if (shown !== '') return shown
  if (type === 'boolean') return truth === undefined ? '' : truth.toUpperCase()
  if (type === 'time') return time === undefined ? '' : clock(time)
  return type === 'string' ? (string ?? '') : ''
}

/** PT09H30M00S as 09:30:00; another duration as it is. */
function clock(duration: string): string {
  const [, hours, minutes, seconds] = /^PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S$/.exec(duration) ?? []
  return hours === undefined ? duration : `${hours}:${minutes}:${seconds}`
}
