import { readFile, writeFile } from 'node:fs/promises'
import {
  PDFDict,
  PDFDocument,
  type PDFPage,
  type PDFRef,
  PDFName,
  StandardFonts
} from '@cantoo/pdf-lib'
import { sniff } from '../media-type.ts'
import type { Box, Page, Word } from '../types.ts'
import { holds, middle } from './boxes.ts'
import { pngParts } from './bilevel-png.ts'
import { flatten } from './flatten.ts'
import { invisibleText, layerFont } from './invisible-text.ts'
import { layWords } from './lay-words.ts'
import type { Matrix } from './page-content.ts'
import type { AssembleJob, AssemblePage, StoredImage } from './job.ts'

/**
 * Writes the searchable PDF: pages with a text layer of their own are copied, others are their
 * picture with the words unseen over it. Blank pages stay in; leaving them out is the working
 * copy's business.
 */
export async function assemble({
  path,
  pagesPath,
  outPath
}: AssembleJob): Promise<{ pages: number }> {
  const pages = JSON.parse(await readFile(pagesPath, 'utf8')) as AssemblePage[]
  const out = await PDFDocument.create({ updateMetadata: false })
  const original = pages.some(({ page }) => page.source === 'text-layer')
    ? await originalPdf(path)
    : undefined
  const font = layerFont(out)
  for (const { page, image } of pages) {
    if (page.source === 'text-layer' && (await addOwn(out, font, page, original))) continue
    if (image) await addScanned(out, font, page, image)
  }
  await writeFile(outPath, await out.save({ updateFieldAppearances: false }), { mode: 0o600 })
  return { pages: out.getPageCount() }
}

/**
 * A page as it is in the original, with what its own text lacks unseen over it; a form that cannot
 * be shown is written out.
 */
export async function addOwn(
  out: PDFDocument,
  font: PDFRef,
  page: Page,
  original: PDFDocument | undefined
): Promise<PDFPage | undefined> {
  if (page.added && page.words.length === 0) return addWritten(out, font, page.text)
  const copied = original && (await copyPage(out, original, page.number))
  if (copied && page.added) addUnseen(out, font, copied, page, isStale(original))
  return copied
}

function addUnseen(
  out: PDFDocument,
  font: PDFRef,
  copied: PDFPage,
  page: Page,
  stale: boolean
): void {
  // What the page's own content leaves set must not move what is added.
  copied.node.wrapContentStreams(
    out.context.register(out.context.stream('q')),
    out.context.register(out.context.stream('Q'))
  )
  const flat = stale ? [] : attempt(() => flatten(copied))
  const place = transformOf(copied)
  const words = page.words.filter(
    (word) =>
      word.from &&
      (word.text === '[x]' || !flat.some((box) => holds(box, pointOf(word, page, place))))
  )
  if (words.length === 0) return
  const unseen = `q ${place.map((number) => number.toFixed(3)).join(' ')} cm ${invisibleText({ ...page, words }, page.dpi)} Q`
  copied.node.addContentStream(out.context.register(out.context.flateStream(unseen)))
  copied.node.setFontDictionary(PDFName.of('Unseen'), font)
}

function attempt(work: () => Box[]): Box[] {
  try {
    return work()
  } catch {
    return []
  }
}

/** A word's middle in the space of its page. */
function pointOf(
  { box }: Word,
  { dpi, heightPx }: Page,
  [a, b, c, d, e, f]: Matrix
): [number, number] {
  const [x, y] = middle(box)
  const [u, v] = [(x * 72) / dpi, ((heightPx - y) * 72) / dpi]
  return [a * u + c * v + e, b * u + d * v + f]
}

/** True where the form says that the appearances in it are not those of its values. */
function isStale(pdf: PDFDocument): boolean {
  const form = pdf.catalog.lookup(PDFName.of('AcroForm'))
  return form instanceof PDFDict && String(form.lookup(PDFName.of('NeedAppearances'))) === 'true'
}

/**
 * The matrix that brings points of the page as it is seen, origin bottom left, to its own space
 * (ISO 32000-1, 8.3.2.3).
 */
function transformOf(page: PDFPage): Matrix {
  const { x, y, width, height } = page.getCropBox()
  const turned = ((page.getRotation().angle % 360) + 360) % 360
  if (turned === 90) return [0, 1, -1, 0, x + width, y]
  if (turned === 180) return [-1, 0, 0, -1, x + width, y + height]
  return turned === 270 ? [0, -1, 1, 0, x, y + height] : [1, 0, 0, 1, x, y]
}

/**
 * A page of letter paper that a text is written on, as much as there is room for; all of it can be
 * searched.
 */
async function addWritten(out: PDFDocument, font: PDFRef, text: string): Promise<PDFPage> {
  const page = out.addPage([612, 792])
  const size = text.length > 3_000 ? 5 : 10
  // The standard fonts have Latin letters only.
  page.drawText(text.replace(/[^\n\x20-\x7e\xa1-\xff]/g, '?'), {
    x: 54,
    y: 738,
    size,
    font: await out.embedFont(StandardFonts.Helvetica),
    maxWidth: 504,
    lineHeight: size * 1.3
  })
  const words = layWords(text, [54, 54, 558, 738], 1)
  page.node.addContentStream(
    out.context.register(out.context.flateStream(invisibleText({ words, heightPx: 792 }, 72)))
  )
  page.node.setFontDictionary(PDFName.of('Unseen'), font)
  return page
}

/** A page that is its picture with the words unseen over it. */
export async function addScanned(
  out: PDFDocument,
  font: PDFRef,
  page: Page,
  image: StoredImage
): Promise<PDFPage> {
  const added = out.addPage([(page.widthPx * 72) / page.dpi, (page.heightPx * 72) / page.dpi])
  await addPicture(out, added, image)
  added.node.addContentStream(
    out.context.register(out.context.flateStream(invisibleText(page, page.dpi)))
  )
  added.node.setFontDictionary(PDFName.of('Unseen'), font)
  return added
}

export async function originalPdf(path: string): Promise<PDFDocument | undefined> {
  const bytes = await readFile(path)
  const { kind } = await sniff(bytes.subarray(0, 4_096))
  if (kind !== 'pdf') return undefined
  const pdf = await PDFDocument.load(bytes, {
    ignoreEncryption: true,
    updateMetadata: false,
    throwOnInvalidObject: false
  }).catch(() => undefined)
  // Copied encrypted streams would be noise.
  return pdf?.isEncrypted ? undefined : pdf
}

export async function copyPage(
  out: PDFDocument,
  original: PDFDocument,
  number: Page['number']
): Promise<PDFPage | undefined> {
  const [copy] = await out.copyPages(original, [number - 1]).catch(() => [])
  return copy && out.addPage(copy)
}

async function addPicture(
  out: PDFDocument,
  page: PDFPage,
  { path, mediaType }: StoredImage
): Promise<void> {
  const bytes = await readFile(path)
  const size = { x: 0, y: 0, width: page.getWidth(), height: page.getHeight() }
  if (mediaType === 'image/jpeg') {
    page.drawImage(await out.embedJpg(bytes), size)
    return
  }
  const { width, height, data } = pngParts(bytes)
  const picture = out.context.register(
    out.context.stream(data, {
      Type: 'XObject',
      Subtype: 'Image',
      Width: width,
      Height: height,
      ColorSpace: 'DeviceGray',
      BitsPerComponent: 1,
      Filter: 'FlateDecode',
      DecodeParms: { Predictor: 15, Colors: 1, BitsPerComponent: 1, Columns: width }
    })
  )
  page.node.setXObject(PDFName.of('Scan'), picture)
  page.node.addContentStream(
    out.context.register(out.context.stream(`q ${size.width} 0 0 ${size.height} 0 0 cm /Scan Do Q`))
  )
}
