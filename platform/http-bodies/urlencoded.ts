/**
 * Parses a body of names and values (application/x-www-form-urlencoded) and reports the position of
 * each.
 */
import { decodeText } from './charset.ts'
import type { Span } from './multipart.ts'

export interface Pair {
  readonly name: string
  readonly value: string
  /** Position of the encoded value in the body. */
  readonly span: Span
}

/**
 * The pairs in order. Undefined if there are more than the bound; this is found by counting,
 * because a body of only "&" would otherwise become millions of pairs.
 */
export function readPairs(
  body: Buffer,
  charset: string | undefined,
  most: number
): Pair[] | undefined {
  const units = unitsOf(body, charset)
  const { text } = units
  const pairs: Pair[] = []
  for (let from = 0, pieces = 0; from <= text.length; pieces++) {
    if (pieces === most) return undefined
    const next = text.indexOf('&', from)
    const to = next === -1 ? text.length : next
    if (to > from) pairs.push(readPair(units, { from, to }, charset))
    from = to + 1
  }
  return pairs
}

function readPair(
  { text, unit, offset }: Units,
  { from, to }: Span,
  charset: string | undefined
): Pair {
  const piece = text.slice(from, to)
  const equals = piece.indexOf('=')
  const name = equals === -1 ? piece : piece.slice(0, equals)
  const value = equals === -1 ? '' : piece.slice(equals + 1)
  return {
    name: decode(name, unit, charset),
    value: decode(value, unit, charset),
    span: { from: (to - value.length) * unit + offset, to: to * unit + offset }
  }
}

interface Units {
  readonly text: string
  /** Bytes of one character. */
  readonly unit: 1 | 2
  /** Bytes before the first character. */
  readonly offset: number
}

/**
 * A body is normally ASCII with one byte per unit. If the whole body is UTF-16 (zeros or a byte
 * order mark show it), a unit has two bytes.
 */
function unitsOf(body: Buffer, charset: string | undefined): Units {
  if (!charset?.startsWith('utf-16') || !body.includes(0))
    return { text: body.toString('latin1'), unit: 1, offset: 0 }
  const bigEndian = charset === 'utf-16be' || (body[0] === 0xfe && body[1] === 0xff)
  const text = new TextDecoder(bigEndian ? 'utf-16be' : 'utf-16le', { ignoreBOM: true }).decode(
    body
  )
  const marked = text.startsWith('\uFEFF')
  return { text: marked ? text.slice(1) : text, unit: 2, offset: marked ? 2 : 0 }
}

function decode(text: string, unit: 1 | 2, charset: string | undefined): string {
  if (unit === 2) return decodeText(percentDecode(Buffer.from(text, 'utf8')))
  const utf16 = charset?.startsWith('utf-16') === true
  // Characters that need no escaping are ASCII, whatever the charset.
  return decodeText(
    percentDecode(Buffer.from(text, 'latin1')),
    utf16 && !text.includes('%') ? 'utf-8' : charset
  )
}

/** The bytes of an encoded value, for one that is no text of its own, such as a mail. */
export function decodedBytes(value: Uint8Array): Buffer {
  return percentDecode(Buffer.from(value))
}

/** https://url.spec.whatwg.org/#percent-decode, and "+" for a space. Decodes in place. */
function percentDecode(bytes: Buffer): Buffer {
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const code =
      bytes[at] === 0x25 ? 16 * hexDigit(bytes[at + 1]) + hexDigit(bytes[at + 2]) : Number.NaN
    if (!Number.isNaN(code)) at += 2
    bytes[length++] = Number.isNaN(code) ? (bytes[at] === 0x2b ? 0x20 : bytes[at]!) : code
  }
  return bytes.subarray(0, length)
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN
}
