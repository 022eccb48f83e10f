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
  const words = { ...part('multipart/alternative'), container: true, children: wordsOf(tnef) }
  const fields = headerFields([{ key: 'subject', line: `Subject: ${oneLine(tnef.subject)}` }])
  return {
    root: {
      ...part('multipart/mixed'),
      fields,
      container: true,
      children: [...(words.children.length > 0 ? [words] : []), ...tnef.files.map(filePart)]
    },
    broken: tnef.broken
  }
}

function wordsOf({ text, rtf, html }: Tnef): Part[] {
  const rich = rtf && decompressRtf(rtf, readLimits.rtfBytes)
  return [
    ...(text.trim() ? [{ ...part('text/plain', Buffer.from(text)), charset: 'utf-8' }] : []),
    ...(rich ? [part('text/rtf', rich)] : []),
    ...(html ? [part('text/html', html)] : [])
  ]
}

function filePart({ name, mediaType, bytes, packed, contentId }: TnefFile): Part {
  const type = packed
    ? 'message/x-tnef'
    : mediaType.trim().toLowerCase() || 'application/octet-stream'
  return {
    ...part(type, bytes),
    fileName: name,
    disposition: contentId ? 'inline' : 'attachment',
    fields: headerFields(
      contentId ? [{ key: 'content-id', line: `Content-ID: <${oneLine(contentId)}>` }] : []
    )
  }
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}

function part(mediaType: string, bytes: Buffer = Buffer.alloc(0)): Part {
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
