/** The numbers of a Word document's lists, which stand in no text of it (ISO 29500-1, 17.9). */
import { roman } from '../../../../platform/html/numbering.ts'
import { walkXml, type XmlBudget } from './xml.ts'

interface Level {
  start: number
  format: string
  text: string
  /** All numbers in it are figures, whatever the levels above are counted in. */
  legal: boolean
  /** The level after which it begins anew, from 1; 0 for none. Undefined: any above. */
  restart: number | undefined
  /** The style of paragraphs that are of this level. */
  style: string | undefined
}

/** What a paragraph says of its position in a list, itself or by its style. */
export interface ListPosition {
  readonly list?: string
  readonly level?: string
  /** The style that put it into the list. */
  readonly listStyle?: string
}

/** A list as its paragraphs name it: its kind, and what of it is its own. */
interface List {
  kind: string
  readonly starts: Map<number, number>
  readonly levels: Map<number, Level>
}

const LEVELS = 9
/** Letters of a level's own text that are kept. */
const TEXT_LENGTH = 60

/** Counts the lists of a document on as their paragraphs come. */
export class WordLists {
  readonly #kinds = new Map<string, Level[]>()
  readonly #lists = new Map<string, List>()
  /** Kinds by the style that names them, and kinds that are only such a name. */
  readonly #styled = new Map<string, string>()
  readonly #linked = new Map<string, string>()
  readonly #counts = new Map<string, (number | undefined)[]>()
  /** Levels of lists that have begun anew. */
  readonly #begun = new Set<string>()

  constructor(content: Uint8Array | undefined, budget: XmlBudget) {
    if (content) this.#collect(content, budget)
  }

  /** What stands before the next paragraph of a list; empty for bullets and no list at all. */
  next({ list: id = '', level: at, listStyle }: ListPosition): string {
    const list = this.#lists.get(id)
    const kind = list && this.#kindOf(list.kind)
    const levels = (this.#kinds.get(kind ?? '') ?? []).slice()
    for (const [one, level] of list?.levels ?? []) levels[one] = level
    const styled = levels.findIndex((one) => one && one.style === listStyle)
    const level = Number(at ?? (listStyle === undefined ? 0 : Math.max(0, styled)))
    const here = levels[level]
    if (!list || kind === undefined || !here) return ''
    const counts = this.#count(`${id} ${level}`, kind, levels, level, list.starts.get(level))
    if (here.format === 'bullet' || here.format === 'none') return ''
    const text = here.text.replace(/%([1-9])/g, (_, digit: string) => {
      const one = Number(digit) - 1
      const format = here.legal ? 'decimal' : (levels[one]?.format ?? 'decimal')
      return numberIn(format, counts[one] ?? levels[one]?.start ?? 1)
    })
    return text.trim() === '' ? '' : `${text} `
  }

  /** Lists of one kind count on together; one with a start of its own begins anew, once. */
  #count(
    key: string,
    kind: string,
    levels: readonly Level[],
    level: number,
    start: number | undefined
  ): (number | undefined)[] {
    const counts = this.#counts.get(kind) ?? []
    const begins = start !== undefined && !this.#begun.has(key)
    this.#begun.add(key)
    const before = counts[level]
    counts[level] = begins
      ? start
      : before === undefined
        ? (start ?? levels[level]!.start)
        : before + 1
    for (let one = 0; one < level; one++) counts[one] ??= levels[one]?.start ?? 1
    for (let one = level + 1; one < LEVELS; one++) {
      const { restart } = levels[one] ?? {}
      if (restart === undefined || level < restart) counts[one] = undefined
    }
    this.#counts.set(kind, counts)
    return counts
  }

  #kindOf(kind: string): string {
    return this.#styled.get(this.#linked.get(kind) ?? '') ?? kind
  }

  #collect(content: Uint8Array, budget: XmlBudget): void {
    let [kind, override] = ['', 0]
    let list: List | undefined
    let level: Level | undefined
    walkXml(
      content,
      {
        open: (name, { abstractNumId, numId, ilvl, val = '' }) => {
          if (name === 'abstractNum') this.#kinds.set((kind = abstractNumId ?? ''), [])
          else if (name === 'styleLink') this.#styled.set(val, kind)
          else if (name === 'numStyleLink') this.#linked.set(kind, val)
          else if (name === 'num')
            this.#lists.set(
              numId ?? '',
              (list = { kind: '', starts: new Map<number, number>(), levels: new Map() })
            )
          else if (name === 'abstractNumId' && list) list.kind = val
          else if (name === 'lvlOverride') override = Number(ilvl)
          else if (name === 'startOverride') list?.starts.set(override, Number(val) || 0)
          else if (name === 'lvl' && Number(ilvl) < LEVELS) {
            // A level that says nothing of its start begins with 0 (17.9.25).
            level = {
              start: 0,
              format: 'decimal',
              text: '',
              legal: false,
              restart: undefined,
              style: undefined
            }
            if (list) list.levels.set(Number(ilvl), level)
            else this.#kinds.get(kind)![Number(ilvl)] = level
          } else if (level) describe(level, name, val)
        },
        close: (name) => {
          if (name === 'lvl') level = undefined
          if (name === 'num') list = undefined
        }
      },
      budget
    )
  }
}

function describe(level: Level, name: string, val: string): void {
  if (name === 'start') level.start = Number(val) || 0
  else if (name === 'numFmt') level.format = val
  else if (name === 'lvlText') level.text = val.slice(0, TEXT_LENGTH)
  else if (name === 'isLgl') level.legal = !/^(0|false|off)$/.test(val)
  else if (name === 'lvlRestart') level.restart = Number(val)
  else if (name === 'pStyle') level.style = val
}

function numberIn(format: string, number: number): string {
  if (format === 'lowerLetter') return letter(number)
  if (format === 'upperLetter') return letter(number).toUpperCase()
  if (format === 'lowerRoman') return roman(number)
  if (format === 'upperRoman') return roman(number).toUpperCase()
  if (format === 'ordinal') return `${number}${endingOf(number)}`
  return format === 'decimalZero' ? String(number).padStart(2, '0') : String(number)
}

function endingOf(number: number): string {
  if (number % 100 >= 11 && number % 100 <= 13) return 'th'
  return ['th', 'st', 'nd', 'rd'][number % 10] ?? 'th'
}

/** Word writes the letter after z twice: aa, bb. */
function letter(number: number): string {
  return number < 1
    ? String(number)
    : String.fromCharCode(97 + ((number - 1) % 26)).repeat(
        Math.min(10, Math.floor((number - 1) / 26) + 1)
      )
}
