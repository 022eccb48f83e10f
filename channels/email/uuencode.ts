/** What the encoded bytes of a part are. */
export type Holds = 'text' | 'file'

/**
 * Decodes uuencode, which RFC 2045 never included but old scanners and gateways still send: lines
 * of "length, then 4 characters for 3 bytes" between "begin" and "end". In a text, what
 * precedes and follows them is kept.
 */
export function decodeUu(bytes: Buffer, holds: Holds): Buffer {
  const begin = /(^|\n)begin [0-7]{3,4} [^\n]*\n/.exec(bytes.subarray(0, 4096).toString('latin1'))
  if (!begin) return bytes
  const from = begin.index + begin[1]!.length
  const out = Buffer.allocUnsafe(bytes.length)
  let written = 0
  let at = begin.index + begin[0].length
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at)
    const next = end < 0 ? bytes.length : end + 1
    const line = bytes.subarray(at, next)
    const ends = isEnd(line)
    if (!ends && !isEncoded(line)) break
    at = next
    if (ends) break
    written += decodeLine(line, out, written)
  }
  const decoded = out.subarray(0, written)
  if (holds === 'file') return decoded
  const after = bytes.subarray(at)
  const gap = after.length > 0 && decoded.at(-1) !== 10 ? '\n' : ''
  return Buffer.concat([bytes.subarray(0, from), decoded, Buffer.from(gap), after])
}

function isEnd(line: Buffer): boolean {
  return /^end\s*$/.test(line.toString('latin1', 0, 8))
}

/** Spaces that a line may have lost at its end; old encoders write zero bytes as spaces. */
const LOST = 8

/**
 * Spaces at the end may be lost on the way, and a check character may follow. A line of words
 * rarely has the length that its first character encodes.
 */
function isEncoded(line: Buffer): boolean {
  const text = line.toString('latin1', 0, 100).trimEnd()
  if (text === '' || text === '`') return true
  const needed = 1 + Math.ceil(((text.charCodeAt(0) - 32) & 63) / 3) * 4
  return (
    /^[ -`]+$/.test(text) &&
    text.length <= needed + 2 &&
    (text.length === 1 || text.length >= needed - LOST)
  )
}

function decodeLine(line: Buffer, out: Buffer, at: number): number {
  const length = Math.min((line[0]! - 32) & 63, Math.floor(((line.length - 1) * 3) / 4))
  for (let index = 0; index < length; index++) {
    // Byte `index` is spread over two neighbouring characters of 6 bits each.
    const place = 1 + Math.floor((index * 8) / 6)
    const pair = (six(line, place) << 6) | six(line, place + 1)
    out[at + index] = (pair >> (4 - (index % 3) * 2)) & 255
  }
  return length
}

function six(line: Buffer, place: number): number {
  return ((line[place] ?? 32) - 32) & 63
}
