import { tick, boxesAsMarks } from './controls.ts'
import type { Contents } from './contents.ts'
import { Flow } from './flow.ts'
import { Formula } from './formula.ts'
import type { Grid } from './grid.ts'
import { OdfSheet } from './odf-sheet.ts'
import type { OdfStyles } from './odf-styles.ts'
import { plainRun, type RunLook } from './run-styles.ts'
import type { Attributes } from './xml.ts'

const HIDDEN = 'It has hidden text, which was left out.'
const DELETED = 'It has words deleted while changes were recorded, which were left out.'
const EXTERNAL = 'It shows pictures or objects that are not in the file.'

export interface OdfOptions {
  readonly styles: OdfStyles
  readonly contents: Contents
  readonly grid: Grid
  readonly isSheet: boolean
  /** Only headers and footers, which stand among the styles. */
  readonly onlyMargins: boolean
}

/**
 * What is not the page's text: recorded changes, who and when of comments, texts for those who do
 * not see the picture.
 */
const silent =
  /^(tracked-changes|date-string|creator|date|desc|ruby-text|page-number|page-count|scripts|font-face-decls|settings|meta)$/
/** In a spreadsheet, where the rows are of the page. */
const sheetElement = /^(table|table-row|table-cell|covered-table-cell)$/
const margin = /^(header|footer)(-left|-first)?$/
const block = /^(p|h|list-item|list-header|text-box|custom-shape|notes)$/

/** Walks OpenDocument's XML. */
export class OdfReading {
  readonly #options: OdfOptions
  readonly #ends: ((() => void) | undefined)[] = []
  readonly #looks: RunLook[] = [{ ...plainRun }]
  readonly #flows: Flow[] = [new Flow()]
  #silent = 0
  #words = 0
  #margins = 0
  readonly #sheet: OdfSheet | undefined
  readonly #notes: string[] = []
  #formula: Formula | undefined
  #list = ''
  #inChanges = false
  #pages = 0

  constructor(options: OdfOptions) {
    this.#options = options
    this.#sheet = options.isSheet ? new OdfSheet(options.grid) : undefined
  }

  get #flow(): Flow {
    return this.#flows.at(-1)!
  }

  /** What stands in no cell of a sheet. */
  outsideCells(): string {
    return [this.#flows[0]!.toString(), ...this.#notes].filter((text) => text !== '').join('\n\n')
  }

  readonly open = (name: string, attributes: Attributes): void => {
    if (name === 'tracked-changes') this.#inChanges = true
    if (name === 'deletion' && this.#inChanges) this.#options.contents.notes.add(DELETED)
    // A comment's date has its words inside; a control's is an attribute.
    const isControl = name === 'date' && attributes['form:name'] !== undefined
    if (this.#silent > 0 || (silent.test(name) && !isControl)) {
      this.#silent += 1
      this.#ends.push(() => {
        this.#silent -= 1
      })
      return
    }
    if (this.#formula && name !== 'math') {
      this.#formula.open(name, attributes)
      this.#ends.push(() => this.#formula?.close())
      return
    }
    this.#noteLinks(name, attributes)
    this.#ends.push(this.#begin(name, attributes))
  }

  readonly close = (name: string): void => {
    if (name === 'tracked-changes') this.#inChanges = false
    this.#ends.pop()?.()
  }

  readonly text = (text: string): void => {
    if (this.#silent === 0 && this.#formula) this.#formula.text(text)
    else if (this.#silent === 0 && this.#words > 0) this.#write(boxesAsMarks(text))
  }

  #write(text: string): void {
    if (this.#options.onlyMargins && this.#margins === 0) return
    const look = this.#looks.at(-1)!
    if (look.hidden) this.#options.contents.notes.add(HIDDEN)
    else this.#flow.write(text, look)
  }

  #begin(name: string, attributes: Attributes): (() => void) | undefined {
    if (margin.test(name)) return this.#margin()
    if (name === 'p' || name === 'h') return this.#paragraph(attributes)
    if (name === 'annotation') return this.#annotation()
    if (this.#sheet && sheetElement.test(name))
      return this.#beginSheet(this.#sheet, name, attributes)
    if (name === 'section' && attributes['display'] === 'none') return this.#hidden()
    if (this.#options.onlyMargins && isOwnShape(name, attributes)) return this.#margin()
    if (block.test(name)) return this.#block()
    switch (name) {
      case 'span':
        return this.#styled(this.#options.styles.look('text', attributes['style-name']))
      case 's':
      case 'tab':
        this.#flow.gap()
        return undefined
      case 'line-break':
        this.#flow.end()
        return undefined
      case 'table':
        return this.#block(2)
      case 'table-row':
        return this.#flow.row()
      case 'table-cell':
        return this.#flow.cell()
      case 'note-body':
        return this.#note()
      case 'note-citation':
        this.#words += 1
        this.#write('[')
        return () => {
          this.#write(']')
          this.#words -= 1
        }
      case 'page':
        return this.#page()
      case 'math':
        return this.#mathematics()
      case 'footer-decl':
      case 'header-decl':
      case 'date-time-decl':
        return this.#declared()
      case 'listbox':
        this.#list = attributes['label'] ?? attributes['name'] ?? ''
        return undefined
      default:
        return this.#control(name, attributes)
    }
  }

  #hidden(): () => void {
    this.#options.contents.notes.add(HIDDEN)
    this.#silent += 1
    return () => {
      this.#silent -= 1
    }
  }

  #margin(): () => void {
    this.#margins += 1
    const end = this.#block()
    return () => {
      end()
      this.#margins -= 1
    }
  }

  #block(lines = 1): () => void {
    this.#flow.break(lines)
    return () => this.#flow.break(lines)
  }

  #styled(look: Partial<RunLook>): () => void {
    this.#looks.push({ ...this.#looks.at(-1)!, ...look })
    return () => {
      this.#looks.pop()
    }
  }

  #paragraph({ 'style-name': style }: Attributes): () => void {
    const ends = [this.#block(), this.#styled(this.#options.styles.look('paragraph', style))]
    this.#words += 1
    return () => {
      this.#words -= 1
      for (const end of ends.toReversed()) end()
    }
  }

  /**
   * A comment: in a sheet it follows the row with its cell's name, elsewhere it stands where it was
   * put.
   */
  #annotation(): () => void {
    return this.#apart((text) => {
      if (!this.#sheet?.comment(text)) this.#flow.write(` [Comment: ${text}] `)
    })
  }

  /** Footnotes and endnotes stand after the text, as their signs in it stay where they are. */
  #note(): () => void {
    return this.#apart((text) => this.#notes.push(`Footnote: ${text}`))
  }

  /** Words in the middle of others that are none of them. */
  #apart(keep: (text: string) => void): () => void {
    const around = this.#words
    this.#words = 0
    this.#flows.push(new Flow())
    return () => {
      this.#words = around
      const text = this.#flows.pop()!.toString()
      if (text !== '') keep(text)
    }
  }

  /** An object of the document that is a formula. */
  #mathematics(): (() => void) | undefined {
    if (this.#formula) return undefined
    const formula = (this.#formula = new Formula())
    return () => {
      this.#formula = undefined
      this.#flow.break()
      this.#write(formula.toString())
      this.#flow.break()
    }
  }

  /** What slides show at their edges is written once, before them. */
  #declared(): () => void {
    const end = this.#block()
    this.#words += 1
    return () => {
      this.#words -= 1
      end()
    }
  }

  #page(): () => void {
    this.#pages += 1
    this.#flow.break(2)
    if (/presentation/.test(this.#options.contents.typeOf('')) && !this.#options.onlyMargins) {
      // Written with the first words: the number of a slide without any is no text.
      this.#flow.lines.mark(`Slide ${this.#pages}\n`)
    }
    return () => this.#flow.break(2)
  }

  /** Controls of a form hold their values in attributes (OpenDocument 1.3, part 3, 13.5). */
  #control(
    name: string,
    {
      label,
      name: called,
      'current-state': state,
      state: first,
      'current-value': value,
      value: preset,
      'current-selected': chosen,
      selected
    }: Attributes
  ): undefined {
    const title = label ?? called ?? ''
    const line = (text: string) => {
      this.#flow.break()
      this.#write(text)
      this.#flow.break()
    }
    if (name === 'checkbox') line(`${tick((state ?? first) === 'checked')} ${title}`)
    else if (name === 'radio') line(`${tick((chosen ?? selected) === 'true')} ${title}`)
    else if (
      /^(text|textarea|formatted-text|number|combobox|date|time)$/.test(name) &&
      (value ?? preset)
    )
      line(`${title}: ${value ?? preset}`)
    else if (name === 'option' && (chosen ?? selected) === 'true')
      line(this.#list === '' ? title : `${this.#list}: ${title}`)
    return undefined
  }

  #noteLinks(name: string, { href }: Attributes): void {
    const outside = href !== undefined && /^([a-z][a-z\d+.-]*:|\/|\.\.\/)/i.test(href)
    if (
      outside &&
      /^(image|object|object-ole|plugin|floating-frame|section-source|fill-image)$/.test(name)
    )
      this.#options.contents.notes.add(EXTERNAL)
  }

  #beginSheet(sheet: OdfSheet, name: string, attributes: Attributes): (() => void) | undefined {
    if (name === 'table')
      sheet.begin(
        attributes['name'] ?? '',
        this.#options.styles.isHiddenTable(attributes['style-name'])
      )
    return name === 'table'
      ? undefined
      : name === 'table-row'
        ? sheet.row(attributes)
        : this.#cell(sheet, attributes)
  }

  #cell(sheet: OdfSheet, attributes: Attributes): () => void {
    const take = sheet.cell(attributes)
    const look = this.#styled(this.#options.styles.look('table-cell', attributes['style-name']))
    this.#flows.push(new Flow())
    return () => {
      look()
      take(this.#flows.pop()!)
    }
  }
}

/**
 * A shape that a master page of a presentation shows itself; those of a class are examples for what
 * a slide has there.
 */
function isOwnShape(name: string, { class: kind, placeholder }: Attributes): boolean {
  return (
    /^(frame|custom-shape|rect|ellipse)$/.test(name) &&
    kind === undefined &&
    placeholder === undefined
  )
}
