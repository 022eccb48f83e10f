import { createCanvas, loadImage } from '@napi-rs/canvas'
import { limits } from '../limits.ts'
import { Refused } from './refused.ts'
import type { Source } from './raster.ts'

/** True for a Windows bitmap, which sharp does not decode. */
export function isBmp(bytes: Buffer): boolean {
  return (
    bytes.length >= 30 && bytes.toString('latin1', 0, 2) === 'BM' && bytes.readUInt32LE(14) <= 124
  )
}

interface Facts {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly dpi: number
}

/**
 * By its header: OS/2's of 12 bytes, or one of Windows's. Rows may run from the top, with a
 * negative height.
 */
export function bmpFacts(bytes: Buffer): Facts {
  if (bytes.readUInt32LE(14) === 12)
    return {
      width: bytes.readUInt16LE(18),
      height: bytes.readUInt16LE(20),
      bits: bytes.readUInt16LE(24),
      dpi: 0
    }
  const dpi = bytes.length >= 42 ? bytes.readInt32LE(38) * 0.0254 : 0
  return {
    width: Math.abs(bytes.readInt32LE(18)),
    height: Math.abs(bytes.readInt32LE(22)),
    bits: bytes.readUInt16LE(28),
    dpi
  }
}

/** Its pixels. @throws Refused over the bound, looked at before anything is decoded */
export async function bmpSource(bytes: Buffer): Promise<Source> {
  const { width, height, bits, dpi } = bmpFacts(bytes)
  if (width * height > limits.pdfImagePixels)
    throw new Refused('has more pixels than are read by machine')
  const image = await loadImage(bytes)
  const canvas = createCanvas(image.width, image.height)
  canvas.getContext('2d').drawImage(image, 0, 0)
  const data = canvas.data()
  return {
    input: {
      data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      width: image.width,
      height: image.height,
      channels: 4
    },
    ...(dpi > 0 ? { dpi: [dpi, dpi] as const } : {}),
    bilevel: bits === 1
  }
}
