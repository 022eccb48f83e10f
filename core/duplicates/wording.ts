/**
 * What a text says, word for word and in order, for deciding whether two texts have the same words.
 */
import { createHash } from 'node:crypto'
import { TEXT_LIMIT } from './comparable.ts'

/**
 * `typed`: by the sender, in a file's own text, or by a person from paper. `read`: by a machine
 * from a picture, so letters may be wrong.
 */
export type Origin = 'typed' | 'read'

export interface Wording {
  readonly origin: Origin
  /** BCP 47, "und" if unknown. */
  readonly language: string
  /** Words, numbers with their signs and separators, and symbols with a meaning, as written. */
  readonly forms: readonly string[]
  /** The same in lower case, for comparing. */
  readonly tokens: readonly string[]
  /**
   * SHA-256 of the tokens. Equal for texts that differ only in case, spacing, line ends and
   * punctuation without meaning.
   */
  readonly fingerprint: string
  /**
   * Every visible character in order. Only differences that never change a meaning are evened out:
   * see `visibleOf`.
   */
  readonly visible: string
  /** Words with their positions if they are set in columns, else empty: see `columnsOf`. */
  readonly columns: string
  /** True if the text was longer than `TEXT_LIMIT`. */
  readonly cut: boolean
  readonly text: string
  /**
   * True if the word at that index has a capital that does not come from the start of a sentence,
   * as names have.
   */
  isName(at: number): boolean
}

/**
 * Pattern of a token. A sign before a number, or between its digits, makes another number: -5,
 * 1.000, 4/5. An accent makes another word (año, ano), and so does an apostrophe (we'll, well). Of
 * punctuation only the question mark changes a statement, besides the marks of struck words and of
 * powers (see platform/html).
 */
const TOKEN =
  /(?<![\p{L}\p{N}])[-+](?=\p{N})|[\p{L}\p{M}\p{N}]+(?:(?<=\p{N})[.,:/-](?=\p{N})[\p{L}\p{M}\p{N}]+)*|[\p{Sc}\p{So}%#@&?+=±]|~~|\^(?=[\p{L}\p{N}+-])|[<>](?=\s*\p{N})/gu

/**
 * Takes any string. Everything is computed when first asked for, because most texts have no similar
 * one.
 */
export function wording(text: string, origin: Origin = 'typed', language = 'und'): Wording {
  return new Worded(text, origin, language)
}

class Worded implements Wording {
  readonly origin: Origin
  readonly language: string
  readonly cut: boolean
  readonly text: string
  #plain: string | undefined
  #forms: readonly string[] | undefined
  #places: readonly number[] | undefined
  #tokens: readonly string[] | undefined
  #fingerprint: string | undefined
  #visible: string | undefined
  #columns: string | undefined

  constructor(text: string, origin: Origin, language: string) {
    this.origin = origin
    this.language = language
    this.cut = text.length > TEXT_LIMIT
    this.text = this.cut ? text.slice(0, TEXT_LIMIT).toWellFormed() : text
  }

  get forms(): readonly string[] {
    return (this.#forms ??= this.#words.match(TOKEN) ?? [])
  }

  get tokens(): readonly string[] {
    return (this.#tokens ??= this.forms.map((form) => form.toLowerCase()))
  }

  get fingerprint(): string {
    return (this.#fingerprint ??= createHash('sha256').update(this.tokens.join(' ')).digest('hex'))
  }

  get visible(): string {
    return (this.#visible ??= visibleOf(this.text))
  }

  get columns(): string {
    return (this.#columns ??= columnsOf(this.text))
  }

  get #words(): string {
    return (this.#plain ??= plainOf(this.text))
  }

  isName(at: number): boolean {
    if (!/^\p{Lu}/u.test(this.forms[at] ?? '')) return false
    this.#places ??= Array.from(this.#words.matchAll(TOKEN), ({ index }) => index)
    return !/(?:^|[.!?])["'\s)\]]*$/.test(
      this.#words.slice(Math.max(0, this.#places[at]! - SENTENCE_END), this.#places[at])
    )
  }
}

/**
 * Characters before a word in which a sentence's end is looked for. If the text starts farther
 * back, the word is not at its start.
 */
const SENTENCE_END = 12

// Superscripts are kept apart because NFKC would turn 10³ into 103.
const POWER = /[\u00B2\u00B3\u00B9\u2070-\u207F]+/g

// Removes invisible characters, joins words that a hyphen splits at a line's end, and makes all
// dashes and minus signs the same.
function plainOf(text: string): string {
  return text
    .replace(/(\p{L})[-\u00AD\u2010]\s*\r?\n\s*(?=\p{Ll})/gu, '$1')
    .replace(POWER, '^$&')
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
}

/**
 * Characters without width. The joiners are not among them: they shape Arabic and Indic letters and
 * emoji.
 */
const invisible =
  /[\u00AD\u200B\u2060\uFEFF]|(?<=\p{Script=Latin})[\u200C\u200D](?=\p{Script=Latin})/gu

/**
 * All differences that are ignored: how accented letters are stored (NFC), characters without
 * width, line ends and runs of white space that form no columns, and the shape of quotation marks
 * and apostrophes, except after figures, where they mean feet, inches and minutes.
 */
function visibleOf(text: string): string {
  return text
    .normalize('NFC')
    .replace(invisible, '')
    .replace(/(?<!\p{N})[\u2018\u2019]/gu, "'")
    .replace(/(?<!\p{N})[\u201C\u201D]/gu, '"')
    .replace(/\s+/g, ' ')
    .trim()
}

/** A gap between columns of one line: three spaces or more, a tab, or two spaces beside a mark. */
const COLUMN =
  /(?<=\S)(?:[ \u00a0]{3,}|[ \u00a0]*\t[ \t\u00a0]*)(?=\S)|(?<=\S)[ \u00a0]{2}(?=[xX\u00d7*+\u2610-\u2612\u2713-\u2718](?!\S))|(?<=(?<!\S)[xX\u00d7*+\u2610-\u2612\u2713-\u2718])[ \u00a0]{2}(?=\S)/u
/** A line with only a mark, which stands under or over what it marks. */
const MARK = /^\s+[xX\u00d7*+^|\u2190-\u2193\u2610-\u2612\u2713-\u2718]{1,3}\s*$/u
const TAB = 8
/** Least indentation that may place a line under a column of another. */
const INDENT = 2

/**
 * The lines set in columns, as people arrange answers under a heading with spaces, with the
 * position of each word; also indented lines beside them. Common indentation, what follows the last
 * word, and the breaks of other lines are ignored.
 */
function columnsOf(text: string): string {
  if (!/[ \t\u00a0]{2}|\t|^[ \u00a0]\S{1,3}[^\S\n]*$/m.test(text)) return ''
  return text
    .normalize('NFC')
    .replace(invisible, '')
    .split(/\r?\n(?:[ \t\u00a0]*\r?\n)+/)
    .map((block) => columnsOfBlock(block.split(/\r?\n/)))
    .filter((block) => block !== '')
    .join('\n\n')
}

function columnsOfBlock(lines: readonly string[]): string {
  if (!lines.some(isSet)) return ''
  const plain = lines.map(untabbed)
  const least = Math.min(...plain.filter((line) => line.trim() !== '').map(indentOf))
  return plain
    .filter((line, at) => isSet(lines[at]!) || indentOf(line) >= least + INDENT)
    .map((line) => line.slice(least).trimEnd())
    .join('\n')
}

function isSet(line: string): boolean {
  return COLUMN.test(line) || MARK.test(line)
}

function untabbed(line: string): string {
  const [first = '', ...others] = line.replaceAll('\u00a0', ' ').split('\t')
  return others.reduce((out, piece) => out + ' '.repeat(TAB - (out.length % TAB)) + piece, first)
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

/**
 * Between two typed texts every visible character counts. If a machine read one, only its words in
 * order count.
 */
export function isSameWording(a: Wording, b: Wording): boolean {
  return a.origin === 'typed' && b.origin === 'typed'
    ? a.visible === b.visible && a.columns === b.columns
    : a.fingerprint === b.fingerprint
}

/** Number of letters and digits in its words. */
export function lettersOf({ tokens }: Wording): number {
  return tokens.reduce((sum, token) => sum + token.length, 0)
}
