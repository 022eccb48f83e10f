import { isAscii, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import iconv from 'iconv-lite'

// Charsets that encode other alphabets in 7-bit bytes. For them, bytes that look like ASCII need
// not be ASCII.
const sevenBit = /^(utf-?7|unicode-1-1-utf-7|iso-2022-|hz-gb|csiso2022|utf-?16|ucs-2|utf-?32)/
const wide = /^(utf-?16|ucs-2|utf-?32)/
const undeclared =
  /^(|us-?ascii|ascii|ansi_x3\.4.*|7bit|8bit|utf-?8|unicode-1-1-utf-8|unknown.*|x-unknown|default.*|binary|none|_?iso-?2022-?7bit)$/
const latin = /^(iso-?8859-?1|iso_8859-1.*|latin-?1|l1|cp-?1252|win(dows)?-?1252|x-cp1252|ibm819)$/
/** Charset names that mail programs write although they use a wider charset. */
const wider: Readonly<Record<string, string>> = {
  gb2312: 'gb18030',
  gb_2312: 'gb18030',
  'gb_2312-80': 'gb18030',
  gbk: 'gb18030',
  cp936: 'gb18030',
  'iso-8859-8-e': 'iso-8859-8',
  utf8: 'utf-8',
  // For these names Node's decoders lack the Windows extensions, so iconv-lite is used.
  'euc-kr': 'cp949',
  euckr: 'cp949',
  ksc5601: 'cp949',
  'windows-949': 'cp949',
  ks_c_5601: 'cp949',
  'ks_c_5601-1987': 'cp949',
  'ks_c_5601-1992': 'cp949',
  big5: 'big5hkscs',
  'big5-hkscs': 'big5hkscs',
  'cn-big5': 'big5hkscs',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp932: 'shift_jis',
  'shift-jis': 'shift_jis'
}

/** Control characters that no text has; windows-1252 has letters there. */
const c1 = /[\x80-\x9f]/
const looseUtf8 = new TextDecoder('utf-8')
const decoders = new Map<string, TextDecoder | undefined>()

/**
 * Decodes bytes by their declared charset, if that is plausible. Valid UTF-8 beyond ASCII is always
 * UTF-8, because text in another charset is almost never valid UTF-8 by accident. ISO-8859-1 is
 * read as windows-1252, as the WHATWG Encoding Standard does. Invalid UTF-8 is read as windows-1252
 * unless nearly all of it is valid. Never throws; what cannot be decoded becomes U+FFFD.
 */
export function decodeText(bytes: Uint8Array, declared = ''): string {
  const charset = declared
    .trim()
    .toLowerCase()
    .replace(/^x-(?=iso|windows|mac|utf)/, '')
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (sevenBit.test(charset))
    return isAscii(buffer) || wide.test(charset)
      ? decodeAs(buffer, charset)
      : decodeUndeclared(buffer)
  if (isAscii(buffer)) {
    const text = buffer.toString('latin1')
    return text.includes('\x1b$') ? decodeAs(buffer, 'iso-2022-jp') : text
  }
  if (undeclared.test(charset)) return decodeUndeclared(buffer)
  if (isUtf8(buffer)) return looseUtf8.decode(buffer)
  return latin.test(charset) ? decodeLatin(buffer) : decodeAs(buffer, wider[charset] ?? charset)
}

/** Outside of C1 windows-1252 is ISO-8859-1, which is decoded ten times as fast. */
function decodeLatin(buffer: Buffer): string {
  const text = buffer.toString('latin1')
  return c1.test(text) ? decodeAs(buffer, 'windows-1252') : text
}

/**
 * Replaces C1 control characters, which text never contains, by the windows-1252 characters that
 * were meant.
 */
export function mendLatin(text: string): string {
  if (!c1.test(text)) return text
  return text.replace(/[\x80-\x9f]+/g, (run) =>
    decodeAs(Buffer.from(run, 'latin1'), 'windows-1252')
  )
}

/** Lines whose charset is detected line by line; a longer text is decoded as a whole. */
const MIXED_LINES = 100_000

function decodeUndeclared(buffer: Buffer): string {
  if (isUtf8(buffer)) return looseUtf8.decode(buffer)
  // A mail gateway's footer is often in another charset than the words above it.
  const lines = buffer.toString('latin1').split('\n', MIXED_LINES + 1)
  if (lines.length > MIXED_LINES || !lines.some(isWideUtf8)) return decodeBroken(buffer)
  return lines
    .map((line) =>
      isAscii(Buffer.from(line, 'latin1')) ? line : decodeBroken(Buffer.from(line, 'latin1'))
    )
    .join('\n')
}

/** Whether a line (bytes as latin1) is UTF-8 with characters beyond ASCII. */
function isWideUtf8(line: string): boolean {
  return /[\x80-\xff]/.test(line) && isUtf8(Buffer.from(line, 'latin1'))
}

function decodeBroken(buffer: Buffer): string {
  const loose = looseUtf8.decode(buffer)
  if (isUtf8(buffer)) return loose
  const broken = count(loose, /\uFFFD/g)
  // If UTF-8 was cut or has a few bad bytes, most of its characters are still valid. Of
  // windows-1252 read as UTF-8 hardly any are.
  return broken * 4 <= count(loose, /[^\0-\x7f\uFFFD]/g) ? loose : decodeLatin(buffer)
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}

function decodeAs(buffer: Buffer, charset: string): string {
  const decoder = decoderFor(charset)
  if (decoder) return decoder.decode(buffer)
  // iconv-lite has charsets that the Encoding Standard lacks: UTF-7, UTF-32, the DOS code pages.
  return iconv.encodingExists(charset) && !/^(base64|hex|binary)$/.test(charset)
    ? iconv.decode(buffer, charset)
    : decodeUndeclared(buffer)
}

function decoderFor(charset: string): TextDecoder | undefined {
  if (decoders.has(charset)) return decoders.get(charset)
  let decoder: TextDecoder | undefined
  try {
    decoder = new TextDecoder(charset)
  } catch {
    decoder = undefined
  }
  // Senders choose the charset names, so the cache is bounded.
  if (decoders.size < 200) decoders.set(charset, decoder)
  return decoder
}
