/** Selectors of style sheets: which are followed, how strong one is, and what it matches. */
import { _compileUnsafe } from 'css-select'
import { parse, type Selector } from 'css-what'
import { isTag, type ChildNode, type Document, type Element, type ParentNode } from 'domhandler'
import { DomUtils } from 'htmlparser2'

export type Node = Document | ChildNode | ParentNode
export type Matches = (element: Element) => boolean

/** A selector as it is looked up. */
export interface Followed {
  readonly matches: Matches
  /**
   * Set where names in other capitals may match as well: the same, to the letter. It is made when
   * it is asked for, as few rules match anything.
   */
  readonly strictly: Matches | undefined
  /** `#id`, `.class`, name of an element or `*`, of the last element: what to look it up by. */
  readonly key: string
  readonly specificity: number
  readonly place: 'before' | 'after' | undefined
}

/** Parts of one selector; a mail has five. */
const PARTS = 30
/** Characters of a list of selectors. */
const LENGTH = 5_000

/** Those that depend on the document alone and are the same in every browser. */
const pseudos =
  /^((first|last|only)-(child|of-type)|nth-(last-)?(child|of-type)|not|is|where|root|empty|link|any-link|hover|active|focus|visited|checked)$/

/** A newsletter of 5,000 elements and 300 rules takes 200,000. */
const STEPS = 500_000

/** Work on one mail, counted in nodes looked at; what is left undone is said. */
export class Steps {
  #left = STEPS

  /** @throws OutOfSteps */
  take(count: number): void {
    this.#left -= count
    if (this.#left < 0) throw new OutOfSteps()
  }
}

export class OutOfSteps extends Error {}

/** A list of selectors as parsed; undefined where it is not one, or too long. */
export function selectorsOf(text: string): Selector[][] | undefined {
  if (text.length > LENGTH) return undefined
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/**
 * What a selector matches by in a document; undefined where it is none that is followed.
 * @param quirks whether names of classes and ids are the same in capitals
 */
export function follow(
  selector: readonly Selector[],
  { quirks, steps }: { readonly quirks: boolean; readonly steps: Steps }
): Followed | undefined {
  const last = selector.at(-1)
  const place =
    (last?.type === 'pseudo-element' || last?.type === 'pseudo') &&
    /^(before|after)$/.test(last.name)
      ? (last.name as 'before' | 'after')
      : undefined
  const own = place ? selector.slice(0, -1) : [...selector]
  if (!isFollowed([own])) return undefined
  const tokens = own.length === 0 || isCombinator(own.at(-1)!) ? [...own, universal] : own
  const matches = compiled(tokens, { quirksMode: quirks, steps })
  if (!matches) return undefined
  let toTheLetter: Matches | undefined
  const strictly: Matches = (element) => {
    toTheLetter ??= compiled(tokens, { quirksMode: false, steps })!
    return toTheLetter(element)
  }
  return {
    matches,
    strictly: quirks ? strictly : undefined,
    key: keyOf(tokens, quirks),
    specificity: specificityOf(tokens),
    place
  }
}

const universal = { type: 'universal', namespace: null } as Selector

function isFollowed(selectors: readonly Selector[][]): boolean {
  let parts = 0
  const isKnown = (one: Selector): boolean => {
    parts += 1
    if (one.type === 'pseudo')
      return (
        pseudos.test(one.name) &&
        !(typeof one.data === 'string' && /\bof\b/.test(one.data)) &&
        (!Array.isArray(one.data) || one.data.every((inner) => inner.every(isKnown)))
      )
    if ('namespace' in one && one.namespace !== null) return false
    if (one.type === 'attribute') return one.action !== 'not'
    return !/^(pseudo-element|parent|column-combinator)$/.test(one.type)
  }
  return selectors.every((one) => one.every(isKnown)) && parts <= PARTS
}

function isCombinator({ type }: Selector): boolean {
  return /^(descendant|child|sibling|adjacent)$/.test(type)
}

function compiled(
  tokens: readonly Selector[],
  { quirksMode, steps }: { readonly quirksMode: boolean; readonly steps: Steps }
): Matches | undefined {
  try {
    // It sorts them in place.
    return _compileUnsafe<Node, Element>([copied(tokens)], {
      adapter: adapterOf(steps),
      quirksMode,
      relativeSelector: false
    })
  } catch {
    return undefined
  }
}

function copied(tokens: readonly Selector[]): Selector[] {
  return tokens.map((one) =>
    one.type === 'pseudo' && Array.isArray(one.data)
      ? { ...one, data: one.data.map(copied) }
      : { ...one }
  )
}

/** The tree as css-select looks at it, every look counted. */
function adapterOf(steps: Steps) {
  const { getName, getChildren, getText, removeSubsets } = DomUtils
  return {
    isTag: isTag as (node: Node) => node is Element,
    getName: (element: Element) => {
      steps.take(1)
      return getName(element)
    },
    getParent: (element: Element): Node | null => {
      steps.take(1)
      return element.parent
    },
    getChildren: (node: Node): Node[] => getChildren(node as ParentNode),
    getSiblings: (node: Node): Node[] => {
      const siblings = DomUtils.getSiblings(node as ChildNode)
      steps.take(siblings.length)
      return siblings
    },
    prevElementSibling: (node: Node): Element | null => {
      steps.take(1)
      return DomUtils.prevElementSibling(node as ChildNode)
    },
    getAttributeValue: (element: Element, name: string): string | undefined => {
      const value = Object.hasOwn(element.attribs, name) ? element.attribs[name] : undefined
      steps.take(1 + (value ?? '').length / 8)
      return value
    },
    hasAttrib: (element: Element, name: string): boolean => Object.hasOwn(element.attribs, name),
    getText: (node: Node) => getText(node as ChildNode),
    removeSubsets: (nodes: Node[]): Node[] => removeSubsets(nodes as ChildNode[])
  }
}

/** Characters that part the names of an attribute class. */
export const blanks = /[ \t\n\f\r]+/

function keyOf(tokens: readonly Selector[], quirks: boolean): string {
  const last = tokens.slice(tokens.findLastIndex(isCombinator) + 1)
  const named = (name: string) =>
    last.find((one) => one.type === 'attribute' && one.name === name && one.namespace === null)
  const [id, klass, tag] = [named('id'), named('class'), last.find(({ type }) => type === 'tag')]
  const fold = (name: string) => (quirks ? name.toLowerCase() : name)
  if (id?.type === 'attribute' && id.action === 'equals' && id.ignoreCase !== true)
    return `#${fold(id.value)}`
  if (klass?.type === 'attribute' && klass.action === 'element' && klass.ignoreCase !== true)
    return `.${fold(klass.value)}`
  return tag?.type === 'tag' ? tag.name.toLowerCase() : '*'
}

/** As CSS weighs it: ids, then classes and attributes, then names of elements. */
function specificityOf(tokens: readonly Selector[]): number {
  let sum = 0
  for (const one of tokens) {
    if (one.type === 'attribute') sum += one.name === 'id' && one.action === 'equals' ? 1e6 : 1e3
    else if (one.type === 'tag') sum += 1
    else if (one.type === 'pseudo')
      sum +=
        one.name === 'where'
          ? 0
          : Array.isArray(one.data)
            ? Math.max(0, ...one.data.map(specificityOf))
            : 1e3
  }
  return sum
}
