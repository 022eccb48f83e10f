/** The style sheets of one mail: css-tree parses them, css-select says what a rule holds for. */
import { generate, parse, type CssNode, type StyleSheet } from 'css-tree'
import type { Element } from 'domhandler'
import {
  declarationsOf,
  isDeep,
  noDeclarations,
  StyleAttributes,
  type Declarations,
  type StyleValue
} from './declarations.ts'
import { blanks, follow, OutOfSteps, selectorsOf, Steps, type Followed } from './selectors.ts'
import { isIdleBlock } from './showing.ts'
import { changesText } from './styles.ts'

interface Rule extends Followed {
  readonly order: number
  readonly said: Declarations
}

/** Characters of sheets that are looked at, and rules kept: a newsletter has 20 KB and 300. */
const SHEET_LENGTH = 200_000
const RULES = 2_000
/** Selectors of one rule, and names of classes of one element. */
const SELECTORS = 50
const CLASSES = 50
/**
 * Characters that styles write into one text: every element may have the same ones, so that they
 * would grow with both.
 */
const WRITTEN = 20_000

export interface Styled {
  readonly said: Declarations
  /** What a style writes before and after the words of the element. */
  readonly before: string
  readonly after: string
}

/** Later layers stand for earlier ones. */
function together(layers: readonly Declarations[]): Declarations {
  if (layers.length <= 1) return layers[0] ?? noDeclarations
  const result = new Map<string, StyleValue>()
  for (const layer of layers)
    for (const [property, said] of layer)
      if (said.forced || !result.get(property)?.forced) result.set(property, said)
  return result
}

/** Cache: the paragraphs of a letter have the same layers, of which there are two or three. */
class Together {
  static readonly most = 3
  readonly #next = new Map<Declarations, Together>()
  #said: Declarations | undefined

  of(layers: readonly Declarations[]): Declarations {
    if (layers.length > Together.most) return together(layers)
    const found = layers.reduce((known: Together, layer) => known.#after(layer), this)
    return (found.#said ??= together(layers))
  }

  #after(layer: Declarations): Together {
    const found = this.#next.get(layer) ?? new Together()
    this.#next.set(layer, found)
    return found
  }
}

const plain: Styled = { said: noDeclarations, before: '', after: '' }

export class Sheets {
  readonly #rules = new Map<string, Rule[]>()
  readonly #steps = new Steps()
  readonly #attributes = new StyleAttributes()
  readonly #known = new Together()
  readonly #quirks: boolean
  #count = 0
  #left = SHEET_LENGTH
  #leftToWrite = WRITTEN
  #more = false

  /** @param quirks whether names of classes and ids are the same in capitals */
  constructor(quirks: boolean) {
    this.#quirks = quirks
  }

  /** Whether a rule that is not followed may show something, or take it away. */
  get showsMore(): boolean {
    return this.#more
  }

  /**
   * Takes a style element's text. Rules inside @media and the like hold on other screens and are
   * left out.
   */
  add(css: string): void {
    const sheet = css.slice(0, this.#left)
    this.#left -= sheet.length
    const deep = isDeep(sheet)
    if (deep || sheet.length < css.length) this.#more = true
    if (deep) return
    const parsed = parse(sheet, { parseRulePrelude: false, parseAtrulePrelude: false })
    for (const node of (parsed as StyleSheet).children.toArray()) this.#take(node)
  }

  #take(node: CssNode): void {
    if (node.type === 'Rule')
      return this.#note(generate(node.prelude), declarationsOf(node.block.children.toArray()))
    if (node.type === 'Atrule') {
      const head = `@${node.name} ${node.prelude ? generate(node.prelude) : ''}`.trim()
      this.#more ||= !isIdleBlock(head, node.block ? generate(node.block) : '')
    } else if (node.type === 'Raw') this.#more ||= node.value.includes('{')
  }

  #note(prelude: string, said: Declarations): void {
    if (this.#count >= RULES) {
      this.#more ||= changesText(said)
      return
    }
    const selectors = selectorsOf(prelude)
    const followed = selectors
      ?.slice(0, SELECTORS)
      .map((selector) => follow(selector, { quirks: this.#quirks, steps: this.#steps }))
    // A browser that does not know one of them leaves out all.
    if (!followed || followed.includes(undefined) || selectors!.length > SELECTORS)
      this.#more ||= changesText(said)
    else for (const one of followed) this.#keep({ ...one!, said, order: this.#count })
  }

  #keep(rule: Rule): void {
    this.#count += 1
    if (rule.place && !/^(none|normal)?$/.test(rule.said.get('content')?.value ?? ''))
      this.#more = true
    const alike = this.#rules.get(rule.key)
    if (alike) alike.push(rule)
    else this.#rules.set(rule.key, [rule])
  }

  /** What holds for an element: by its rules as CSS weighs them, then by its own style. */
  of(element: Element): Styled {
    const own = element.attribs['style']
    if (this.#rules.size === 0) return own ? { ...plain, said: this.#attributes.of(own) } : plain
    const rules = this.#matching(element)
    const layers = rules.filter(({ place }) => !place).map(({ said }) => said)
    if (own) layers.push(this.#attributes.of(own))
    const said = this.#known.of(layers)
    if (layers.length >= rules.length) return { ...plain, said }
    return {
      said,
      before: this.#written(rules, 'before'),
      after: this.#written(rules, 'after')
    }
  }

  #matching(element: Element): Rule[] {
    try {
      const found = this.#keysOf(element)
        .flatMap((key) => this.#rules.get(key) ?? [])
        .filter((rule) => this.#holds(rule, element))
      return found.sort((a, b) => a.specificity - b.specificity || a.order - b.order)
    } catch (error) {
      if (!(error instanceof OutOfSteps)) throw error
      this.#more = true
      this.#rules.clear()
      return []
    }
  }

  #holds({ matches, strictly, said, place }: Rule, element: Element): boolean {
    this.#steps.take(1 + said.size)
    if (!matches(element)) return false
    // Programs that put the mail into a page of their own read names to the letter.
    if (strictly && !this.#more && !strictly(element))
      this.#more = place !== undefined || changesText(said)
    return true
  }

  #keysOf({ name, attribs }: Element): string[] {
    const fold = (text: string) => (this.#quirks ? text.toLowerCase() : text)
    const classes = (attribs['class'] ?? '').split(blanks, CLASSES + 1).filter(Boolean)
    this.#more ||= classes.length > CLASSES
    const id = attribs['id']
    return [
      '*',
      name,
      ...new Set(classes.map((one) => `.${fold(one)}`)),
      ...(id ? [`#${fold(id)}`] : [])
    ]
  }

  #written(rules: readonly Rule[], place: 'before' | 'after'): string {
    const layers = rules.filter((rule) => rule.place === place).map(({ said }) => said)
    const text = together(layers).get('content')?.text ?? ''
    const written = text.slice(0, this.#leftToWrite)
    this.#leftToWrite -= written.length
    return written
  }
}
