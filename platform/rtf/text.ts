/**
 * The words of rich text (RTF 1.9.1), or the HTML that Outlook wrapped into it (MS-OXRTFEX). What
 * is not shown (hidden or deleted words, information about the file, instructions of fields) is
 * left out.
 */
import iconv from 'iconv-lite'

export interface RtfReading {
  /** Plain text, or HTML if `html`. */
  readonly text: string
  readonly html: boolean
  /** True if there is more than is read: a picture, an object, hidden or deleted words. */
  readonly hasMore: boolean
}

/** True for what begins as rich text. */
export function isRtf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 5)).toString('latin1') === '{\\rtf'
}

/** Groups inside each other; what lies deeper is read as if it were on this level. */
const DEPTH = 1_000

/**
 * A control word with its number and the blank behind it, a byte by its number, another control
 * sign, a brace, or text.
 */
const token =
  /\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\/y

/** Groups that say something about the document and are not part of it. */
const unseen = new Set(
  `fonttbl colortbl stylesheet info pict object objdata themedata colorschememapping filetbl revtbl listtable
  listoverridetable rsidtbl generator datastore latentstyles xmlnstbl fldinst field_instruction nonshppict
  shpinst bkmkstart bkmkend ftnsep ftnsepc
  aftnsep aftnsepc template pgdsctbl mmathPr wgrffmtfilter xe tc private`.split(/\s+/)
)
const pictured = new Set(['pict', 'object', 'shppict'])
const breaks: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  sect: '\n\n',
  page: '\n\n',
  row: '\n',
  header: '\n',
  headerf: '\n',
  headerl: '\n',
  headerr: '\n',
  footer: '\n',
  footerf: '\n',
  footerl: '\n',
  footerr: '\n',
  nestrow: '\n',
  cell: '\t',
  nestcell: '\t',
  tab: '\t',
  emdash: '—',
  endash: '–',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  emspace: ' ',
  enspace: ' '
}
/** Code pages of fonts by their \fcharset. */
const charsets: Readonly<Record<number, string>> = {
  77: 'macroman',
  128: 'cp932',
  129: 'cp949',
  134: 'cp936',
  136: 'cp950',
  161: 'cp1253',
  162: 'cp1254',
  163: 'cp1258',
  177: 'cp1255',
  178: 'cp1256',
  186: 'cp1257',
  204: 'cp1251',
  222: 'cp874',
  238: 'cp1250'
}

interface Group {
  /** Nothing in it is shown. */
  hidden: boolean
  /** Within the list of fonts. */
  fonts: boolean
  /** A part of wrapped HTML that stands for itself. */
  tag: boolean
  font: number
  /** A line goes through it. */
  struck: boolean
  /** Characters behind each \u that say the same for older programs. */
  skip: number
}

/** @param bytes rich text; callers bound its length */
export function readRtf(bytes: Uint8Array): RtfReading {
  return new RtfReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).read()
}

class RtfReader {
  readonly #source: string
  readonly #out: string[] = []
  readonly #groups: Group[] = []
  readonly #pages = new Map<number, string>()
  #group: Group = { hidden: false, fonts: false, tag: false, font: 0, struck: false, skip: 1 }
  #page = 'cp1252'
  #bytes: number[] = []
  #toSkip = 0
  #html = false
  /** Words between \htmlrtf and \htmlrtf0 are for programs without HTML. */
  #plainOnly = false
  #hasMore = false
  #starred = false
  #isStruck = false

  constructor(bytes: Buffer) {
    this.#source = bytes.toString('latin1')
  }

  read(): RtfReading {
    token.lastIndex = 0
    for (let found; (found = token.exec(this.#source));) {
      const [, word, number, hex, sign, brace, text] = found
      if (hex !== undefined) this.#byte(Number.parseInt(hex, 16))
      else if (text !== undefined) this.#text(text)
      else if (brace !== undefined) this.#brace(brace)
      else if (word !== undefined)
        this.#word(word, number === undefined ? undefined : Number(number))
      else if (sign !== undefined) this.#sign(sign)
    }
    this.#flush()
    this.#strike(false)
    return { text: this.#out.join(''), html: this.#html, hasMore: this.#hasMore }
  }

  #brace(brace: string): void {
    this.#flush()
    this.#toSkip = 0
    if (brace === '{') {
      if (this.#groups.length < DEPTH) this.#groups.push(this.#group)
      this.#group = { ...this.#group }
      return
    }
    this.#group = this.#groups.pop() ?? this.#group
    this.#starred = false
  }

  #sign(sign: string): void {
    if (sign === '*') this.#starred = true
    else if (sign === '~') this.#show('\u00a0')
    else if (sign === '_') this.#show('-')
    else if (sign === '\n' || sign === '\r') this.#show('\n')
    else if (sign === '\\' || sign === '{' || sign === '}') this.#text(sign)
  }

  #word(word: string, number: number | undefined): void {
    const starred = this.#starred
    this.#starred = false
    const broken = breaks[word]
    if (broken !== undefined) this.#show(broken)
    else if (word === 'u') this.#unicode(number ?? 0)
    else if (word === 'uc') this.#group.skip = Math.min(Math.max(number ?? 1, 0), 10)
    else if (word === 'bin') token.lastIndex += Math.max(0, number ?? 0)
    else if (word === 'htmltag') this.#group[this.#html ? 'tag' : 'hidden'] = true
    else if (word === 'fromhtml') this.#html = true
    else if (word === 'htmlrtf') this.#switchPlain(number !== 0)
    else if (word === 'ansicpg') this.#page = `cp${number ?? 1252}`
    else if (word === 'mac' && this.#groups.length === 1) this.#page = 'macroman'
    else if (word === 'strike' || word === 'striked') this.#group.struck = number !== 0
    else if (!this.#font(word, number)) this.#destination(word, number, starred)
  }

  #switchPlain(on: boolean): void {
    this.#flush()
    this.#plainOnly = on
  }

  /** True for a word about fonts. */
  #font(word: string, number: number | undefined): boolean {
    if (word === 'f' || word === 'deff') {
      this.#flush()
      this.#group.font = number ?? 0
    } else if (word === 'fcharset') {
      const page = charsets[number ?? 0]
      if (page && this.#group.fonts) this.#pages.set(this.#group.font, page)
    } else if (word === 'plain') {
      this.#flush()
      this.#group.struck = false
      this.#group.hidden &&= this.#groups.at(-1)?.hidden ?? false
    } else return false
    return true
  }

  #destination(word: string, number: number | undefined, starred: boolean): void {
    if (pictured.has(word)) this.#hasMore = true
    if (word === 'fonttbl') this.#group.hidden = this.#group.fonts = true
    else if (unseen.has(word) || (starred && word !== 'shppict')) this.#hide()
    else if (word === 'v' || word === 'deleted') {
      if (number === 0) this.#unhide()
      else {
        this.#hide()
        this.#hasMore = true
      }
    }
  }

  #hide(): void {
    this.#flush()
    this.#group.hidden = true
  }

  #unhide(): void {
    this.#flush()
    this.#group.hidden = this.#groups.at(-1)?.hidden ?? false
  }

  #unicode(code: number): void {
    this.#flush()
    this.#show(String.fromCharCode(code < 0 ? code + 65_536 : code & 0xffff))
    this.#toSkip = this.#group.skip
  }

  #byte(value: number): void {
    if (this.#toSkip > 0) this.#toSkip -= 1
    else this.#bytes.push(value)
  }

  #text(text: string): void {
    const shown = text.slice(this.#toSkip)
    this.#toSkip = Math.max(0, this.#toSkip - text.length)
    if (shown === '') return
    if (/^\p{ASCII}*$/u.test(shown)) return this.#show(shown)
    for (const character of shown) this.#bytes.push(character.charCodeAt(0))
  }

  /** Bytes of one font are decoded together, as characters of some code pages have two. */
  #flush(): void {
    if (this.#bytes.length === 0) return
    const bytes = Buffer.from(this.#bytes)
    this.#bytes = []
    const page = this.#pages.get(this.#group.font) ?? this.#page
    this.#put(iconv.decode(bytes, iconv.encodingExists(page) ? page : 'cp1252'))
  }

  #show(text: string): void {
    this.#flush()
    this.#put(text)
  }

  #put(text: string): void {
    const { hidden, tag } = this.#group
    if (this.#html ? !tag && (hidden || this.#plainOnly) : hidden) return
    if (!this.#html && text.trim() !== '') this.#strike(this.#group.struck)
    this.#out.push(text.replaceAll('\0', ''))
  }

  /** ~~Struck words~~, as in every text that is read here. */
  #strike(struck: boolean): void {
    if (struck === this.#isStruck) return
    this.#isStruck = struck
    if (struck) this.#out.push('~~')
    else {
      const last = this.#out.findLastIndex((text) => text.trim() !== '')
      this.#out[last] = this.#out[last]!.replace(/\s*$/, (blank) => `~~${blank}`)
    }
  }
}
