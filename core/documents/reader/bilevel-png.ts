import { crc32, deflateSync } from 'node:zlib'
import type { Raster } from './raster.ts'

/**
 * A grey picture as a one-bit PNG, black where darker than `threshold`: a fax page takes 20 to 60
 * KB.
 */
export function toBilevelPng(raster: Raster, threshold = 128): Buffer {
  const stride = Math.ceil(raster.width / 8) + 1
  const rows = Buffer.alloc(stride * raster.height)
  for (let y = 0; y < raster.height; y++) {
    for (let x = 0; x < raster.width; x++) {
      if (raster.data[y * raster.width + x]! >= threshold)
        rows[y * stride + 1 + (x >> 3)]! |= 0x80 >> (x & 7)
    }
  }
  return wrapPng(
    { width: raster.width, height: raster.height, bits: 1, colour: 0 },
    deflateSync(rows, { level: 6 }),
    raster.dpi
  )
}

interface PngHeader {
  readonly width: number
  readonly height: number
  readonly bits: number
  /** 0 grey, 2 RGB (PNG specification 11.2.1). */
  readonly colour: 0 | 2
}

/**
 * A PNG around deflated, filtered rows that are there already, as a PDF with a PNG predictor keeps
 * them.
 */
export function wrapPng(header: PngHeader, deflated: Uint8Array, dpi: number): Buffer {
  const ihdr = Buffer.alloc(13)
  ihdr.writeUInt32BE(header.width, 0)
  ihdr.writeUInt32BE(header.height, 4)
  ihdr.set([header.bits, header.colour, 0, 0, 0], 8)
  const phys = Buffer.alloc(9)
  const perMetre = Math.round(dpi / 0.0254)
  phys.writeUInt32BE(perMetre, 0)
  phys.writeUInt32BE(perMetre, 4)
  phys[8] = 1
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', ihdr),
    chunk('pHYs', phys),
    chunk('IDAT', deflated),
    chunk('IEND', Buffer.alloc(0))
  ])
}

function chunk(type: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length, 0)
  head.write(type, 4, 'latin1')
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(data, crc32(head.subarray(4))), 0)
  return Buffer.concat([head, data, check])
}

/** The parts of a PNG made here, to put it into a PDF as it is. */
export function pngParts(png: Buffer): { width: number; height: number; data: Buffer } {
  const at = png.indexOf('IDAT', 8, 'latin1')
  const length = png.readUInt32BE(at - 4)
  return {
    width: png.readUInt32BE(16),
    height: png.readUInt32BE(20),
    data: png.subarray(at + 4, at + 4 + length)
  }
}
