import { TextLines } from '../../../../platform/html/lines.ts'

/**
 * Text with what turns its meaning, put together run by run: a word may be cut into several, all
 * struck.
 */
export class Flow {
  readonly lines = new TextLines()
  #endStruck: (() => void) | undefined
  #endShifted: (() => void) | undefined
  #shifted: '' | '^' | '_' = ''
  #marked = false

  write(
    text: string,
    {
      struck = false,
      raised = false,
      lowered = false,
      marked = false
    }: {
      readonly struck?: boolean
      readonly raised?: boolean
      readonly lowered?: boolean
      readonly marked?: boolean
    } = {}
  ): void {
    if (text === '') return
    // Blanks between two runs may be of either kind.
    if (text.trim() !== '') this.#mark(struck, raised ? '^' : lowered ? '_' : '', marked)
    this.lines.write(text, false)
  }

  #mark(struck: boolean, shifted: '' | '^' | '_', marked: boolean): void {
    if (shifted !== this.#shifted) {
      this.#endShifted?.()
      this.#endShifted = undefined
    }
    if (struck !== (this.#endStruck !== undefined) || marked !== this.#marked) {
      this.#endStruck?.()
      this.#endStruck = undefined
    }
    if (marked !== this.#marked) {
      if (marked) this.lines.glue('[marked:')
      else this.lines.close(']')
      if (marked) this.lines.space()
      this.#marked = marked
    }
    if (struck) this.#endStruck ??= this.lines.strike()
    if (shifted !== '' && shifted !== this.#shifted) this.#endShifted = this.lines.shift(shifted)
    this.#shifted = shifted
  }

  /** What follows stands on a line of its own. */
  break(lines = 1): void {
    this.#mark(false, '', false)
    this.lines.break(lines)
  }

  cell(): () => void {
    this.#mark(false, '', false)
    this.lines.cell()
    return () => {
      this.#mark(false, '', false)
      this.lines.space()
    }
  }

  row(): () => void {
    this.#mark(false, '', false)
    const end = this.lines.row()
    return () => {
      this.#mark(false, '', false)
      end()
    }
  }

  /** Blanks that are a gap on the page. */
  gap(): void {
    this.lines.space()
  }

  end(): void {
    this.lines.end()
  }

  toString(): string {
    this.#mark(false, '', false)
    return this.lines.toString()
  }
}
