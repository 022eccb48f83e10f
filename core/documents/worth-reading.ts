import type { EnvelopeDocument } from '../envelope.ts'

/**
 * Pictures smaller than this on their shorter side are decorations: logos, icons, tracking pixels.
 * A receipt photographed for the corpora has 460 pixels, a business card at 150 dpi 300, logos in
 * signatures 20 to 150.
 */
const DECORATION_PIXELS = 200
/**
 * The same for a picture that is drawn in a mail's text: there a logo may be large, and a
 * screenshot is 600 pixels and more.
 */
const INLINE_DECORATION_PIXELS = 400

/**
 * Sounds and films have no pages; signatures, calendars, cards and delivery reports are for
 * machines; a mail in a mail stays closed.
 */
const notPaper =
  /^(audio|video|message|multipart|font)\/|^text\/(calendar|vcard|x-vcard|directory|rfc822-headers)$|^application\/((x-)?pkcs\d+-|pgp-|ms-tnef|vnd\.ms-tnef)/

/**
 * Whether a document is to be read for its text, told cheaply from its first bytes; the killable
 * reader decides the rest. The sender's word for the type only takes out what does not look like
 * paper.
 */
export function isWorthReading(
  { mediaType, inline }: Pick<EnvelopeDocument, 'mediaType' | 'inline'>,
  content: Uint8Array
): boolean {
  if (content.length === 0) return false
  const head = Buffer.from(content.buffer, content.byteOffset, Math.min(content.length, 1_029))
  if (head.includes('%PDF-') || isTiff(head)) return true
  const size = pictureSize(content)
  if (size) return Math.min(...size) >= (inline ? INLINE_DECORATION_PIXELS : DECORATION_PIXELS)
  // The HTML that a mail's text was made of.
  if (inline && mediaType === 'text/html') return false
  return !notPaper.test(mediaType)
}

function isTiff(head: Buffer): boolean {
  return /^(II\*\0|MM\0\*)/.test(head.toString('latin1', 0, 4))
}

/** Width and height of a PNG, GIF or JPEG by its header; undefined for anything else. */
export function pictureSize(content: Uint8Array): [number, number] | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  const magic = bytes.toString('latin1', 0, 8)
  if (magic === '\x89PNG\r\n\x1a\n' && bytes.length >= 24)
    return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  if (magic.startsWith('GIF8') && bytes.length >= 10)
    return [bytes.readUInt16LE(6), bytes.readUInt16LE(8)]
  return magic.startsWith('\xff\xd8\xff') ? jpegSize(bytes) : undefined
}

/** Segments looked at: cameras write 20; a file made of empty ones must not cost time. */
const JPEG_SEGMENTS = 500

/**
 * Walks the segments to the frame header (T.81, B.2.2); their lengths lead on, so hardly a byte is
 * read.
 */
function jpegSize(bytes: Buffer): [number, number] | undefined {
  let at = 2
  for (let n = 0; n < JPEG_SEGMENTS && at + 9 <= bytes.length && bytes[at] === 0xff; n++) {
    const marker = bytes[at + 1]!
    // SOF0 to SOF15 without DHT (c4), JPG (c8) and DAC (cc), which lie among them.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)]
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}
