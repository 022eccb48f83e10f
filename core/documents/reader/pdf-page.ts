import type { Page } from '../types.ts'
import type { PageJob, ReadPage } from './job.ts'
import { barcodesOn, readSource, store } from './picture-page.ts'
import { withPage } from './pdf.ts'
import { decodedImage, renderPage, renderScale } from './pdf-render.ts'
import { hasUnreadImage, isLegible, textLayer, type TextLayer } from './pdf-text.ts'
import { colourImage, loadWorking, type Source } from './raster.ts'

/** Resolution of a page drawn for reading, and of one drawn only to be looked at. */
const drawDpi = 200
const lookDpi = 110

/** Reads a PDF page by its text layer where that is good, else by what the page looks like. */
export function readPdfPage(job: PageJob): Promise<ReadPage> {
  return withPage(job.path, job.number, async (page) => {
    const scale = renderScale(page, drawDpi)
    const layer = await textLayer(page, scale)
    const good = isLegible(layer)
    // A page that pdfjs cannot draw still has its words.
    if (good && !await hasUnreadImage(page, layer, scale).catch(() => false)) return layerPage(layer, job, await pictureFor(job, page, scale))
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
  const source = await renderPage(page, job.barcodes ? scale : renderScale(page, lookDpi)).catch(() => undefined)
  return source ? { ...size, source } : size
}

async function layerPage(layer: TextLayer, job: PageJob, picture: Picture): Promise<ReadPage> {
  const page: Page = {
    number: job.number, text: layer.text, confidence: layer.words.length > 0 ? 1 : 0, rotation: 0, skew: 0, blank: false,
    words: layer.words, source: 'text-layer', widthPx: picture.width, heightPx: picture.height, dpi: picture.dpi
  }
  if (!picture.source) return { page }
  const barcodes = await barcodesOn(await loadWorking(picture.source), job)
  return { page: { ...page, ...(barcodes ? { barcodes } : {}) }, ...await store(job, 'jpg', () => colourImage(picture.source!, 0)) }
}
