import { parseAddressHeader } from 'mailparser'
import libmime from 'libmime'
import { Headers } from '@zone-eu/mailsplit'
import { storableText } from '../../platform/text/storable.ts'
import { decodeText, mendLatin } from './charsets.ts'
import { headerLimits, readLimits } from './limits.ts'

/** A mail's header values by lower-case name: unfolded, in order, encoded words not yet decoded. */
export type HeaderFields = ReadonlyMap<string, readonly string[]>

export interface Mailbox {
  readonly name: string
  readonly address: string
}

interface HeaderLine {
  readonly key: string
  readonly line: string
}

/**
 * Header lines (bytes as latin1, still folded) as fields. Raw 8-bit bytes are read as UTF-8 or
 * windows-1252.
 */
export function headerFields(lines: readonly HeaderLine[]): HeaderFields {
  const fields = new Map<string, string[]>()
  for (const { key, line } of lines) {
    if (!/^[!-9;-~]{1,100}$/.test(key)) continue
    const value = unfold(line.slice(line.indexOf(':') + 1))
    const values = fields.get(key)
    if (values) values.push(value)
    else fields.set(key, [value])
  }
  return fields
}

/** The header fields of a whole message, without reading its body. */
export function messageFields(bytes: Uint8Array): HeaderFields {
  const block = startOf(bytes).subarray(0, headerEnd(bytes))
  return headerFields(new Headers(block).getList())
}

/** Where the header of a message ends, before the blank line. Undefined if none is near enough. */
export function headerEnd(bytes: Uint8Array): number | undefined {
  const buffer = startOf(bytes)
  const ends = ['\r\n\r\n', '\n\n', '\n\r\n']
    .map((blank) => buffer.indexOf(blank))
    .filter((at) => at >= 0)
  return ends.length > 0 ? Math.min(...ends) + 2 : undefined
}

function startOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, readLimits.headerBytes))
}

/** The first value of a header, or undefined. */
export function first(fields: HeaderFields, name: string): string | undefined {
  return fields.get(name)?.[0]
}

/**
 * A header value for showing: encoded words decoded, one line, storable, at most `length`
 * characters.
 */
export function readable(value: string, length: number): string {
  return oneLine(mendLatin(withoutEncoding(value.slice(0, length * 8))), length)
}

/** A broken encoded word is left as written. */
function withoutEncoding(text: string): string {
  if (!text.includes('=?')) return text
  try {
    return libmime.decodeWords(text)
  } catch {
    return text
  }
}

/** Most values are one line with single spaces already. */
const loose = /[^\S ]|\p{Cc}| {2}/u

function oneLine(text: string, length: number): string {
  const storable = storableText(text)
  const line = loose.test(storable) ? storable.replace(/[\s\p{Cc}]+/gu, ' ') : storable
  return cut(line.trim(), length)
}

/** Cache: sender, recipients and evidence ask for the same headers. */
const known = new WeakMap<readonly string[], readonly Mailbox[]>()

/**
 * The mailboxes of an address header, groups included. An entry without an address is dropped
 * unless it has a name.
 */
export function mailboxes(values: readonly string[] = []): readonly Mailbox[] {
  const found = known.get(values) ?? readMailboxes(values)
  known.set(values, found)
  return found
}

function readMailboxes(values: readonly string[]): Mailbox[] {
  const found: Mailbox[] = []
  for (const value of values.slice(0, headerLimits.values)) {
    for (const entry of parsed(value)) {
      if (found.length >= headerLimits.addresses) return found
      const address = storableText(entry.address ?? '')
        .trim()
        .slice(0, 320)
      const name = oneLine(mendLatin(entry.name), 200)
      if (address || name)
        found.push({ name, address: /^[^\s@]+@[^\s@]+$/.test(address) ? address : '' })
    }
  }
  return found
}

/**
 * An address with its domain in lower case. Only the receiving server may interpret the local part
 * (RFC 5321 section 2.4).
 */
export function lowerDomain(address: string): string {
  const at = address.lastIndexOf('@')
  return address.slice(0, at) + address.slice(at).toLowerCase()
}

/** Text of at most `length` UTF-16 units that never ends in half a surrogate pair. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

function parsed(value: string): readonly { name: string; address?: string }[] {
  try {
    return parseAddressHeader(value.slice(0, headerLimits.addressLength), {
      flatten: true,
      decodePunycode: false
    }).value
  } catch {
    return []
  }
}

function unfold(value: string): string {
  const line = (value.includes('\n') ? value.replace(/\r?\n[ \t]*/g, ' ') : value).trim()
  return /[\x80-\xff]/.test(line) ? decodeText(Buffer.from(line, 'latin1')) : line
}
