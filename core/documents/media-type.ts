import { fileTypeFromBuffer } from 'file-type'
import { isRtf } from '../../platform/rtf/text.ts'

/** How a document is read. `other` is kept and not read. */
export type DocumentKind =
  'pdf' | 'image' | 'text' | 'html' | 'rtf' | 'archive' | OfficeKind | 'other'

/** Word, OpenDocument, Excel and PowerPoint, told apart by what is in the package. */
export type OfficeKind = 'docx' | 'odf' | 'sheet' | 'slides'

const officeKinds: readonly string[] = ['docx', 'odf', 'sheet', 'slides'] satisfies OfficeKind[]

export function isOffice(kind: DocumentKind | undefined): kind is OfficeKind {
  return kind !== undefined && officeKinds.includes(kind)
}

/** Whether files may lie inside a document of this kind. */
export function mayHoldFiles(kind: DocumentKind | undefined): boolean {
  return kind === 'pdf' || kind === 'archive' || isOffice(kind)
}

const imageTypes = new Set([
  'image/tiff',
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/bmp',
  'image/heic',
  'image/heif'
])
/** The type by the bytes alone, never by name or by what the sender claimed. */
export async function sniff(bytes: Uint8Array): Promise<{ mediaType: string; kind: DocumentKind }> {
  // A PDF header may stand anywhere in the first 1,024 bytes (ISO 32000-1, implementation note 13).
  if (Buffer.from(bytes.subarray(0, 1_029)).includes('%PDF-'))
    return { mediaType: 'application/pdf', kind: 'pdf' }
  // Some TIFFs carry tags that look like a camera's raw format.
  if (/^(II\*\0|MM\0\*)/.test(Buffer.from(bytes.subarray(0, 4)).toString('latin1')))
    return { mediaType: 'image/tiff', kind: 'image' }
  if (isRtf(bytes)) return { mediaType: 'application/rtf', kind: 'rtf' }
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined)
  if (found) return { mediaType: found.mime, kind: imageTypes.has(found.mime) ? 'image' : 'other' }
  return sniffText(bytes)
}

function sniffText(bytes: Uint8Array): { mediaType: string; kind: DocumentKind } {
  const head = bytes.subarray(0, 4_096)
  // The last character may be cut in two by the 4,096; `stream` leaves it out.
  const text = decodes(head)
  if (text === undefined || head.length === 0)
    return { mediaType: 'application/octet-stream', kind: 'other' }
  // A drawing: its markup is no text that anybody wrote.
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[^>]*-->\s*)?<svg[\s>]/i.test(text))
    return { mediaType: 'image/svg+xml', kind: 'other' }
  const html = /^\s*(<!doctype html|<html|<head|<body)/i.test(text)
  return html ? { mediaType: 'text/html', kind: 'html' } : { mediaType: 'text/plain', kind: 'text' }
}

function decodes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return undefined
  }
}
