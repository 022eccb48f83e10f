/**
 * Whether some words of a line are marked and others of it are not: by being bold, underlined or of
 * another colour. "Keep / **give up**" is an answer, and the plain words are not.
 */
import { namesIn } from './names.ts'
import type { Declarations } from './declarations.ts'
import type { TextStyle } from './styles.ts'

type Attributes = Readonly<Record<string, string>>

/** How words are marked inside an element, and with which others they are held against each other. */
export interface Marking {
  readonly bold: boolean
  readonly underlined: boolean
  /** Number of the line, list or table it belongs to; undefined where marks say nothing. */
  readonly group: number | undefined
}

export const plainMarking: Marking = { bold: false, underlined: false, group: 0 }

/** Elements that browsers show bold or underlined by themselves, so that it says nothing. */
const excepted = namesIn(`
  h1 h2 h3 h4 h5 h6 th caption legend summary label a blockquote button select option title
`)
const ofOthers =
  /gmail_(quote|signature|attr)|moz-(cite|signature)|yahoo_quoted|divRplyFwdMsg|appendonsend|ms-outlook-mobile-signature|applemailsignature|^signature$/i
/** Each is held against its neighbours as one line: the entries of a list, the cells of a table. */
const together = namesIn('ul ol dl menu dir table')
const single = namesIn('li dt dd tr td tbody thead tfoot')
const lines = namesIn(`
  p center body section article main header footer pre address fieldset form aside nav figure
`)
/** Where the history begins: what earlier mails say is marked by programs. */
const history =
  /^\s*(on\b.{5,200}\bwrote|el\b.{5,200}\bescribió|am\b.{5,200}\bschrieb.{0,80}|-{2,}\s*(original|forwarded) message\b.{0,80}|(from|de|von)):?\s*$/i

export class Emphasis {
  readonly #seen = new Map<string, string>()
  #groups = 0
  #history = false
  /** Empty lines so far: what stands beyond one is another paragraph. */
  #gaps = 0
  #written = false
  /** Whether words of one line are marked differently. */
  partial = false

  inside(around: Marking, name: string, attributes: Attributes, said: Declarations): Marking {
    if (name === 'br' && !this.#written) this.#gaps += 1
    if (/^(br|div)$/.test(name)) this.#written = false
    const value = (property: string) => said.get(property)?.value
    const weight = value('font-weight')
    const line = value('text-decoration-line') ?? value('text-decoration')
    return {
      bold:
        weight === undefined || weight === 'inherit'
          ? around.bold || /^(b|strong)$/.test(name)
          : /^(bold|bolder|[6-9]00)$/.test(weight),
      underlined:
        around.underlined ||
        (line === undefined ? /^(u|ins)$/.test(name) : line.includes('underline')),
      group: this.#groupOf(around.group, name, attributes)
    }
  }

  #groupOf(around: number | undefined, name: string, attributes: Attributes): number | undefined {
    if (around === undefined || excepted.has(name)) return undefined
    if (isOfOthers(attributes)) return undefined
    if (single.has(name) || !(lines.has(name) || together.has(name))) return around
    this.#groups += 1
    return this.#groups
  }

  /** Words as they are written. @param color of the text, where any was said */
  write(text: string, { bold, underlined, group }: Marking, { color }: TextStyle): void {
    if (history.test(text) || /^-- ?$/.test(text.trim())) this.#history = true
    this.#written ||= text.trim() !== ''
    if (this.partial || this.#history || group === undefined || !/[\p{L}\p{N}]/u.test(text)) return
    const mark = `${bold ? 'b' : ''}${underlined ? 'u' : ''}${shade(color)}`
    const key = `${group}:${this.#gaps}`
    const before = this.#seen.get(key)
    if (before === undefined) this.#seen.set(key, mark)
    else this.partial = before !== mark
  }
}

function isOfOthers({ class: classes, id }: Attributes): boolean {
  if (classes === undefined && id === undefined) return false
  return ofOthers.test(`${classes ?? ''} ${id ?? ''}`)
}

/** Colours that are read as black: each program has its own. */
function shade(color: string | undefined): string {
  if (color === undefined || !/^[\da-f]{6}$/.test(color))
    return /^(windowtext|black|inherit|initial|currentcolor|unset)?$/.test(color ?? '')
      ? ''
      : color!
  const parts = color.match(/../g)!.map((part) => Number.parseInt(part, 16))
  return Math.max(...parts) <= 0x66 && Math.max(...parts) - Math.min(...parts) <= 0x20 ? '' : color
}
