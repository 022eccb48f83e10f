import { readFile, writeFile } from 'node:fs/promises'
import { PDFDocument, type PDFPage, type PDFRef, PDFName } from '@cantoo/pdf-lib'
import { sniff } from '../media-type.ts'
import type { Page } from '../types.ts'
import { pngParts } from './bilevel-png.ts'
import { invisibleText, layerFont } from './invisible-text.ts'
import type { AssembleJob, AssemblePage, StoredImage } from './job.ts'

/**
 * Writes the searchable PDF: pages with a text layer of their own are copied, others are their picture with the words unseen over it.
 * Blank pages stay in; leaving them out is the working copy's business.
 */
export async function assemble({ path, pagesPath, outPath }: AssembleJob): Promise<{ pages: number }> {
  const pages = JSON.parse(await readFile(pagesPath, 'utf8')) as AssemblePage[]
  const out = await PDFDocument.create({ updateMetadata: false })
  const original = pages.some(({ page }) => page.source === 'text-layer') ? await originalPdf(path) : undefined
  const font = layerFont(out)
  for (const { page, image } of pages) {
    const copied = page.source === 'text-layer' && original ? await copyPage(out, original, page.number) : undefined
    if (copied || !image) continue
    await addScanned(out, font, page, image)
  }
  await writeFile(outPath, await out.save({ updateFieldAppearances: false }), { mode: 0o600 })
  return { pages: out.getPageCount() }
}

/** A page that is its picture with the words unseen over it. */
export async function addScanned(out: PDFDocument, font: PDFRef, page: Page, image: StoredImage): Promise<PDFPage> {
  const added = out.addPage([page.widthPx * 72 / page.dpi, page.heightPx * 72 / page.dpi])
  await addPicture(out, added, image)
  added.node.addContentStream(out.context.register(out.context.flateStream(invisibleText(page, page.dpi))))
  added.node.setFontDictionary(PDFName.of('Unseen'), font)
  return added
}

export async function originalPdf(path: string): Promise<PDFDocument | undefined> {
  const bytes = await readFile(path)
  const { kind } = await sniff(bytes.subarray(0, 4_096))
  if (kind !== 'pdf') return undefined
  const pdf = await PDFDocument.load(bytes, { ignoreEncryption: true, updateMetadata: false, throwOnInvalidObject: false }).catch(() => undefined)
  // Copied encrypted streams would be noise.
  return pdf?.isEncrypted ? undefined : pdf
}

export async function copyPage(out: PDFDocument, original: PDFDocument, number: Page['number']): Promise<PDFPage | undefined> {
  const [copy] = await out.copyPages(original, [number - 1]).catch(() => [])
  return copy && out.addPage(copy)
}

async function addPicture(out: PDFDocument, page: PDFPage, { path, mediaType }: StoredImage): Promise<void> {
  const bytes = await readFile(path)
  const size = { x: 0, y: 0, width: page.getWidth(), height: page.getHeight() }
  if (mediaType === 'image/jpeg') { page.drawImage(await out.embedJpg(bytes), size); return }
  const { width, height, data } = pngParts(bytes)
  const picture = out.context.register(out.context.stream(data, {
    Type: 'XObject', Subtype: 'Image', Width: width, Height: height, ColorSpace: 'DeviceGray', BitsPerComponent: 1, Filter: 'FlateDecode',
    DecodeParms: { Predictor: 15, Colors: 1, BitsPerComponent: 1, Columns: width }
  }))
  page.node.setXObject(PDFName.of('Scan'), picture)
  page.node.addContentStream(out.context.register(out.context.stream(`q ${size.width} 0 0 ${size.height} 0 0 cm /Scan Do Q`)))
}
