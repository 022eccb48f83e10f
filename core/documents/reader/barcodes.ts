import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import type { Barcode } from '../types.ts'
import { resample, toPgm, type Raster } from './raster.ts'

// The wasm comes from the package; without this the library would fetch it from a CDN.
prepareZXingModule({ overrides: { wasmBinary: wasmBinary() } })

function wasmBinary(): ArrayBuffer {
  const bytes = readFileSync(
    createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  )
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}

/**
 * The symbologies of separator sheets, archive numbers, identity cards (PDF417) and parcels (ITF);
 * fewer kinds mean fewer false finds.
 */
const formats: NonNullable<ReaderOptions['formats']> = [
  'QRCode',
  'Code128',
  'Code39',
  'DataMatrix',
  'PDF417',
  'ITF'
]
/** ITF has no check of its own: two or four digits are found in any hatching. */
const LEAST_ITF = 6
const options: ReaderOptions = {
  formats,
  tryHarder: true,
  tryRotate: true,
  tryInvert: false,
  tryDownscale: true,
  maxNumberOfSymbols: 16,
  minLineCount: 3
}

/**
 * Barcodes on a page, also turned and blurred ones. A second look at softened pixels finds what a
 * fax tore apart.
 */
export async function findBarcodesIn(raster: Raster): Promise<Barcode[]> {
  const found = await look(raster)
  return found.length > 0 ? found : look(await resample(raster, raster.width, raster.height, 1.2))
}

async function look(raster: Raster): Promise<Barcode[]> {
  const results = await readBarcodes(toPgm(raster), options)
  return results
    .filter(
      ({ isValid, text, format }) =>
        isValid && text.length >= (format.startsWith('ITF') ? LEAST_ITF : 1)
    )
    .map(({ format, text, position }) => {
      const corners = [
        position.topLeft,
        position.topRight,
        position.bottomLeft,
        position.bottomRight
      ]
      const xs = corners.map((corner) => corner.x)
      const ys = corners.map((corner) => corner.y)
      return {
        format,
        text,
        box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
      }
    })
}
