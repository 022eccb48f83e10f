import { writeFile } from 'node:fs/promises'
import type { Page } from '../types.ts'
import { findBarcodesIn } from './barcodes.ts'
import { toBilevelPng } from './bilevel-png.ts'
import type { PageJob, ReadPage, StoredImage } from './job.ts'
import { readRaster, type Upright } from './ocr.ts'
import { withPage } from './pdf.ts'
import { decodedImage, renderPage, renderScale } from './pdf-render.ts'
import { hasUnreadImage, isLegible, textLayer, type TextLayer } from './pdf-text.ts'
import { colourImage, fromRaster, loadWorking, type Source, type Working } from './raster.ts'
import { imageFromPdf, imageSource } from './source.ts'
import { readText } from './text-files.ts'
import { nothing } from './tsv.ts'

/** Resolution of a page drawn for reading, and of one drawn only to be looked at. */
const drawDpi = 200
const lookDpi = 110

/** Reads one page. @throws Refused over a bound; decoder errors as they are. */
export async function readPage(job: PageJob): Promise<ReadPage> {
  if (job.document === 'image') return readSource(await imageSource(job), job)
  if (job.document !== 'pdf') return { page: await readText(job) }
  if (!job.imageAt) return readPdfPage(job)
  // A stream that does not decode by itself may still be drawn by pdfjs, which mends more.
  return imageFromPdf(job.path, job.imageAt).then((source) => readSource(source, job)).catch(() => readPdfPage(job))
}

function readPdfPage(job: PageJob): Promise<ReadPage> {
  return withPage(job.path, job.number, async (page) => {
    const scale = renderScale(page, drawDpi)
    const layer = await textLayer(page, scale)
    const good = isLegible(layer)
    if (good && !await hasUnreadImage(page, layer, scale)) return layerPage(layer, job, await pictureFor(job, page, scale))
    const source = (good ? undefined : await decodedImage(page)) ?? await renderPage(page, scale)
    const read = await readSource(source, job)
    // The layer stands where looking at the picture found hardly more than it says.
    return good && read.page.words.length < layer.words.length * 1.15 ? layerPage(layer, job, await pictureFor(job, page, scale)) : read
  })
}

type Picture = { readonly source?: Source, readonly width: number, readonly height: number, readonly dpi: number }

async function pictureFor(job: PageJob, page: Parameters<typeof renderPage>[0], scale: number): Promise<Picture> {
  const { width, height } = page.getViewport({ scale })
  const size = { width: Math.ceil(width), height: Math.ceil(height), dpi: scale * 72 }
  if (!job.imagePath && !job.barcodes) return size
  return { ...size, source: await renderPage(page, job.barcodes ? scale : renderScale(page, lookDpi)) }
}

async function layerPage(layer: TextLayer, job: PageJob, picture: Picture): Promise<ReadPage> {
  const page: Page = {
    number: job.number, text: layer.text, confidence: layer.words.length > 0 ? 1 : 0, rotation: 0, skew: 0, blank: false,
    words: layer.words, source: 'text-layer', widthPx: picture.width, heightPx: picture.height, dpi: picture.dpi
  }
  if (!picture.source) return { page }
  const barcodes = job.barcodes ? await findBarcodesIn(await loadWorking(picture.source)) : undefined
  return { page: { ...page, ...(barcodes ? { barcodes } : {}) }, ...await store(job, 'jpg', () => colourImage(picture.source!, 0)) }
}

async function readSource(source: Source, job: PageJob): Promise<ReadPage> {
  const working = await loadWorking(source)
  const upright = job.text ? await readRaster(working, job) : asScanned(working)
  const { raster, rotation, skew, blank, found } = upright
  const barcodes = job.barcodes ? await findBarcodesIn(raster) : undefined
  const page: Page = {
    number: job.number, text: found.text, confidence: found.confidence, rotation: (rotation + (source.turn ?? 0)) % 360, skew, blank,
    words: found.words, source: 'ocr', widthPx: raster.width, heightPx: raster.height, dpi: raster.dpi, ...(barcodes ? { barcodes } : {})
  }
  return { page, ...await storeUpright(job, source, working, upright) }
}

function asScanned(raster: Working): Upright {
  return { raster, rotation: 0, skew: 0, blank: false, found: nothing }
}

/** The page's picture in its cheapest true form: the scanner's own JPEG, one bit a pixel, or a new JPEG. */
function storeUpright(job: PageJob, source: Source, working: Working, { raster, rotation, skew }: Upright): Promise<{ image?: StoredImage }> {
  if (working.asIs && source.mediaType === 'image/jpeg' && rotation === 0 && skew === 0) return store(job, 'jpg', () => Promise.resolve(source.input as Buffer))
  if (working.bilevel) return store(job, 'png', () => Promise.resolve(toBilevelPng(raster)))
  return store(job, 'jpg', () => working.colour && skew === 0 ? colourImage(source, rotation) : fromRaster(raster).jpeg({ quality: 75 }).toBuffer())
}

async function store(job: PageJob, extension: 'jpg' | 'png', make: () => Promise<Buffer>): Promise<{ image?: StoredImage }> {
  if (!job.imagePath) return {}
  const path = `${job.imagePath}.${extension}`
  await writeFile(path, await make(), { mode: 0o600 })
  return { image: { path, mediaType: extension === 'jpg' ? 'image/jpeg' : 'image/png' } }
}
