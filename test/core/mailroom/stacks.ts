/** Paper made for the tests: letters, separator sheets and blanks, as a scanner hands them over. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { PDFDocument, StandardFonts, type PDFImage } from '@cantoo/pdf-lib'
import sharp from 'sharp'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { letterPng } from '../documents/fixtures.ts'

prepareZXingModule({
  overrides: {
    wasmBinary: new Uint8Array(
      readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm'))
    ).buffer
  }
})

/**
 * A sheet: a letter's page with these words, a code on an otherwise empty sheet, a page with words
 * and a code, or nothing.
 */
export type Paper =
  | { readonly words?: string; readonly code?: string; readonly format?: 'QRCode' | 'Code128' }
  | 'blank'
  | 'letter'

const [WIDTH, HEIGHT] = [850, 1_100]

/** One sheet at 100 dpi, as PNG. */
export async function sheetPng(paper: Paper): Promise<Buffer> {
  if (paper === 'letter') return letterPng(150)
  const sheet = sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#fff' } })
  const parts =
    paper === 'blank'
      ? []
      : [
          ...(paper.words ? [{ input: Buffer.from(svgOf(paper.words)), left: 0, top: 0 }] : []),
          ...(paper.code
            ? [{ input: await codePng(paper.code, paper.format ?? 'QRCode'), left: 100, top: 700 }]
            : [])
        ]
  return sheet.composite(parts).withMetadata({ density: 100 }).png().toBuffer()
}

async function codePng(text: string, format: 'QRCode' | 'Code128'): Promise<Buffer> {
  const { image } = await writeBarcode(text, { format, scale: format === 'QRCode' ? 5 : 2 })
  return Buffer.from(await image!.arrayBuffer())
}

function svgOf(words: string): string {
  const lines = words
    .split('\n')
    .map(
      (line, index) =>
        `<text x="80" y="${120 + index * 50}" font-family="sans-serif" font-size="30">${line}</text>`
    )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="600">${lines.join('')}</svg>`
}

/** A stack as one PDF, a picture a page. Equal sheets are drawn once. */
export async function stackPdf(papers: readonly Paper[]): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  const drawn = new Map<string, PDFImage>()
  for (const paper of papers) {
    const key = JSON.stringify(paper)
    if (!drawn.has(key))
      drawn.set(
        key,
        await pdf.embedJpg(
          await sharp(await sheetPng(paper))
            .jpeg({ quality: 85 })
            .toBuffer()
        )
      )
    const image = drawn.get(key)!
    const page = pdf.addPage([image.width * 0.72, image.height * 0.72])
    page.drawImage(image, { x: 0, y: 0, width: page.getWidth(), height: page.getHeight() })
  }
  return Buffer.from(await pdf.save())
}

/**
 * Small pages with a text layer, which are read without OCR: for tests that are about something
 * else.
 */
export async function typedPdf(...pages: string[]): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  for (const words of pages)
    pdf.addPage([200, 100]).drawText(words, { x: 10, y: 50, size: 12, font })
  return Buffer.from(await pdf.save())
}
