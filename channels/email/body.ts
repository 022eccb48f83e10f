import libmime from 'libmime'
import { EvenhandError } from '../../core/errors.ts'
import { decodeText } from './charsets.ts'
import { htmlText } from './html.ts'
import { readLimits } from './limits.ts'
import type { Part } from './parts.ts'

/** What of a mail is its text, and what came along with it. */
export interface Body {
  readonly text: string
  readonly documents: readonly Part[]
  /** Those of the documents that the text was made of. */
  readonly shown: ReadonlySet<Part>
}

interface TextPart {
  readonly part: Part
  readonly html: boolean
  readonly source: string
}

interface Sorted {
  readonly texts: readonly TextPart[]
  readonly documents: readonly Part[]
}

/**
 * Sorts a mail's parts into text and documents, after RFC 8621 section 4.1.4: an unnamed text part that is not an attachment is text,
 * everything else a document. Of alternatives the plain one is taken unless it is blank. HTML that had to be taken is kept as a document
 * too, because its text is a reduction of it.
 * @throws EvenhandError READ_LIMIT when the text or its HTML is longer than is read.
 */
export function readBody(root: Part): Body {
  const { texts, documents } = sort(root, undefined, 0)
  const text = texts.map(plainText).filter((entry) => !isBlank(entry)).join('\n').trim()
  if (text.length > readLimits.textLength) throw new EvenhandError('READ_LIMIT', `more than ${readLimits.textLength} characters of text`)
  const shown = texts.filter((entry) => entry.html).map((entry) => entry.part)
  return { text, documents: [...shown, ...documents], shown: new Set(shown) }
}

function sort(part: Part, parent: Part | undefined, index: number): Sorted {
  if (part.children.length === 0) {
    if (isText(part, parent, index)) return { texts: [textPart(part)], documents: [] }
    return { texts: [], documents: part.bytes.length > 0 || part.fileName !== '' ? [part] : [] }
  }
  const children = part.children.map((child, at) => sort(child, part, at))
  const texts = children.flatMap((child) => child.texts)
  return {
    texts: part.mediaType === 'multipart/alternative' ? best(texts) : texts,
    documents: children.flatMap((child) => child.documents)
  }
}

function best(alternatives: readonly TextPart[]): readonly TextPart[] {
  const plain = alternatives.filter((entry) => !entry.html && !isBlank(entry.source))
  return plain.length > 0 ? plain : alternatives.filter((entry) => entry.html)
}

function isText(part: Part, parent: Part | undefined, index: number): boolean {
  // A container whose boundary is wrong: what it holds is shown as it stands rather than not at all.
  if (part.container) return !isBlank(part.bytes.toString('latin1'))
  if (part.mediaType !== 'text/plain' && part.mediaType !== 'text/html') return false
  if (part.disposition !== '' && part.disposition !== 'inline') return false
  return parent === undefined || index === 0 || (part.fileName === '' && parent.mediaType !== 'multipart/related')
}

function textPart(part: Part): TextPart {
  const html = part.mediaType === 'text/html'
  // No charset needs more than 4 bytes a character but those in 7 bits; checked before decoding, which takes several times the memory.
  const most = readLimits.textLength * 8
  if (!html && part.bytes.length > most) throw new EvenhandError('READ_LIMIT', `more than ${most} bytes of text`)
  const charset = part.charset || (html ? metaCharset(part.bytes) : '')
  return { part, html, source: decodeText(part.bytes, charset).replace(/\r\n?/g, '\n') }
}

// HTML saved by old programs names its charset inside, within the first 1,024 bytes (HTML standard, 4.2.5.4).
function metaCharset(bytes: Buffer): string {
  return /charset\s*=\s*["']?([\w-]{3,30})/i.exec(bytes.subarray(0, 1024).toString('latin1'))?.[1] ?? ''
}

function plainText({ part, html, source }: TextPart): string {
  if (html) return htmlText(source)
  return part.flowed ? libmime.decodeFlowed(source, part.delSp) : source
}

function isBlank(text: string): boolean {
  return !/[^\s\u00a0\u200b\ufeff]/.test(text)
}
