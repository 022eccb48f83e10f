import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface QrCode {
  /** Modules along one side, including the quiet zone. */
  readonly size: number
  /** Outline of the dark modules, as the `d` of an SVG path in a box of `size` by `size`. */
  readonly path: string
}

/**
 * QR codes as outlines for a page. They use the highest of the four error correction levels (H), so
 * that a code survives a fold, a stamp or a coffee stain: up to 30 % of it may be damaged (ISO/IEC
 * 18004).
 */
export async function drawQrCodes(texts: readonly string[]): Promise<QrCode[]> {
  const write = await loadWriter()
  return Promise.all(
    texts.map(async (text) =>
      toPath((await write(text, { format: 'QRCode', options: 'ecLevel=H' })).svg)
    )
  )
}

let writer: Promise<typeof import('zxing-wasm/writer').writeBarcode> | undefined

/** Loaded when the first sheet is printed, because most processes never print one. */
function loadWriter() {
  writer ??= import('zxing-wasm/writer').then(({ prepareZXingModule, writeBarcode }) => {
    const bytes = readFileSync(
      createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm')
    )
    // Takes the wasm from the package. By default the library would fetch it from a CDN.
    prepareZXingModule({
      overrides: {
        wasmBinary: bytes.buffer.slice(
          bytes.byteOffset,
          bytes.byteOffset + bytes.byteLength
        ) as ArrayBuffer
      }
    })
    return writeBarcode
  })
  return writer
}

function toPath(svg: string): QrCode {
  const size = Number(/<svg [^>]*\bwidth="(\d+)"/.exec(svg)?.[1])
  const path = /<path [^>]*\bd="([^"]+)"/.exec(svg)?.[1] ?? ''
  return { size, path }
}
