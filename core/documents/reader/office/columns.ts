/** A cross in a table says what its column's heading says, and empty cells leave no trace in text. */
const cross = /^\s*(x|✓|✔|✗|✘|✖|🗶|●|■|\[x\])\s*$/iu
/** Letters of a heading; what is longer is none. */
const HEADING = 60

/** The tables around what is being read, with the words of their first rows. */
export class Columns {
  readonly #tables: { headings: string[]; row: number; column: number; written: boolean }[] = []

  /** Answers with what closes the table. */
  table(): () => void {
    this.#tables.push({ headings: [], row: -1, column: -1, written: false })
    return () => {
      this.#tables.pop()
    }
  }

  row(): void {
    const table = this.#tables.at(-1)
    if (table) Object.assign(table, { row: table.row + 1, column: -1 })
  }

  cell(): void {
    const table = this.#tables.at(-1)
    if (table) Object.assign(table, { column: table.column + 1, written: false })
  }

  /** The cell before spans so many more columns. */
  span(more: number): void {
    const table = this.#tables.at(-1)
    if (table && more > 0) table.column += Math.min(more, 100)
  }

  /** What has to be said before a text of the cell: the heading over a cross that is all it has. */
  before(text: string): string {
    const table = this.#tables.at(-1)
    if (!table || table.column < 0 || text.trim() === '') return ''
    const { headings, row, column, written } = table
    table.written = true
    if (row === 0) headings[column] = `${headings[column] ?? ''}${text}`.slice(0, HEADING + 1)
    const heading = headings[column]?.trim() ?? ''
    return row > 0 && !written && cross.test(text) && heading !== '' && heading.length <= HEADING
      ? `${heading}: `
      : ''
  }
}
