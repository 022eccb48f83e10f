import { applyControl, boxesAsMarks, FormField, signText, tick, type Control } from './controls.ts'
import { Columns } from './columns.ts'
import { Flow } from './flow.ts'
import { Formula } from './formula.ts'
import {
  applyAttributes,
  applyFonts,
  applyProperty,
  plainRun,
  type ListPlace,
  type RunLook
} from './run-styles.ts'
import { signsOf, UNREAD_SIGN } from '../../../../platform/text/signs.ts'
import type { WordLists } from './word-lists.ts'
import { walkXml, type Attributes, type XmlBudget } from './xml.ts'

export interface RichTextOptions {
  readonly budget: XmlBudget
  /** Looks of Word's styles. */
  readonly styleOf?: (id: string | undefined) => Partial<RunLook> & ListPlace
  /** Word's lists, counted on. */
  readonly lists?: WordLists
  /** Called for a sign that is in no table. */
  readonly onUnknownSign?: () => void
  /** Called for words that nobody sees. */
  readonly onHidden?: () => void
  /** Names of people by the number that comments give them. */
  readonly authors?: ReadonlyMap<string, string>
  /** Of masters and layouts: what stands in a placeholder there is only an example. */
  readonly skipPlaceholders?: boolean
}

/**
 * The other rendering of what stands in Choice, field codes, old properties, and what was moved
 * elsewhere.
 */
const silent = /^(Fallback|instrText|moveFrom|\w*PrChange|numberingChange|externalData|ptLst)$/
/**
 * Elements whose text is the page's: words in runs, deleted ones, cached values of charts, and
 * comments of presentations.
 */
const worded = /^(t|delText|v|text)$/

/**
 * The words of a part in WordprocessingML or DrawingML (documents, headers, notes, comments,
 * slides, charts): paragraphs on lines, cells apart, what is struck or deleted as ~~these~~, ticked
 * boxes as [x]. One pass; the work grows with the length alone.
 */
export function richText(content: Uint8Array, options: RichTextOptions): string {
  const reading = new RichText(options)
  walkXml(content, reading, options.budget)
  return reading.flow.toString()
}

class RichText {
  readonly flow = new Flow()
  readonly #options: RichTextOptions
  readonly #path: string[] = []
  readonly #ends: ((() => void) | undefined)[] = []
  readonly #runs: RunLook[] = []
  readonly #controls: Control[] = []
  #paragraph: Partial<RunLook> & ListPlace = {}
  readonly #columns = new Columns()
  #numbered = false
  #formula: Formula | undefined
  #field: FormField | undefined
  #silent = 0
  #deleted = 0
  #powers = 0
  #inPlaceholder = false

  constructor(options: RichTextOptions) {
    this.#options = options
  }

  // Properties, since they are handed over as functions.
  readonly open = (name: string, attributes: Attributes): void => {
    const parent = this.#path.at(-1)
    this.#path.push(name)
    if (
      this.#silent > 0 ||
      silent.test(name) ||
      (name === 'fld' && attributes['type'] === 'slidenum')
    ) {
      this.#ends.push(this.#silence())
      return
    }
    if (this.#formula && name !== 'oMath') {
      this.#formula.open(name, attributes)
      this.#ends.push(() => this.#formula?.close())
      return
    }
    this.#ends.push(this.#begin(name, attributes, parent))
  }

  readonly close = (): void => {
    this.#path.pop()
    this.#ends.pop()?.()
  }

  readonly text = (text: string): void => {
    if (this.#silent === 0 && this.#formula) this.#formula.text(text)
    else if (this.#silent === 0 && worded.test(this.#path.at(-1) ?? ''))
      this.#write(this.#lettered(text))
  }

  #lettered(text: string): string {
    const font = this.#runs.at(-1)?.font
    return font === undefined
      ? boxesAsMarks(text)
      : signsOf(font, text, () => this.#options.onUnknownSign?.())
  }

  #write(text: string): void {
    const look = this.#runs.at(-1) ?? plainRun
    if (look.hidden) {
      this.#numbered ||= text.trim() !== ''
      return this.#options.onHidden?.()
    }
    if (text.trim() !== '') this.#number()
    this.flow.write(`${this.#columns.before(text)}${text}`, {
      struck: this.#deleted > 0 || look.struck,
      raised: this.#powers > 0 || look.raised,
      lowered: look.lowered,
      marked: look.marked
    })
  }

  /** A paragraph may lie in a text box of another. */
  #beginParagraph(): () => void {
    const [paragraph, numbered] = [this.#paragraph, this.#numbered]
    ;[this.#paragraph, this.#numbered] = [{}, false]
    const end = this.#block()
    return () => {
      // One without words is counted all the same.
      if (!this.#numbered) this.#options.lists?.next(this.#paragraph)
      ;[this.#paragraph, this.#numbered] = [paragraph, numbered]
      end()
    }
  }

  /** The number of a list stands before the first words of its paragraph. */
  #number(): void {
    if (this.#numbered) return
    this.#numbered = true
    const number = this.#options.lists?.next(this.#paragraph) ?? ''
    if (number !== '') this.flow.lines.mark(number)
  }

  #begin(
    name: string,
    attributes: Attributes,
    parent: string | undefined
  ): (() => void) | undefined {
    if (parent === 'rPr' || parent === 'sdtPr' || parent === 'checkbox')
      return this.#property(name, attributes, parent)
    if (parent === 'r' && name !== 't') return this.#beginInRun(name, attributes)
    switch (name) {
      case 'p':
        return this.#beginParagraph()
      case 'numId':
      case 'ilvl':
        if (parent === 'numPr')
          Object.assign(this.#paragraph, {
            [name === 'numId' ? 'list' : 'level']: attributes['val']
          })
        return undefined
      case 'oMath':
        return this.#mathematics()
      case 'pStyle':
        this.#paragraph = { ...this.#options.styleOf?.(attributes['val']) }
        return undefined
      case 'r':
      case 'fld':
        return this.#run()
      case 'rPr':
        applyAttributes(this.#runs.at(-1) ?? { ...plainRun }, attributes)
        return undefined
      case 'br':
        this.flow.end()
        return undefined
      case 'tbl':
        return this.#table()
      case 'tr':
        this.#columns.row()
        return this.flow.row()
      case 'tc':
        this.#columns.cell()
        this.#columns.span(Number(attributes['gridSpan'] ?? 1) - 1)
        return this.flow.cell()
      case 'gridSpan':
        this.#columns.span(Number(attributes['val'] ?? 1) - 1)
        return undefined
      case 'sp':
        this.#inPlaceholder = false
        return this.#block()
      case 'ph':
        this.#inPlaceholder = true
        return undefined
      case 'txBody':
        return this.#options.skipPlaceholders && this.#inPlaceholder
          ? this.#silence()
          : this.#block()
      case 'textpath':
        this.flow.break()
        this.#write(attributes['string'] ?? '')
        return () => this.flow.break()
      case 'txbxContent':
      case 'pt':
      case 'tx':
      case 'oMathPara':
        return this.#block()
      case 'sup':
        this.#powers += 1
        return () => {
          this.#powers -= 1
        }
      case 'del':
        this.#deleted += 1
        return () => {
          this.#deleted -= 1
        }
      case 'sdt':
        this.#controls.push({})
        return () => {
          this.#controls.pop()
        }
      case 'sdtContent':
        return this.#controlContent()
      case 'comment':
      case 'cm':
        return this.#comment(attributes)
      case 'footnote':
      case 'endnote':
        return this.#note(name, attributes)
      default:
        return this.#formField(name, attributes)
    }
  }

  #property(name: string, attributes: Attributes, parent: 'rPr' | 'sdtPr' | 'checkbox'): undefined {
    const control = this.#controls.at(-1)
    if (parent !== 'rPr' && control) applyControl(control, name, attributes)
    // The properties of a paragraph's mark stand outside of runs.
    const run = this.#path.at(-3) === 'r' ? this.#runs.at(-1) : undefined
    if (parent === 'rPr' && run && name === 'rStyle')
      Object.assign(run, this.#options.styleOf?.(attributes['val']))
    else if (parent === 'rPr' && run && name === 'rFonts') applyFonts(run, attributes)
    else if (parent === 'rPr' && run) applyProperty(run, name, attributes['val'])
  }

  #beginInRun(name: string, attributes: Attributes): undefined {
    if (name === 'rPr') applyAttributes(this.#runs.at(-1)!, attributes)
    else if (name === 'tab' || name === 'ptab') this.flow.gap()
    else if (name === 'br' || name === 'cr') this.flow.end()
    else if (name === 'noBreakHyphen') this.#write('-')
    else if (name === 'sym') this.#sign(attributes)
    else if (name === 'footnoteReference' || name === 'endnoteReference')
      this.flow.write(`[${attributes['id'] ?? ''}]`)
  }

  #sign(attributes: Attributes): void {
    const sign = signText(attributes)
    if (sign === undefined) this.#options.onUnknownSign?.()
    this.#write(sign ?? UNREAD_SIGN)
  }

  #mathematics(): (() => void) | undefined {
    if (this.#formula) return undefined
    const formula = (this.#formula = new Formula())
    return () => {
      this.#formula = undefined
      this.#write(formula.toString())
    }
  }

  #block(lines = 1): () => void {
    this.flow.break(lines)
    return () => this.flow.break(lines)
  }

  #table(): () => void {
    const ends = [this.#block(2), this.#columns.table()]
    return () => {
      for (const end of ends) end()
    }
  }

  #run(): () => void {
    this.#runs.push({ ...plainRun, ...this.#paragraph })
    return () => {
      this.#runs.pop()
    }
  }

  #controlContent(): (() => void) | undefined {
    const { checkbox, placeholder } = this.#controls.at(-1) ?? {}
    if (checkbox !== undefined) this.#write(tick(checkbox))
    if (checkbox === undefined && !placeholder) return undefined
    return this.#silence()
  }

  #silence(): () => void {
    this.#silent += 1
    return () => {
      this.#silent -= 1
    }
  }

  #comment({ author, authorId }: Attributes): () => void {
    const by = author ?? this.#options.authors?.get(authorId ?? '')
    this.flow.break()
    this.flow.lines.mark(by ? `Comment (${by}): ` : 'Comment: ')
    return () => this.flow.break()
  }

  #note(name: string, { id = '', type }: Attributes): (() => void) | undefined {
    if (type !== undefined && type !== 'normal') return undefined
    this.flow.break()
    this.flow.lines.mark(`${name === 'footnote' ? 'Footnote' : 'Endnote'} [${id}]: `)
    return () => this.flow.break()
  }

  #formField(name: string, attributes: Attributes): (() => void) | undefined {
    if (name === 'ffData') {
      this.#field = new FormField()
      return () => {
        this.#field = undefined
      }
    }
    const field = this.#field
    if (!field) return undefined
    field.apply(name, attributes)
    return () => this.#write(field.shown(name) ?? '')
  }
}
