import { readFile, writeFile } from 'node:fs/promises'
import { degrees, PDFDocument, type PDFPage, type PDFRef, StandardFonts } from '@cantoo/pdf-lib'
import { addOwn, addScanned, originalPdf } from './assemble.ts'
import { layerFont } from './invisible-text.ts'
import type { BindJob, BindPage } from './job.ts'

/**
 * Writes a PDF of exactly these pages, whichever files they come from: a page with a text layer or
 * without a picture is copied as it is, others are their picture with the words unseen over it; a
 * page that cannot be shown leaves a page that says so.
 */
export async function bind({ pagesPath, outPath }: BindJob): Promise<{ pages: number }> {
  const pages = JSON.parse(await readFile(pagesPath, 'utf8')) as BindPage[]
  const out = await PDFDocument.create({ updateMetadata: false })
  const originals = new Map<string, PDFDocument | undefined>()
  const font = layerFont(out)
  for (const page of pages) {
    const added = await addPage(out, font, page, originals)
    if (page.turned) added.setRotation(degrees((added.getRotation().angle + page.turned) % 360))
  }
  await writeFile(outPath, await out.save({ updateFieldAppearances: false }), { mode: 0o600 })
  return { pages: out.getPageCount() }
}

async function addPage(
  out: PDFDocument,
  font: PDFRef,
  { page, image, from, instead }: BindPage,
  originals: Map<string, PDFDocument | undefined>
): Promise<PDFPage> {
  if (page.source === 'text-layer' || !image) {
    if (!originals.has(from)) originals.set(from, await originalPdf(from))
    const original = originals.get(from)
    const copied = await addOwn(out, font, page, original)
    if (copied) return copied
  }
  return image ? addScanned(out, font, page, image) : addNotice(out, instead)
}

async function addNotice(out: PDFDocument, text: string): Promise<PDFPage> {
  const page = out.addPage([612, 792])
  const font = await out.embedFont(StandardFonts.Helvetica)
  // The standard fonts have Latin letters only, and the text may name a file.
  page.drawText(text.replace(/[^\x20-\x7e]/g, '?'), {
    x: 72,
    y: 700,
    size: 12,
    font,
    maxWidth: 468,
    lineHeight: 16
  })
  return page
}
