/** The declarations of a style attribute or rule, as css-tree reads them. */
import { generate, parse, tokenize, type CssNode, type DeclarationList } from 'css-tree'
import { showingOf, type Showing } from './showing.ts'

export interface StyleValue {
  /** In lower case, `!important` taken off. */
  readonly value: string
  readonly forced: boolean
  readonly showing: Showing
  /** What `content` writes, where it is one text. */
  readonly text?: string
}

/** Declarations by property in lower case; later ones stand for earlier ones. */
export type Declarations = ReadonlyMap<string, StyleValue>

export const noDeclarations: Declarations = new Map()

/** Declarations of one element or rule that are looked at; a mail has ten. */
const DECLARATIONS = 100
/** Characters of the declarations of one element or rule that are looked at. */
const STYLE_LENGTH = 10_000
/** Brackets inside brackets; css-tree calls itself for each, and a mail has three. */
const DEPTH = 30
/**
 * Characters of different style attributes that are parsed, each counted as so many more: to begin
 * one costs as much as they. A newsletter has 10 KB in a few dozen of them.
 */
const STYLES_LENGTH = 500_000
const EACH = 100

/** Whether brackets lie deeper in each other than is parsed. */
export function isDeep(css: string): boolean {
  let [depth, deepest] = [0, 0]
  tokenize(css, (_type, start, end) => {
    const last = css[end - 1]!
    if ('({['.includes(last) && (end - start === 1 || last === '(')) depth += 1
    else if (end - start === 1 && ')}]'.includes(last)) depth = Math.max(0, depth - 1)
    deepest = Math.max(deepest, depth)
  })
  return deepest > DEPTH
}

/** Style attributes, each read once: a mail repeats them on every cell. */
export class StyleAttributes {
  readonly #read = new Map<string, Declarations>()
  #left = STYLES_LENGTH

  of(style: string): Declarations {
    const known = this.#read.get(style)
    if (known) return known
    this.#left -= Math.min(style.length, STYLE_LENGTH) + EACH
    if (this.#left < 0) return unlooked
    const read = readStyle(style)
    this.#read.set(style, read)
    return read
  }
}

function readStyle(style: string): Declarations {
  const css = style.slice(0, STYLE_LENGTH)
  if (isDeep(css)) return unlooked
  const list = parse(css, { context: 'declarationList', parseCustomProperty: false })
  return declarationsOf((list as DeclarationList).children.toArray(), {
    cut: style.length > STYLE_LENGTH
  })
}

/** Stands for what was not looked at. */
const more: readonly [string, StyleValue] = ['', { value: '', forced: false, showing: 'something' }]
const unlooked: Declarations = new Map([more])

/** @param cut whether there was more of them. */
export function declarationsOf(nodes: readonly CssNode[], { cut = false } = {}): Declarations {
  const found = new Map<string, StyleValue>()
  for (const node of nodes.slice(0, DECLARATIONS)) {
    if (node.type === 'Declaration') for (const one of expand(node)) found.set(...one)
    // A rule inside a rule, or what only some programs read.
    else if (node.type !== 'Raw' || node.value.includes('{')) found.set(...more)
  }
  if (cut || nodes.length > DECLARATIONS) found.set(...more)
  return found
}

type Declaration = Extract<CssNode, { type: 'Declaration' }>

/** A declaration, and what it says of others: `font` sets size, weight and family anew. */
function expand(declaration: Declaration): [string, StyleValue][] {
  const { property, value: node, ['important']: mark } = declaration
  const [name, given] = [property.toLowerCase(), generate(node).trim()]
  const forced = mark !== false
  const say = (one: string, value: string): [string, StyleValue] => [
    one,
    { value, forced, showing: showingOf(one, value) }
  ]
  const value = given.toLowerCase()
  if (name === 'content') return [['content', contentOf(node, given, forced)]]
  if (name === 'background') return [say(name, value), say('background-color', value)]
  if (name !== 'font' || /^(inherit|initial|unset|revert)$/.test(value)) return [say(name, value)]
  const font = partsOfFont(node)
  // A browser leaves out a font without size or family; other programs may not.
  if (!font) return [[name, { value, forced, showing: 'something' }]]
  return [
    say(name, value),
    say('font-size', font.size),
    say('font-weight', font.weight),
    say('font-family', font.family)
  ]
}

function contentOf(node: CssNode, value: string, forced: boolean): StyleValue {
  const parts = node.type === 'Value' ? node.children.toArray() : []
  const text = parts.length === 1 && parts[0]!.type === 'String' ? parts[0].value : undefined
  const showing = showingOf('content', value.toLowerCase())
  return { value, forced, showing, ...(text === undefined ? {} : { text }) }
}

const sizes = /^(xx-small|x-small|small|medium|large|x-large|xx-large|xxx-large|smaller|larger)$/

const system = /^(caption|icon|menu|message-box|small-caption|status-bar)$/i

interface Font {
  readonly size: string
  readonly weight: string
  readonly family: string
}

/** A font as CSS writes it: up to four words, the size, then the family. */
function partsOfFont(node: CssNode): Font | undefined {
  const parts = node.type === 'Value' ? node.children.toArray() : []
  if (parts.length === 1 && system.test(generate(parts[0]!)))
    return { size: 'medium', weight: 'normal', family: 'system-ui' }
  const at = parts.findIndex(isSize)
  const after = parts[at + 1]?.type === 'Operator' ? at + 3 : at + 1
  if (at < 0 || at > 4 || !/^(Identifier|String)$/.test(parts[after]?.type ?? '')) return undefined
  const words = parts.slice(0, at).map((part) => generate(part).toLowerCase())
  return {
    size: generate(parts[at]!).toLowerCase(),
    weight: words.find((word) => /^(bold|bolder|lighter|[1-9]00)$/.test(word)) ?? 'normal',
    family: parts
      .slice(after)
      .map((part) => generate(part).toLowerCase())
      .join(' ')
  }
}

function isSize(part: CssNode): boolean {
  return (
    part.type === 'Dimension' ||
    part.type === 'Percentage' ||
    (part.type === 'Number' && Number(part.value) === 0) ||
    (part.type === 'Identifier' && sizes.test(part.name.toLowerCase()))
  )
}
