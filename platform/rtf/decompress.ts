/**
 * Rich text as Outlook packs it (MS-OXRTFCP, "LZFu"): a byte is itself, or a reference into the
 * last 4,096 bytes.
 */
const COMPRESSED = 0x75465a4c
const UNCOMPRESSED = 0x414c454d
/** What every stream may refer to from its first byte (MS-OXRTFCP section 2.1.2.1). */
const preset = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1'
)
const WINDOW = 4096
const HEADER = 16

/**
 * Undefined if it is none, or longer than `most` bytes. A stream that breaks off gives what it has.
 */
export function decompressRtf(bytes: Buffer, most: number): Buffer | undefined {
  if (bytes.length < HEADER) return undefined
  const kind = bytes.readUInt32LE(8)
  const size = bytes.readUInt32LE(4)
  if (size > most) return undefined
  if (kind === UNCOMPRESSED) return bytes.subarray(HEADER, HEADER + size)
  return kind === COMPRESSED ? unpack(bytes, size) : undefined
}

function unpack(bytes: Buffer, size: number): Buffer {
  const out = Buffer.alloc(preset.length + size)
  preset.copy(out)
  let [at, end] = [HEADER, preset.length]
  while (at < bytes.length && end < out.length) {
    const flags = bytes[at++]!
    for (let bit = 0; bit < 8 && at < bytes.length && end < out.length; bit++) {
      if ((flags & (1 << bit)) === 0) {
        out[end++] = bytes[at++]!
        continue
      }
      if (at + 1 >= bytes.length) return out.subarray(preset.length, end)
      const reference = bytes.readUInt16BE(at)
      at += 2
      const back = ((end - (reference >> 4) - 1) & (WINDOW - 1)) + 1
      // A reference to where the next byte goes is the end.
      if (back === WINDOW || back > end) return out.subarray(preset.length, end)
      for (let left = (reference & 15) + 2; left > 0 && end < out.length; left--, end++)
        out[end] = out[end - back]!
    }
  }
  return out.subarray(preset.length, end)
}
