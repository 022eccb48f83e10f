/**
 * A one-strip TIFF around an encoded image stream, so that libtiff decodes what a PDF carries.
 * Little-endian, TIFF 6.0.
 */
export interface WrappedTiff {
  readonly width: number
  readonly height: number
  readonly bits: 1 | 8
  readonly samples: 1 | 3
  /** TIFF 6.0: 3 Group 3, 4 Group 4, 8 Deflate. */
  readonly compression: 3 | 4 | 8
  /** 0 white is zero, 1 black is zero, 2 RGB. */
  readonly photometric: 0 | 1 | 2
  /** T4Options: bit 0 two-dimensional coding, bit 2 byte-aligned ends of line. */
  readonly t4Options?: number
}

const short = 3
const long = 4

/** Puts `stream` behind a TIFF header. */
export function wrapTiff(facts: WrappedTiff, stream: Uint8Array): Buffer {
  const entries: [tag: number, type: number, value: number][] = [
    [256, long, facts.width],
    [257, long, facts.height],
    [258, short, facts.bits],
    [259, short, facts.compression],
    [262, short, facts.photometric],
    [273, long, 0],
    [277, short, facts.samples],
    [278, long, facts.height],
    [279, long, stream.length],
    ...(facts.compression === 3
      ? [[292, long, facts.t4Options ?? 0] as [number, number, number]]
      : [])
  ]
  const header = Buffer.alloc(8 + 2 + entries.length * 12 + 4)
  header.write('II', 0, 'latin1')
  header.writeUInt16LE(42, 2)
  header.writeUInt32LE(8, 4)
  header.writeUInt16LE(entries.length, 8)
  for (const [index, [tag, type, value]] of entries.entries()) {
    const at = 10 + index * 12
    header.writeUInt16LE(tag, at)
    header.writeUInt16LE(type, at + 2)
    header.writeUInt32LE(1, at + 4)
    header.writeUInt32LE(tag === 273 ? header.length : value, at + 8)
  }
  // BitsPerSample of an RGB strip needs three values; libtiff takes one for all.
  return Buffer.concat([header, stream])
}
