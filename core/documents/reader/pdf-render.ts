import { createCanvas } from '@napi-rs/canvas'
import { AnnotationMode, OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js'
import { limits } from '../limits.ts'
import type { Source } from './raster.ts'

/**
 * Pixels per point for a page drawn at `dpi`, less where the page is so large that it would pass
 * `renderPixels`.
 */
export function renderScale(page: PDFPageProxy, dpi: number): number {
  const { width, height } = page.getViewport({ scale: 1 })
  return Math.min(dpi / 72, Math.sqrt(limits.renderPixels / Math.max(1, width * height)))
}

/** Draws a page, turned as its /Rotate says. */
export async function renderPage(page: PDFPageProxy, scale: number): Promise<Source> {
  const viewport = page.getViewport({ scale })
  const canvas = createCanvas(
    Math.max(1, Math.ceil(viewport.width)),
    Math.max(1, Math.ceil(viewport.height))
  )
  await page.render({
    canvas: canvas as never,
    viewport,
    background: '#fff',
    intent: 'print',
    annotationMode: AnnotationMode.ENABLE_STORAGE
  }).promise
  const data = canvas.data()
  const picture = {
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    width: canvas.width,
    height: canvas.height,
    channels: 4 as const
  }
  return { input: picture, dpi: [scale * 72, scale * 72] }
}

interface Decoded {
  readonly width: number
  readonly height: number
  readonly kind: number
  readonly data?: Uint8Array
}

/**
 * The page's one image as pdfjs decodes it (JBIG2, JPEG 2000, Indexed): its full resolution in a
 * tenth of the time and memory of drawing the page. Undefined where the page is more than one
 * upright image.
 */
export async function decodedImage(page: PDFPageProxy): Promise<Source | undefined> {
  if (page.rotate !== 0) return undefined
  const { fnArray, argsArray } = await page.getOperatorList()
  const allowed = new Set<number>([
    OPS.save,
    OPS.restore,
    OPS.transform,
    OPS.setGState,
    OPS.dependency,
    OPS.paintImageXObject
  ])
  const draws = fnArray.flatMap((operation, index) =>
    operation === OPS.paintImageXObject ? [index] : []
  )
  const transforms = fnArray.flatMap((operation, index) =>
    operation === OPS.transform ? [Array.from(argsArray[index] as ArrayLike<number>)] : []
  )
  const upright = transforms.every(
    ([a = 0, b = 0, c = 0, d = 0]) => a > 0 && d > 0 && Math.abs(b) < 1e-3 && Math.abs(c) < 1e-3
  )
  if (draws.length !== 1 || !upright || !fnArray.every((operation) => allowed.has(operation)))
    return undefined
  const name = argsArray[draws[0]!]?.[0] as string
  const image = (
    page.objs.has(name)
      ? page.objs.get(name)
      : page.commonObjs.has(name)
        ? page.commonObjs.get(name)
        : undefined
  ) as Decoded | undefined
  const wide = transforms.reduce((product, [a = 1]) => product * a, 1) / 72
  return image?.data ? fromDecoded(image, image.data, image.width / wide) : undefined
}

function fromDecoded(
  { width, height, kind }: Decoded,
  data: Uint8Array,
  dpi: number
): Source | undefined {
  if (kind === 1)
    return {
      input: { data: unpackBits(data, width, height), width, height, channels: 1 },
      dpi: [dpi, dpi],
      bilevel: true
    }
  const channels = kind === 2 ? 3 : 4
  return data.length === width * height * channels
    ? {
        input: {
          data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
          width,
          height,
          channels
        },
        dpi: [dpi, dpi]
      }
    : undefined
}

/** pdfjs's one-bit rows as grey bytes. */
function unpackBits(bits: Uint8Array, width: number, height: number): Buffer {
  const stride = (width + 7) >> 3
  const grey = Buffer.alloc(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if ((bits[y * stride + (x >> 3)]! >> (7 - (x & 7))) & 1) grey[y * width + x] = 255
  return grey
}
