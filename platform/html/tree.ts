/** HTML as a tree, within bounds, with the elements that a browser puts in where no tag does. */
import { namesIn } from './names.ts'
import { DomHandler, Element, isTag, isText, type ChildNode, type Document } from 'domhandler'
import { Parser } from 'htmlparser2'
import { EvenhandError } from '../errors.ts'

export interface TreeLimits {
  /** Open elements inside each other. */
  readonly htmlDepth: number
  /** Start tags. */
  readonly htmlTags: number
}

export interface HtmlTree {
  readonly document: Document
  /** Without a modern doctype names of classes and ids are the same in capitals. */
  readonly quirks: boolean
  /** Something stands between rows or cells, where a browser moves it to before the table. */
  readonly misplaced: boolean
}

/** @throws EvenhandError READ_LIMIT where there are more tags, or deeper ones, than are read */
export function parseHtml(html: string, limits: TreeLimits): HtmlTree {
  const handler = new BoundedHandler(limits)
  new Parser(handler, { decodeEntities: true }).end(html)
  const document = handler.root
  const tables = new Tables()
  for (const table of handler.tables) tables.complete(table)
  const quirks = isQuirky(document.children)
  putIntoBody(document)
  return { document, quirks, misplaced: tables.misplaced }
}

class BoundedHandler extends DomHandler {
  readonly tables: Element[] = []
  readonly #limits: TreeLimits
  #tags = 0

  constructor(limits: TreeLimits) {
    super()
    this.#limits = limits
  }

  override onopentag(name: string, attributes: Record<string, string>): void {
    const { htmlTags, htmlDepth } = this.#limits
    this.#tags += 1
    if (this.#tags > htmlTags)
      throw new EvenhandError('READ_LIMIT', `more than ${htmlTags} HTML tags`)
    // The document is in the stack.
    if (this.tagStack.length > htmlDepth)
      throw new EvenhandError('READ_LIMIT', `HTML nested deeper than ${htmlDepth}`)
    super.onopentag(name, attributes)
    const opened = this.tagStack.at(-1)
    if (tables.has(name)) this.tables.push(opened as Element)
  }

  /** Errors of the bounds go on to the caller. */
  override onerror(error: Error): void {
    throw error
  }
}

const tables = namesIn('table tbody thead tfoot tr')
const inTable = namesIn('caption colgroup col tbody thead tfoot tr td th style script template')
const inRow = namesIn('td th style script template')

/** Rows stand in a body of a table, cells in a row, also where no tag says so. */
class Tables {
  misplaced = false

  complete(parent: Element): void {
    const allowed = parent.name === 'tr' ? inRow : inTable
    this.misplaced ||= parent.children.some((child) =>
      isTag(child) ? !allowed.has(child.name) && !isUnseen(child) : isText(child) && isWord(child)
    )
    if (parent.name === 'tr') return
    putRunsInto(parent, 'tr', /^t[dh]$/)
    if (parent.name === 'table') putRunsInto(parent, 'tbody', /^tr$/)
  }
}

function isUnseen({ name, attribs }: Element): boolean {
  return name === 'form' || (name === 'input' && /^hidden$/i.test(attribs['type'] ?? ''))
}

function isWord(node: ChildNode): boolean {
  return isText(node) && node.data.trim() !== ''
}

/** Puts children of a name that follow each other into an element of another. */
function putRunsInto(parent: Element, name: string, children: RegExp): void {
  if (!parent.children.some((child) => isTag(child) && children.test(child.name))) return
  const result: ChildNode[] = []
  let run: Element | undefined
  for (const child of parent.children) {
    if (isTag(child)) {
      if (!children.test(child.name)) run = undefined
      else if (!run) result.push((run = new Element(name, {})))
    }
    if (run) run.children.push(child)
    else result.push(child)
  }
  for (const one of result) if (isTag(one) && !one.parent) adopt(one, one.children)
  adopt(parent, result)
}

function adopt(parent: Element | Document, children: ChildNode[]): void {
  parent.children = children
  for (const [index, child] of children.entries()) {
    child.parent = parent
    child.prev = children[index - 1] ?? null
    child.next = children[index + 1] ?? null
  }
}

const ofHead = namesIn('head title meta link base style script template noscript')

/** html and body are there in every document, and all that is shown is in the body. */
function putIntoBody(document: Document): void {
  const html = childOf(document, 'html') ?? new Element('html', {})
  if (childOf(html, 'frameset')) return
  const body = childOf(html, 'body') ?? new Element('body', {})
  const [before, after] = around(document.children, html)
  const [first, last] = around(html.children, body)
  const pieces = [...before, ...first]
  const from = pieces.findIndex((one) => (isTag(one) ? !ofHead.has(one.name) : isWord(one)))
  const heads = pieces.splice(0, from < 0 ? pieces.length : from)
  adopt(body, [...pieces, ...body.children, ...last, ...after])
  adopt(html, [...heads, body])
  adopt(document, [html])
}

function childOf(parent: Document | Element, name: string): Element | undefined {
  return parent.children.find((child): child is Element => isTag(child) && child.name === name)
}

/** What stands before one of the nodes and after it; all before where it is not among them. */
function around(nodes: ChildNode[], node: ChildNode): [ChildNode[], ChildNode[]] {
  const at = nodes.indexOf(node)
  return at < 0 ? [nodes, []] : [nodes.slice(0, at), nodes.slice(at + 1)]
}

/** Old public identifiers for which browsers read as they did then (HTML standard, 13.2.6.4.1). */
const old =
  /-\/\/(w3c\/\/dtd html (3|4\.0 (transitional|frameset)|4\.01 (transitional|frameset)\/\/en"\s*$)|ietf\/\/|microsoft\/\/|netscape|w3o\/\/)/i

function isQuirky(nodes: readonly ChildNode[]): boolean {
  const doctype = nodes.find((node) => node.type === 'directive' && /^!doctype\s/i.test(node.data))
  if (!doctype || doctype.type !== 'directive') return true
  return !/^!doctype\s+html\b/i.test(doctype.data) || old.test(doctype.data)
}
