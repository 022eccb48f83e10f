import libmime from 'libmime'
import { EvenhandError } from '../../platform/errors.ts'
import { readHtml, type HtmlReading } from '../../platform/html/text.ts'
import { readRtf } from '../../platform/rtf/text.ts'
import { decodeText } from './charsets.ts'
import { readLimits } from './limits.ts'
import type { Part } from './parts.ts'

/** A part whose words are the mail's own. */
export interface TextPart {
  readonly part: Part
  readonly html: boolean
  readonly source: string
  /** Lines shown below it: what another alternative says differently. Empty if nothing is shown. */
  readonly beneath?: string
  /** True of rich text with pictures, of which the words are only a part. */
  readonly pictured?: boolean
}

export function isRichText({ mediaType }: Pick<Part, 'mediaType'>): boolean {
  return mediaType === 'text/rtf' || mediaType === 'application/rtf'
}

/** @throws EvenhandError READ_LIMIT if it is too long */
export function textPart(part: Part): TextPart {
  if (isRichText(part)) return richPart(part)
  const html = part.mediaType === 'text/html'
  // Except for 7-bit charsets none needs more than 4 bytes per character. Checked before decoding,
  // which takes several times the memory.
  const most = readLimits.textLength * 8
  if (!html && part.bytes.length > most)
    throw new EvenhandError('READ_LIMIT', `more than ${most} bytes of text`)
  const charset = part.charset || (html ? metaCharset(part.bytes) : '')
  if (/utf-?7/i.test(charset) && part.bytes.length > readLimits.utf7Bytes)
    throw new EvenhandError('READ_LIMIT', `more than ${readLimits.utf7Bytes} bytes of UTF-7`)
  return { part, html, source: decodeText(part.bytes, charset).replace(/\r\n?/g, '\n') }
}

function richPart(part: Part): TextPart {
  if (part.bytes.length > readLimits.rtfBytes)
    throw new EvenhandError('READ_LIMIT', `more than ${readLimits.rtfBytes} bytes of rich text`)
  const { text, html, hasMore } = readRtf(part.bytes)
  return { part, html, source: text, pictured: hasMore }
}

// HTML saved by old programs declares its charset in the first 1,024 bytes (HTML standard,
// 4.2.5.4).
function metaCharset(bytes: Buffer): string {
  return (
    /charset\s*=\s*["']?([\w-]{3,30})/i.exec(bytes.subarray(0, 1024).toString('latin1'))?.[1] ?? ''
  )
}

/** @throws EvenhandError READ_LIMIT if its HTML is too long */
export function plainText(text: TextPart): string {
  const { part, html, source, beneath } = text
  const own = html
    ? reading(text).text
    : part.flowed
      ? libmime.decodeFlowed(source, part.delSp)
      : source
  return !beneath ? own : `${own.trimEnd()}\n\n${beneath}\n`
}

/** Whether its words say all that it shows. @throws EvenhandError READ_LIMIT */
export function isWhole(text: TextPart): boolean {
  return text.pictured !== true && (!text.html || reading(text).whole)
}

/** Cache: HTML beside a plain text is first compared and then perhaps shown, but read only once. */
const readings = new WeakMap<Part, HtmlReading>()

function reading({ part, source }: TextPart): HtmlReading {
  const found = readings.get(part) ?? readHtml(source, readLimits)
  readings.set(part, found)
  return found
}

/** True if nothing can be seen: only white space and characters without width. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{Cf}\p{Cc}]/u.test(text.replaceAll('\u034f', ''))
}
