import { decode as decodeQuotedPrintable } from 'libqp'
import { decodeUu, type Holds } from './uuencode.ts'

/**
 * Decodes a transfer encoding (RFC 2045 section 6). Gateways insert plain lines before, between and
 * after the encoded ones. In a text these lines are kept; in a file they are dropped.
 */
export function decodeTransfer(bytes: Buffer, encoding: string, holds: Holds): Buffer {
  if (encoding === 'base64') return decodeBase64(bytes.toString('latin1'), holds)
  // Passed as latin1, because the library would read raw 8-bit bytes as UTF-8 and cut each
  // character to one byte.
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(bytes.toString('latin1'))
  return /^(x-)?uu(encode|e)?$/.test(encoding) ? decodeUu(bytes, holds) : bytes
}

function decodeBase64(source: string, holds: Holds): Buffer {
  const odd = source.search(/[^A-Za-z0-9+/\r\n]/)
  if (odd < 0 || /^[=\s]*$/.test(source.slice(odd))) {
    const decoded = Buffer.from(source, 'base64')
    // A word such as "DISCLAIMER" alone on the last line also consists of base64 characters.
    if (holds === 'file' || isClean(decoded)) return decoded
  }
  const sorted = new Lines(holds)
  for (const line of source.split(/\r\n?|\n/)) sorted.add(line)
  return sorted.decode()
}

// Node stops at the first "=", but mail gateways join encoded runs, so each run is decoded by
// itself.
function decodeRuns(lines: readonly string[]): Buffer {
  return Buffer.concat(
    lines
      .join('')
      .split(/=+/)
      .map((run) => Buffer.from(run.replace(/[^A-Za-z0-9+/]/g, ''), 'base64'))
  )
}

/**
 * A base64 line of this length cannot be a word of a sentence; encoders write 60 to 76 characters.
 */
const SURE_LENGTH = 60
/** With fewer characters a line cannot be classified. */
const LEAST_LENGTH = 8

/** Sorts the lines of a part into base64 and plain words. */
class Lines {
  readonly #isText: boolean
  readonly #out: Buffer[] = []
  #code: string[] = []
  #width = 0
  #tail = ''
  #ended = false
  #inWords = false

  constructor(holds: Holds) {
    this.#isText = holds === 'text'
  }

  add(line: string): void {
    const trimmed = line.trim()
    if (trimmed === '') {
      if (this.#inWords) this.#keep('')
    } else if (this.#isCode(trimmed)) this.#addCode(trimmed)
    else this.#addWords(line)
  }

  decode(): Buffer {
    this.#flush()
    return Buffer.concat(this.#out)
  }

  #isCode(line: string): boolean {
    const pure = /^[A-Za-z0-9+/=]+$/.test(line)
    if (pure && line.length >= SURE_LENGTH) return true
    if (this.#inWords || this.#ended) return pure && this.#beginsRun(line)
    if (pure) return this.#isText && this.#code.length > 0 ? this.#goesOn(line) : true
    // Characters outside the alphabet are skipped (RFC 2045 section 6.8), unless they show that the
    // line is words.
    return !isProse(line) || this.#readsOn(line)
  }

  /**
   * Whether a short line without other characters continues the run, or is a word such as
   * "DISCLAIMER".
   */
  #goesOn(line: string): boolean {
    const bytes = Buffer.from(this.#tail + line, 'base64')
    return (
      isClean(bytes) ||
      ((this.#tail + line).length % 4 === 0 && !hasControls(bytes.toString('latin1')))
    )
  }

  /**
   * Whether a line after the end of a run begins another one: whole groups of four, and decoded
   * text if a text is expected.
   */
  #beginsRun(line: string): boolean {
    if (line.length % 4 !== 0 || line.length < LEAST_LENGTH) return false
    return this.#isText
      ? isClean(decodeRuns([line]))
      : line.length >= SURE_LENGTH || line.endsWith('=')
  }

  /**
   * Whether a line that looks like words is base64 all the same, because it decodes to text as part
   * of the run.
   */
  #readsOn(line: string): boolean {
    const read = line.replace(/[^A-Za-z0-9+/]/g, '')
    return (
      this.#isText &&
      (read.length >= LEAST_LENGTH || line.endsWith('=')) &&
      isClean(Buffer.from(this.#tail + read, 'base64'))
    )
  }

  #addCode(line: string): void {
    this.#inWords = false
    this.#code.push(line)
    const width = line.replace(/[^A-Za-z0-9+/=]/g, '').length
    this.#ended = line.endsWith('=') || width < this.#width
    this.#width = Math.max(this.#width, width)
    // Characters of the last incomplete group of four.
    const read = (this.#tail + line).replace(/[^A-Za-z0-9+/]/g, '')
    this.#tail = line.endsWith('=') ? '' : read.slice(read.length - (read.length % 4))
  }

  #addWords(line: string): void {
    this.#flush()
    this.#inWords = true
    this.#keep(line)
  }

  #keep(line: string): void {
    if (this.#isText) this.#out.push(Buffer.from(`${line}\n`, 'latin1'))
  }

  #flush(): void {
    if (this.#code.length === 0) return
    const decoded = decodeRuns(this.#code)
    this.#out.push(decoded)
    if (this.#isText && this.#out.length > 0 && decoded.at(-1) !== 10)
      this.#out.push(Buffer.from('\n'))
    this.#code = []
    this.#width = 0
    this.#tail = ''
    this.#ended = false
  }
}

/**
 * Whether there are characters that no text has. Escape is allowed because it switches alphabets in
 * ISO-2022-JP, and C1 because these are letters in windows-1252.
 */
function hasControls(text: string): boolean {
  return /[^\P{Cc}\s\u0080-\u009f]/u.test(text.replaceAll('\u001b', ''))
}

/**
 * Whether the line is prose: several words, a drawn line, a web or mail address, or the end of a
 * sentence.
 */
function isProse(line: string): boolean {
  return (
    /\S\s+\S/.test(line) ||
    /^[\W_]+$/.test(line) ||
    /[.!?:]$/.test(line) ||
    /:\/\/|^www\.|^\S+@\S+$/i.test(line)
  )
}

/** Whether bytes are text in ASCII or UTF-8. Characters cut off at either end do not count. */
function isClean(bytes: Buffer): boolean {
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80)
  if (start < 0 || start > 3) return false
  const text = bytes.toString('utf8', start).replace(/\ufffd{1,3}$/, '')
  return !hasControls(text) && !text.includes('\ufffd')
}
