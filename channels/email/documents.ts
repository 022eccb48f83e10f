import libmime from 'libmime'
import type { EnvelopeDocument } from '../../core/envelope.ts'
import { fileDocument } from '../../core/intake/file-document.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { invitation } from './calendar.ts'
import { cardText } from './card.ts'
import { cut } from './headers.ts'
import { headerLimits, readLimits } from './limits.ts'
import type { NamedBytes, Part } from './parts.ts'

const ownNames: Readonly<Record<string, string>> = {
  'text/html': 'message.html',
  'text/plain': 'text.txt',
  'text/rtf': 'message.rtf',
  'application/rtf': 'message.rtf',
  'message/rfc822': 'message.eml',
  'message/global': 'message.eml',
  'text/calendar': 'invitation.ics',
  'text/vcard': 'card.vcf',
  'text/x-vcard': 'card.vcf',
  'message/delivery-status': 'delivery-status.txt',
  'text/rfc822-headers': 'headers.txt',
  'application/ms-tnef': 'winmail.dat',
  'application/pkcs7-mime': 'smime.p7m',
  'application/pkcs7-signature': 'smime.p7s',
  'application/x-pkcs7-mime': 'smime.p7m',
  'application/x-pkcs7-signature': 'smime.p7s',
  'application/pgp-signature': 'signature.asc',
  'application/pgp-encrypted': 'version.asc'
}

/**
 * Makes documents of the envelope from parts, in order, with their bytes.
 * @param belonging parts that belong to the text itself
 * @throws EvenhandError READ_LIMIT if there are too many.
 */
export function documentsOf(
  parts: readonly Part[],
  belonging: ReadonlySet<Part> = new Set()
): EnvelopeDocument[] {
  if (parts.length > readLimits.documents)
    throw new EvenhandError('READ_LIMIT', `more than ${readLimits.documents} documents`)
  return parts.map((part, index) => ({
    ...fileDocument({
      name: documentName(part, index + 1),
      mediaType: mediaTypeOf(part),
      bytes: part.bytes
    }),
    ...(belonging.has(part) ? { inline: true } : {}),
    ...(part.sealed === undefined ? {} : { withheld: part.sealed }),
    ...textOf(part)
  }))
}

/** Invitations and cards are read here, because they have no pages. */
function textOf(part: NamedBytes): { text?: string; confidence?: number } {
  const text = storableText(invitation(part) || cardText(part))
  return text ? { text, confidence: 1 } : {}
}

/**
 * What a file that is an invitation or a card says, told by its first line.
 * @returns undefined for any other file, and for one that says nothing
 */
export function inWords(bytes: Uint8Array): { mediaType: string; text: string } | undefined {
  const head = Buffer.from(bytes.subarray(0, 100)).toString('utf8')
  const [, kind] = /^\uFEFF?\s*BEGIN:(VCALENDAR|VCARD)\s/i.exec(head) ?? []
  if (kind === undefined) return undefined
  const mediaType = kind.toUpperCase() === 'VCARD' ? 'text/vcard' : 'text/calendar'
  const { text } = textOf({ mediaType, fileName: '', charset: '', bytes })
  return text === undefined ? undefined : { mediaType, text }
}

/**
 * A file name that is safe to show and save: no folders, no control or direction-changing
 * characters, never empty.
 */
export function safeName(name: string): string {
  // Only the end is used; trimming a name of 250 KiB would be slow.
  const last =
    name
      .slice(-1_000)
      .split(/[/\\]/)
      .filter((step) => step.trim() !== '')
      .at(-1) ?? ''
  // U+202E and similar characters make "gpj.exe" look like "exe.jpg".
  const visible = storableText(last)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, '')
    .replace(/\s+/g, ' ')
  const shown = visible.replace(/[<>:"|?*]/g, '_').replace(/^[. ]+|[. ]+$/g, '')
  if (shown.length <= headerLimits.nameLength) return shown
  const extension = /\.[^.]{1,10}$/.exec(shown)?.[0] ?? ''
  return cut(shown, headerLimits.nameLength - extension.length) + extension
}

/** The part's own name made safe, or else a name that says what it is. */
export function documentName(part: Part, number: number): string {
  const given = safeName(part.fileName)
  if (given) return given
  const own = ownNames[part.mediaType]
  if (own) return own
  const extension = libmime.detectExtension(part.mediaType)
  return `part-${number}.${extension && /^[a-z0-9]{1,10}$/.test(extension) ? extension : 'bin'}`
}

function mediaTypeOf(part: Part): string {
  const type = /^[a-z0-9][\w.+-]{0,60}\/[\w.+-]{1,80}$/.test(part.mediaType)
    ? part.mediaType
    : 'application/octet-stream'
  return type === 'application/octet-stream' && part.fileName
    ? libmime.detectMimeType(safeName(part.fileName)) || type
    : type
}
