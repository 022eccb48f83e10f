import { limits } from '../../limits.ts'

/** The rows of sheets as lines, cells apart by tabs. */
export class Grid {
  readonly #lines: string[] = []
  #rows: [number, string][][] = []
  #heading = ''
  #cells: number = limits.officeCells
  #characters: number = limits.textCharacters

  /** There were more cells or letters than are kept. */
  get full(): boolean {
    return this.#cells < 0 || this.#characters < 0
  }

  /** What follows is on this sheet; the name of an empty one is no text. */
  sheet(name: string, hidden: boolean): void {
    this.#finish()
    this.#heading = `${hidden ? 'Hidden sheet' : 'Sheet'}: ${name}`
  }

  row(): void {
    this.#rows.push([])
  }

  /** Columns count from 0. */
  cell(column: number, text: string): void {
    if (text === '' || --this.#cells < 0 || !this.#fits(text)) return
    if (this.#rows.length === 0) this.row()
    this.#rows.at(-1)!.push([column, text.replace(/\s*\n\s*/g, ' / ').replaceAll('\t', ' ')])
  }

  /** A line after the rows so far. */
  line(text: string): void {
    this.#finish()
    if (text !== '' && this.#fits(text)) this.#add(text)
  }

  toString(): string {
    this.#finish()
    return this.#lines.join('\n')
  }

  #fits(text: string): boolean {
    if (this.#characters >= 0) this.#characters -= text.length + 1
    return this.#characters >= 0
  }

  #finish(): void {
    const rows = this.#rows.filter((row) => row.length > 0)
    this.#rows = []
    const first = rows.reduce((least, [cell]) => Math.min(least, cell![0]), Infinity)
    for (const row of rows) this.#add(lineOf(row, first))
  }

  #add(line: string): void {
    if (this.#heading !== '' && this.#fits(this.#heading))
      this.#lines.push(`${this.#lines.length > 0 ? '\n' : ''}${this.#heading}`)
    this.#heading = ''
    this.#lines.push(line)
  }
}

/**
 * A cell after empty ones is named by its column: which column a cross stands in is what it says.
 */
function lineOf(row: readonly [number, string][], first: number): string {
  let next = first
  return row
    .map(([column, text]) => {
      const shown = column === next ? text : `${columnName(column)}: ${text}`
      next = column + 1
      return shown
    })
    .join('\t')
}

/** 0 is A, 26 is AA. */
export function columnName(column: number): string {
  return `${column >= 26 ? columnName(Math.floor(column / 26) - 1) : ''}${String.fromCharCode(65 + (column % 26))}`
}

/** The column of a cell's name such as AB12; undefined where there is none. */
export function columnOf(cell: string | undefined): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(cell ?? '')?.[0]
  return letters === undefined
    ? undefined
    : [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}
