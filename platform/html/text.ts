import { namesIn } from './names.ts'
import { isCDATA, isComment, isTag, isText, type ChildNode, type Element } from 'domhandler'
import { DomUtils } from 'htmlparser2'
import { EvenhandError } from '../errors.ts'
import { signsOf } from '../text/signs.ts'
import { Choice, fieldText } from './controls.ts'
import { Emphasis, plainMarking, type Marking } from './emphasis.ts'
import { signsAround } from './formulas.ts'
import { imageText, isPicture } from './images.ts'
import { TextLines } from './lines.ts'
import { Numbering } from './numbering.ts'
import { Sheets, type Styled } from './sheets.ts'
import type { Declarations } from './declarations.ts'
import { commentShows, elementShows } from './showing.ts'
import {
  isSeen,
  isStruck,
  Looks,
  plainStyle,
  shiftOf,
  showsMore,
  type TextStyle
} from './styles.ts'
import { parseHtml, type HtmlTree, type TreeLimits } from './tree.ts'

/** An element that is open, and what is to be done at its end. */
interface Open {
  readonly look: TextStyle
  readonly marking: Marking
  readonly seen: boolean
  readonly name: string
  /** A drawing, where only what is a text is one, or a gauge. */
  readonly drawn: boolean
  /** What its end does, the last first. */
  readonly ends: readonly (() => void)[]
  /** A table whose foot was written before its body; it is shown beneath. */
  footed: boolean
  /** Elements that began inside. */
  parts: number
}

export interface HtmlReading {
  readonly text: string
  /**
   * False where HTML may show more than its text says, or something else: pictures, drawings,
   * formulas, marked words, styles that move, write or hide.
   */
  readonly whole: boolean
}

export interface HtmlLimits extends TreeLimits {
  /** Characters converted, embedded images already taken out. */
  readonly htmlLength: number
}

/**
 * HTML as the plain text that its reader sees: rows of tables on lines, cells apart; struck words
 * as ~~these~~, raised ones as ^3, lowered ones as _3, entries of lists as they are counted, fields
 * of a form as their values, ticked [x] or [ ], of a choice what was chosen, an image as [image:
 * what it shows] where that is said and no decoration; no scripts, styles or markup, and nothing
 * that is hidden. One walk through the tree, so that the work grows with the length alone, however deep the
 * elements lie. `links`: whether the address of a link follows its text.
 * @throws EvenhandError READ_LIMIT when it is longer or nested deeper than is converted.
 */
export function readHtml(
  html: string,
  limits: HtmlLimits,
  { links = true }: { readonly links?: boolean } = {}
): HtmlReading {
  const light = html.replace(/\bdata:[^"'\s)>]{200,}/g, '')
  if (light.length > limits.htmlLength)
    throw new EvenhandError('READ_LIMIT', `more than ${limits.htmlLength} characters of HTML`)
  // A sign that begins no tag costs as much as one that does: three to a tag are its begin, its end
  // and a comment.
  const most = limits.htmlTags * 3
  if (signsIn(light, most) > most)
    throw new EvenhandError('READ_LIMIT', `more than ${most} signs "<" in HTML`)
  const reading = new Reading(parseHtml(light, limits), links)
  return { text: reading.lines.toString(), whole: reading.whole }
}

/** Signs "<", counted no further than one over `most`. */
function signsIn(html: string, most: number): number {
  let count = 0
  for (let at = html.indexOf('<'); at >= 0 && count <= most; at = html.indexOf('<', at + 1))
    count += 1
  return count
}

/** Elements whose text is none of the message's. */
const silent = namesIn(`
  head title script template iframe datalist rp desc metadata annotation annotation-xml
`)
/** Elements that draw, or show a state of something. */
const drawings = namesIn('svg meter progress')
/** Texts within a drawing. */
const written = namesIn('text foreignobject')
/** Empty lines before and after: two line ends make one. */
const apart = namesIn('p h1 h2 h3 h4 h5 h6 ul ol dl blockquote pre table figure hr fieldset')
const block = namesIn(`
  address article aside body center dd details dir div dt figcaption footer form header html
  legend li main menu nav section summary tbody tfoot thead caption tr
`)
/** Inline, but words in them do not run into their neighbours. */
const spaced = namesIn('button input label option select textarea meter progress text math')
/** What stands in the head is not seen, and may change what is. */
const ofHead = namesIn('link base meta script template')
const lists = namesIn('ul ol menu dir')
/** What Word puts before the entries of its lists. */
const bullets = /^(symbol \u00b7?|wingdings \u00a7?)$/
/** Elements of formulas. */
const formula = namesIn(`
  math mi mn mo mtext ms mrow msup msub msubsup mfrac mover munder munderover msqrt mroot mstyle
  mpadded
`)

class Reading {
  readonly lines = new TextLines()
  readonly #open: Open[] = []
  readonly #lists: Numbering[] = []
  readonly #sheets: Sheets
  readonly #looks = new Looks()
  readonly #emphasis = new Emphasis()
  readonly #links: boolean
  #forms = 0
  #choice: Choice | undefined
  #more: boolean

  constructor({ document, quirks, misplaced }: HtmlTree, links: boolean) {
    this.#links = links
    this.#more = misplaced
    this.#sheets = new Sheets(quirks)
    for (const style of DomUtils.getElementsByTagName('style', document)) this.#addSheet(style)
    for (const node of document.children) this.#walk(node)
  }

  /** A sheet holds for the whole document, also for what stands before it. */
  #addSheet({ attribs, children }: Element): void {
    const media = (attribs['media'] ?? '').trim().toLowerCase()
    if (media === 'print') return
    if (/^(all|screen|)$/.test(media)) this.#sheets.add(DomUtils.textContent(children))
    else this.#more = true
  }

  #walk(node: ChildNode): void {
    if (isText(node)) this.#text(node.data)
    else if (isComment(node)) this.#more ||= commentShows(node.data)
    else if (isTag(node)) this.#element(node)
    else if (isCDATA(node)) for (const child of node.children) this.#walk(child)
  }

  #element(element: Element): void {
    this.#begun(element)
    for (const child of element.children) this.#walk(child)
    for (const end of this.#open.pop()!.ends.toReversed()) end()
  }

  #begun(element: Element): void {
    const { name, attribs: attributes } = element
    const parent = this.#open.at(-1)
    const styled = this.#sheets.of(element)
    const { said } = styled
    const inside = this.#looks.inside(parent?.look ?? plainStyle, said, attributes)
    const look = name === 'pre' || name === 'textarea' ? { ...inside, preformatted: true } : inside
    const visible = isSeen(look)
    const silenced = silent.has(name) || name === 'style' || (name === 'button' && this.#forms > 0)
    const shown = silenced ? { ...look, gone: true } : look
    const inDrawing = parent?.drawn === true && !written.has(name)
    const seen = visible && !silenced
    const drawn = inDrawing || drawings.has(name)
    this.#more ||= this.#showsMore(name, attributes, said, visible)
    const ends = this.#choice
      ? [this.#choice.begin(name, attributes)]
      : shown.gone
        ? []
        : this.#beginElement(element, styled, parent, seen && !inDrawing)
    if (parent) parent.parts += 1
    if (parent && name === 'tfoot') parent.footed = true
    else if (parent?.footed && /^(tbody|tr)$/.test(name)) this.#more = true
    this.#open.push({
      look: shown,
      marking: this.#emphasis.inside(parent?.marking ?? plainMarking, name, attributes, said),
      seen: seen && !drawn,
      name,
      drawn,
      parts: 0,
      footed: false,
      ends
    })
  }

  #text(source: string): void {
    const { look, marking, seen, name } = this.#open.at(-1) ?? {
      look: plainStyle,
      marking: plainMarking,
      seen: true,
      name: ''
    }
    const text = look.signs && seen ? this.#signs(look.signs, source) : source
    // A closed choice shows the entry that was chosen, also one that its list hides.
    if (this.#choice && !this.#choice.several && name === 'option') return this.#choice.write(text)
    if (!seen) return
    this.#emphasis.write(text, marking, look)
    if (this.#choice) return this.#choice.write(text)
    // Between the signs of a formula white space is only how its source is laid out.
    if (formula.has(name) && text.trim() === '') return
    this.lines.write(formula.has(name) ? text.trim() : text, look.preformatted)
  }

  /** Where a font is not at hand its letters stay letters; a bullet is one either way. */
  #signs(font: string, source: string): string {
    this.#more ||= !bullets.test(`${font.toLowerCase()} ${source.trim()}`)
    return signsOf(font, source, () => (this.#more = true))
  }

  get whole(): boolean {
    return !this.#more && !this.#emphasis.partial && !this.#sheets.showsMore
  }

  #showsMore(
    name: string,
    attributes: Readonly<Record<string, string>>,
    said: Declarations,
    visible: boolean
  ): boolean {
    if (ofHead.has(name)) return elementShows(name, attributes)
    if (!visible) return false
    return (
      elementShows(name, attributes) ||
      showsMore(name, said) ||
      (name === 'button' && this.#forms > 0) ||
      (name === 'img' && isPicture(attributes, said))
    )
  }

  /**
   * Everything that begins with an element that is not taken out; answers with what its end does.
   */
  #beginElement(
    { name, attribs: attributes }: Element,
    { said, before, after }: Styled,
    parent: Open | undefined,
    seen: boolean
  ): (() => void)[] {
    const ends = this.#begin(name, attributes, said)
    ends.push(...this.#beginSigns(name, said))
    if (!seen) return ends
    ends.push(...this.#beginWritten(name, parent, [before, after]))
    this.lines.write(
      name === 'img' ? imageText(attributes, said) : fieldText(name, attributes),
      false
    )
    if (name === 'select') ends.push(this.#beginChoice(attributes))
    return ends
  }

  /**
   * What is written around the words of an element without standing in its text: by a style, by
   * quotation marks, in a formula.
   */
  #beginWritten(
    name: string,
    parent: Open | undefined,
    [first, last]: readonly [string, string]
  ): (() => void)[] {
    const { lines } = this
    const [before, behind] =
      name === 'q'
        ? ['\u201c', '\u201d']
        : name === 'rt'
          ? ['(', ')']
          : parent && formula.has(parent.name)
            ? signsAround(name, parent.name, parent.parts)
            : ['', '']
    if (before !== '') lines.glue(before)
    lines.write(first, false)
    return [
      () => {
        lines.write(last, false)
        if (behind !== '') lines.close(behind)
      }
    ]
  }

  #beginChoice(attributes: Readonly<Record<string, string>>): () => void {
    const choice = (this.#choice = new Choice(attributes))
    return () => {
      this.#choice = undefined
      for (const text of choice.shown) {
        if (choice.several) this.lines.break(1)
        this.lines.write(text, false)
      }
      if (choice.several) this.lines.break(1)
    }
  }

  /** What an element does to the lines; answers with what its end does. */
  #begin(
    name: string,
    attributes: Readonly<Record<string, string>>,
    said: Declarations
  ): (() => void)[] {
    const { lines } = this
    const display = said.get('display')?.value
    if (name === 'br') {
      lines.end()
      return []
    }
    if (name === 'hr') {
      lines.rule()
      return []
    }
    if (name === 'td' || name === 'th' || display === 'table-cell') {
      lines.cell()
      return [() => lines.space()]
    }
    if (name === 'tr' || display === 'table-row') return [lines.row()]
    if (name === 'a' && this.#links) return [lines.link(attributes['href'] ?? '')]
    const breaks = breaksOf(name, display, lines.inRow)
    if (breaks === 0) {
      if (!spaced.has(name) && !block.has(name)) return []
      lines.space()
      return [() => lines.space()]
    }
    lines.break(breaks)
    return [() => lines.break(breaks), ...this.#beginBlock(name, attributes, said)]
  }

  /** What turns the meaning of words: struck, raised, lowered. */
  #beginSigns(name: string, said: Declarations): (() => void)[] {
    const ends = []
    if (isStruck(name, said)) ends.push(this.lines.strike())
    const shift = shiftOf(name, said)
    if (shift !== '') ends.push(this.lines.shift(shift))
    return ends
  }

  #beginBlock(
    name: string,
    attributes: Readonly<Record<string, string>>,
    said: Declarations
  ): (() => void)[] {
    const { lines } = this
    if (name === 'blockquote') return [lines.quote()]
    if (name === 'form') {
      this.#forms += 1
      return [
        () => {
          this.#forms -= 1
        }
      ]
    }
    if (lists.has(name)) {
      this.#lists.push(new Numbering(name, attributes, said))
      return [
        () => {
          this.#lists.pop()
        }
      ]
    }
    if (name === 'li')
      lines.mark((this.#lists.at(-1) ?? new Numbering('ul', {}, said)).entry(attributes, said))
    return []
  }
}

/**
 * Line ends around an element: 2 make an empty line. A table in a cell stays close to what is
 * around it.
 */
function breaksOf(name: string, display: string | undefined, inRow: boolean): number {
  if (display?.startsWith('inline')) return 0
  if (apart.has(name)) return name === 'table' && inRow ? 1 : 2
  if (block.has(name)) return 1
  return display !== undefined && /^(block|flex|grid|table|list-item)$/.test(display) ? 1 : 0
}
