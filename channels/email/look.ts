/**
 * Finds which parts of a mail belong to its text (pictures shown in its HTML, its signature), and
 * hashes how the HTML looks.
 */
import { hash } from 'node:crypto'
import { pictureSize } from '../../core/documents/worth-reading.ts'
import { isDetachedSignature } from './cms.ts'
import { first } from './headers.ts'
import type { Part } from './parts.ts'

export interface MailLook {
  /** Parts that are not papers. A part that only claims to belong to the text is not among them. */
  readonly belonging: ReadonlySet<Part>
  /**
   * Hash of all HTML of the mail, with shown pictures replaced by the hashes of their bytes;
   * undefined if there is none.
   */
  readonly sha256: string | undefined
  /** Hashes of the shown pictures that are more than decoration. */
  readonly pictures: readonly string[]
}

/** Largest signature with certificates in bytes; three certificates of 2 KiB are usual. */
const SIGNATURE_BYTES = 32_768
/**
 * Longest shorter side, in pixels, of logos and icons below a mail; a photograph is larger. A
 * picture that cannot be measured does not count as decoration.
 */
const DECORATION_PIXELS = 100
/**
 * A reference to a part (RFC 2392). An identifier has the form of an address and is shorter than
 * this.
 */
const reference = /\bcid:([^"'\s<>()]{1,500})/gi

export function lookOf(root: Part): MailLook {
  const parts = allOf(root)
  const html = parts.filter(isHtmlText).map(({ bytes }) => bytes.toString('latin1'))
  const pictures = new Map(
    parts
      .filter(isPicture)
      .map((part) => [idOf(part), part] as const)
      .toReversed()
  )
  const drawn = new Set<Part>()
  const looks = html.map((one) =>
    one.replace(reference, (as, id: string) => {
      const picture = pictures.get(decoded(id))
      if (picture) drawn.add(picture)
      return picture ? hash('sha256', picture.bytes, 'hex') : as
    })
  )
  const signatures = parts
    .filter(({ mediaType }) => mediaType === 'multipart/signed')
    .flatMap(({ children }) => children.slice(1).filter(isSignature))
  return {
    belonging: new Set([...drawn, ...signatures]),
    sha256: looks.length > 0 ? hash('sha256', looks.join('\0'), 'hex') : undefined,
    pictures: [...drawn]
      .filter((part) => !isDecoration(part))
      .map(({ bytes }) => hash('sha256', bytes, 'hex'))
  }
}

/** All parts, including those of opened mails and envelopes. */
function allOf(part: Part): Part[] {
  return [
    part,
    ...part.children.flatMap(allOf),
    ...(part.enclosed ? allOf(part.enclosed.root) : [])
  ]
}

function isHtmlText({ mediaType, disposition, container, sealed }: Part): boolean {
  return (
    mediaType === 'text/html' && disposition !== 'attachment' && !container && sealed === undefined
  )
}

function isPicture({ mediaType, disposition, fields }: Part): boolean {
  return mediaType.startsWith('image/') && disposition !== 'attachment' && fields.has('content-id')
}

function isDecoration({ bytes }: Part): boolean {
  return Math.min(...(pictureSize(bytes) ?? [DECORATION_PIXELS])) < DECORATION_PIXELS
}

function idOf({ fields }: Part): string {
  return (first(fields, 'content-id') ?? '').replace(/^\s*<|>\s*$/g, '')
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

/**
 * Type, name and bytes must all fit (RFC 8551 section 3.5.3, RFC 3156 section 5), because each
 * alone is only the sender's claim.
 */
function isSignature({ mediaType, fileName, bytes }: Part): boolean {
  if (bytes.length > SIGNATURE_BYTES) return false
  if (/^application\/(x-)?pkcs7-signature$/.test(mediaType))
    return /^(smime\.p7s)?$/i.test(fileName) && isDetachedSignature(bytes)
  return (
    mediaType === 'application/pgp-signature' &&
    /^((openpgp_)?signature(\.asc)?)?$/i.test(fileName) &&
    armour.test(bytes.toString('latin1').trim())
  )
}

const armour =
  /^-----BEGIN PGP SIGNATURE-----\r?\n(?:(?:Version|Hash|Comment|Charset): [^\r\n]*\r?\n){0,4}[A-Za-z0-9+/=\r\n]+-----END PGP SIGNATURE-----$/
