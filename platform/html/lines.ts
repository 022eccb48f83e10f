import type { Mark } from './numbering.ts'

/**
 * Shown depth of quotes: more marks say nothing, and their number times the lines would be the
 * work.
 */
const QUOTES = 5
/** Characters of a link's text compared with its address. */
const LINK_TEXT = 500
const RULE = '-'.repeat(40)
/**
 * Around struck words, and before what is raised or lowered: without them "~~not~~" is "not", 10^3
 * is 103, and x_2 is x2.
 */
const STRUCK = '~~'
const [RAISED, LOWERED] = ['^', '_']
/** After these a lowered figure is the lower half of a fraction. */
const fraction = /[/\u2044\u2215]$/
/** Raised letters that are read the same on the line: 5th, 3er, No, TM. */
const ordinal =
  /^(st|nd|rd|th|er|re|e|ème|[ao]s?|r[ao]|d[ao]|t[ao]|m[ao]|v[ao]|n[ao]|tm|sm|[ªº®™©])\.?$/i

/** White space that HTML draws together; most texts have single spaces alone. */
const loose = /[\t\r\n\f]| {2}/

/** A row of a table while it is written. */
interface Row {
  /** The line its first text stands on; undefined while there is none. */
  line: number | undefined
}

/**
 * Plain text built up line by line: white space drawn together, breaks kept until something follows
 * them.
 */
export class TextLines {
  readonly #out: Mark[] = []
  readonly #rows: Row[] = []
  #line = 0
  #breaks = 0
  #space = false
  #atCellStart = false
  #mark: Mark = ''
  #struck: 'no' | 'begins' | 'yes' = 'no'
  #shift: '' | typeof RAISED | typeof LOWERED = ''
  #shifts = 0
  /**
   * Where the sign of what is raised or lowered stands; and of what was so last, while nothing
   * stands behind it.
   */
  #signAt: number | undefined
  #shifted: number | undefined
  #quotes = 0
  #link: { text: string } | undefined

  /** Text of the document, its white space as HTML has it. */
  write(text: string, preformatted: boolean): void {
    if (text === '') return
    if (preformatted) return this.#writeLines(text)
    const words = loose.test(text) ? text.replace(/[ \t\r\n\f]+/g, ' ') : text
    if (words === ' ') {
      this.#space = true
      return
    }
    if (words.startsWith(' ')) this.#space = true
    // Only these: a no-break space was put there on purpose.
    const [begin, end] = [words.startsWith(' ') ? 1 : 0, words.endsWith(' ') ? -1 : undefined]
    this.#put(words.slice(begin, end))
    this.#space = end !== undefined
  }

  #writeLines(text: string): void {
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) this.end()
      if (line !== '') this.#put(line)
    }
  }

  #put(text: string): void {
    if (this.#breaks > 0) this.#startLine()
    else if (this.#space && this.#out.length > 0) this.#out.push(' ')
    else if (this.#out.length === 0) this.#out.push('> '.repeat(Math.min(this.#quotes, QUOTES)))
    else if (this.#shifted && /^[\p{L}\p{N}]/u.test(text)) this.#bracket(this.#shifted)
    this.#shifted = undefined
    this.#out.push(this.#mark, this.#signs(text), text)
    if (this.#link && this.#link.text.length < LINK_TEXT) this.#link.text += text
    this.#mark = ''
    this.#space = this.#atCellStart = false
    const row = this.#rows.at(-1)
    if (row) row.line ??= this.#line
  }

  /** What goes before a text that is struck or raised from here on. */
  #signs(text: string): string {
    const read =
      this.#shift === RAISED ? ordinal.test(text) : fraction.test(String(this.#out.at(-1) ?? ''))
    const signs = `${this.#struck === 'begins' ? STRUCK : ''}${read ? '' : this.#shift}`
    if (this.#struck === 'begins') this.#struck = 'yes'
    if (this.#shift !== '' && !read) this.#signAt ??= this.#out.length + 1
    this.#shift = ''
    return signs
  }

  /** 10^35 is another number than 10^{3}5. */
  #bracket(at: number): void {
    this.#out[at] = `${String(this.#out[at])}{`
    this.#out.push('}')
  }

  #startLine(): void {
    const prefix = '> '.repeat(Math.min(this.#quotes, QUOTES))
    if (this.#out.length > 0) this.#out.push(`\n${prefix}`.repeat(this.#breaks))
    else this.#out.push(prefix)
    this.#line += this.#breaks
    this.#breaks = 0
  }

  /** Ends the line, as <br> does; a second one leaves an empty line. */
  end(): void {
    this.#space = this.#atCellStart = false
    this.#breaks = Math.min(this.#breaks + 1, 3)
  }

  /**
   * What follows stands on another line, with 2 after an empty one. The first block of a cell
   * begins beside the cell before.
   */
  break(lines: number): void {
    if (this.#atCellStart) return
    this.#space = false
    this.#breaks = Math.max(this.#breaks, lines)
  }

  space(): void {
    this.#space = true
  }

  get inRow(): boolean {
    return this.#rows.length > 0
  }

  rule(): void {
    this.break(2)
    this.#put(RULE)
    this.break(2)
  }

  /** Marks the beginning of a list's entry. */
  mark(mark: Mark): void {
    this.#mark = mark
  }

  /** Opens struck words; answers with what closes them. Struck inside struck is struck once. */
  strike(): () => void {
    if (this.#struck !== 'no') return () => undefined
    this.#struck = 'begins'
    return () => {
      if (this.#struck === 'yes') this.#out.push(STRUCK)
      this.#struck = 'no'
    }
  }

  /**
   * Opens what stands over the line or under it; answers with what closes it. Inside of another
   * only the outer one is put in brackets.
   */
  shift(sign: '^' | '_'): () => void {
    const outer = this.#shifts === 0
    if (outer) this.#signAt = undefined
    this.#shifts += 1
    this.#shift = sign
    return () => {
      this.#shifts -= 1
      this.#shift = ''
      const at = this.#signAt
      if (!outer || at === undefined) return
      if (this.#out.slice(at + 1).some((piece) => /\s/.test(String(piece)))) this.#bracket(at)
      else this.#shifted = at
    }
  }

  /** Signs beside a word, without a space between: quotation marks, brackets. */
  glue(before: string): void {
    this.#put(before)
    this.#space = false
  }

  /** Signs right behind what was written last. */
  close(behind: string): void {
    if (this.#out.length > 0) this.#out.push(behind)
    this.#shifted = undefined
  }

  /** Opens a quote; answers with what closes it. */
  quote(): () => void {
    this.#quotes += 1
    return () => {
      this.#quotes -= 1
    }
  }

  /** Opens a row; answers with what closes it. */
  row(): () => void {
    this.break(1)
    this.#rows.push({ line: undefined })
    return () => {
      this.#atCellStart = false
      const row = this.#rows.pop()
      const outer = this.#rows.at(-1)
      if (outer && row?.line !== undefined) outer.line ??= row.line
      // Paragraphs in cells (Outlook) leave no empty lines between rows of one line.
      if (row?.line === this.#line) this.#breaks = Math.min(this.#breaks, 1)
      this.break(1)
    }
  }

  /** Begins a cell: beside those before it while the row is one line, else below them. */
  cell(): void {
    const row = this.#rows.at(-1)
    this.#mark = ''
    if (row?.line !== undefined) {
      const sameLine = row.line === this.#line
      this.#breaks = sameLine ? 0 : Math.max(this.#breaks, 1)
    }
    this.#space = true
    this.#atCellStart = true
  }

  /** Opens a link; its close writes the address where it is not the text itself. */
  link(href: string): () => void {
    const around = this.#link
    const link = (this.#link = { text: '' })
    return () => {
      this.#link = around
      const address = href.trim().replace(/^mailto:/i, '')
      if (address === '' || address.startsWith('#') || address === link.text) return
      this.#space = link.text !== '' || this.#space
      this.#put(`[${address}]`)
    }
  }

  toString(): string {
    return tidy(this.#out.join(''))
  }
}

/**
 * Characters without width that pad the hidden first line of a newsletter; one alone joins letters
 * or emoji and stays.
 */
const padding =
  /[\u0020\u00a0]*(?:[\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\ufeff][\u0020\u00a0\u2000-\u200a]*){2,}/g

function tidy(text: string): string {
  const words = /[^\0-\x7f]/.test(text) ? withoutPadding(text) : text
  const lines = /[ \t](?:[\n\r\u2028\u2029]|$)/.test(words)
    ? words.replace(/(?<![ \t])[ \t]+$/gm, '')
    : words
  return lines.replace(/\n{3,}/g, '\n\n').trim()
}

function withoutPadding(text: string): string {
  return text
    .replace(/\u00ad/g, '')
    .replace(padding, ' ')
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
}
