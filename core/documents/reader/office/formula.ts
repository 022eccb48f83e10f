/**
 * Formulas in one line, so that ½ is (1/2) and not 12: of Office Open XML (m:oMath, ISO 29500-1,
 * 22.1) and of MathML.
 */
import type { Attributes } from './xml.ts'

interface Node {
  readonly name: string
  /** Texts of its children by their names, in their order. */
  readonly children: (readonly [name: string, text: string])[]
  readonly attributes: Attributes
  /** Properties of this node: signs, and what is struck or not shown. */
  readonly properties: Map<string, string>
}

const properties = /Pr$/
/** Source of the same formula in another notation. */
const silent = /^(annotation|annotation-xml|mphantom)$/

/** Put together as its elements open and close. */
export class Formula {
  readonly #nodes: Node[] = [{ name: '', children: [], attributes: {}, properties: new Map() }]

  open(name: string, attributes: Attributes): void {
    const parent = this.#nodes.at(-1)!
    if (properties.test(parent.name)) {
      const owner = this.#nodes.at(-2)
      owner?.properties.set(name, attributes['val'] ?? '1')
    }
    this.#nodes.push({ name, children: [], attributes, properties: new Map() })
  }

  text(text: string): void {
    const node = this.#nodes.at(-1)!
    if (/^(t|mi|mn|mo|mtext|ms)$/.test(node.name)) node.children.push(['', text])
  }

  close(): void {
    const node = this.#nodes.pop()
    if (node && !properties.test(node.name) && !silent.test(node.name))
      this.#nodes.at(-1)?.children.push([node.name, shown(node)])
  }

  toString(): string {
    return joined(this.#nodes[0]!.children).trim()
  }
}

function joined(children: Node['children']): string {
  return children.map(([, text]) => text).join('')
}

function shown(node: Node): string {
  const { name, children, properties: own } = node
  const named = (child: string) => joined(children.filter(([one]) => one === child))
  const nth = (index: number) => children[index]?.[1] ?? ''
  switch (name) {
    case 'f':
      return own.get('type') === 'noBar'
        ? `(${named('num')} ${named('den')})`
        : `(${group(named('num'))}/${group(named('den'))})`
    case 'rad':
      return root(named('e'), own.has('degHide') ? '' : named('deg'))
    case 'sSub':
      return `${named('e')}_${group(named('sub'))}`
    case 'sSup':
      return `${named('e')}^${group(named('sup'))}`
    case 'sSubSup':
    case 'sPre':
      return `${named('e')}_${group(named('sub'))}^${group(named('sup'))}`
    case 'nary':
      return `${own.get('chr') ?? '∫'}${limit('_', named('sub'))}${limit('^', named('sup'))} ${named('e')}`
    case 'd':
      return delimited(node)
    case 'func':
      return `${named('fName')}${group(named('e'))}`
    case 'limLow':
      return `${named('e')}${limit('_', named('lim'))}`
    case 'limUpp':
      return `${named('e')}${limit('^', named('lim'))}`
    case 'acc':
      return `${group(named('e'))}${own.get('chr') ?? '\u0302'}`
    case 'borderBox':
      return [...own.keys()].some((key) => key.startsWith('strike'))
        ? `~~${named('e')}~~`
        : named('e')
    case 'phant':
      return /^(0|false|off)$/.test(own.get('show') ?? '') ? '' : named('e')
    case 'm':
    case 'mtable':
      return `[${texts(children).join('; ')}]`
    case 'mr':
    case 'mtr':
    case 'mlabeledtr':
      return texts(children).join(', ')
    case 'eqArr':
      return texts(children).join('; ')
    case 'mfrac':
      return `(${group(nth(0))}/${group(nth(1))})`
    case 'msqrt':
      return root(joined(children), '')
    case 'mroot':
      return root(nth(0), nth(1))
    case 'msub':
    case 'munder':
      return `${nth(0)}_${group(nth(1))}`
    case 'msup':
    case 'mover':
      return `${nth(0)}^${group(nth(1))}`
    case 'msubsup':
    case 'munderover':
      return `${nth(0)}_${group(nth(1))}^${group(nth(2))}`
    case 'menclose':
      return /strike/.test(node.attributes['notation'] ?? '')
        ? `~~${joined(children)}~~`
        : joined(children)
    case 'mfenced':
      return `${node.attributes['open'] ?? '('}${texts(children).join(', ')}${node.attributes['close'] ?? ')'}`
    case 'mspace':
      return ' '
    default:
      return joined(children)
  }
}

function texts(children: Node['children']): string[] {
  return children.map(([, text]) => text)
}

function delimited({ children, properties: own }: Node): string {
  const [open, close] = [own.get('begChr') ?? '(', own.get('endChr') ?? ')']
  return `${open}${texts(children).join(own.get('sepChr') ?? '|')}${close}`
}

function root(of: string, degree: string): string {
  return `${degree.trim() === '' ? '' : `${group(degree)}`}√(${of})`
}

function limit(sign: '_' | '^', text: string): string {
  return text === '' ? '' : `${sign}${group(text)}`
}

/** What is more than one number or name is put in brackets. */
function group(text: string): string {
  return /^[\p{L}\p{N}.,\u2032]+$/u.test(text) || /^\([^()]*\)$/.test(text) ? text : `(${text})`
}
