import { decompressRtf } from '../../platform/rtf/decompress.ts'
import { headerFields } from './headers.ts'
import { readLimits } from './limits.ts'
import type { Part } from './parts.ts'
import { readTnef, type Tnef, type TnefFile } from './tnef.ts'

/** What Outlook sends, and a mail that lies in such an envelope. */
const types = new Set(['application/ms-tnef', 'application/vnd.ms-tnef', 'message/x-tnef'])

/** By type, or by name if the content begins as one. */
export function isTnef({ mediaType, fileName, bytes }: Part): boolean {
  return (
    types.has(mediaType) ||
    (/^win(mail|\d+)?\.dat$/i.test(fileName) && readTnef(bytes.subarray(0, 6)) !== undefined)
  )
}

/**
 * The parts that an envelope of Outlook (winmail.dat) stands for: its words in each of their forms,
 * and its files. Undefined if it is none.
 */
export function openTnef(bytes: Buffer): { root: Part; broken: boolean } | undefined {
  const tnef = readTnef(bytes)
  if (!tnef) return undefined
  const words = { ...bare('multipart/alternative'), container: true, children: wordsOf(tnef) }
  const fields = headerFields([{ key: 'subject', line: `Subject: ${oneLine(tnef.subject)}` }])
  return {
    root: {
      ...bare('multipart/mixed'),
      fields,
      container: true,
      children: [...(words.children.length > 0 ? [words] : []), ...tnef.files.map(filePart)]
    },
    broken: tnef.broken
  }
}

/** The words of a message in each of their forms; `rtf` is compressed as in MS-OXRTFCP. */
export function wordsOf({ text, rtf, html }: Pick<Tnef, 'text' | 'rtf' | 'html'>): Part[] {
  const rich = rtf && decompressRtf(rtf, readLimits.rtfBytes)
  return [
    ...(text.trim() ? [{ ...bare('text/plain', Buffer.from(text)), charset: 'utf-8' }] : []),
    ...(rich ? [bare('text/rtf', rich)] : []),
    ...(html ? [bare('text/html', html)] : [])
  ]
}

function filePart({ name, mediaType, bytes, packed, contentId }: TnefFile): Part {
  const type = packed
    ? 'message/x-tnef'
    : mediaType.trim().toLowerCase() || 'application/octet-stream'
  return {
    ...bare(type, bytes),
    fileName: name,
    disposition: contentId ? 'inline' : 'attachment',
    fields: headerFields(
      contentId ? [{ key: 'content-id', line: `Content-ID: <${oneLine(contentId)}>` }] : []
    )
  }
}

/** For a header. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}

/** A part of no mail: it has a type and bytes. */
export function bare(mediaType: string, bytes: Buffer = Buffer.alloc(0)): Part {
  return {
    mediaType,
    charset: '',
    disposition: '',
    fileName: '',
    flowed: false,
    delSp: false,
    fields: headerFields([]),
    container: false,
    children: [],
    bytes
  }
}
