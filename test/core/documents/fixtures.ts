/** Small documents made for the tests: known words drawn with a font that comes with pdfjs. */
import { createRequire } from 'node:module'
import path from 'node:path'
import { createCanvas, GlobalFonts } from '@napi-rs/canvas'
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib'
import sharp from 'sharp'

GlobalFonts.registerFromPath(
  path.join(
    path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')),
    'standard_fonts/LiberationSans-Regular.ttf'
  ),
  'Letter'
)

export const lines = [
  'Dear Sir or Madam, the street lamp outside',
  'number fourteen Harbor Street has been dark',
  'since the first week of October, and my',
  'mother fell on the steps there on Sunday.',
  'I wrote to the office twice and telephoned',
  'once without an answer. Please send someone',
  'to look at it before the winter comes.',
  'Yours faithfully, Agnes Whitlock'
]
export const truth = lines.join(' ')

/** A page of 5 × 4 inches at `dpi` with the eight lines, as PNG. */
export async function letterPng(dpi = 200): Promise<Buffer> {
  const canvas = createCanvas(5 * dpi, 4 * dpi)
  const pen = canvas.getContext('2d')
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.fillStyle = '#000'
  pen.font = `${Math.round(dpi * 0.2)}px Letter`
  for (const [index, line] of lines.entries())
    pen.fillText(line, dpi * 0.3, dpi * (0.6 + index * 0.38))
  return sharp(canvas.toBuffer('image/png'))
    .greyscale()
    .withMetadata({ density: dpi })
    .png()
    .toBuffer()
}

/**
 * The letter as a fax of standard resolution sends it: 204 dots across and 98 lines down each inch,
 * Group 4.
 */
export async function standardFax(): Promise<Buffer> {
  const lines = await sharp(await letterPng(204))
    .resize({ width: 1_020, height: 392, fit: 'fill' })
    .threshold(160)
    .extractChannel(0)
    .raw()
    .toBuffer()
  // From raw pixels of one channel, since libtiff's Group 4 takes nothing else.
  return sharp(lines, { raw: { width: 1_020, height: 392, channels: 1 } })
    .toColourspace('b-w')
    .tiff({ compression: 'ccittfax4', bitdepth: 1, xres: 204 / 25.4, yres: 98 / 25.4 })
    .toBuffer()
}

export async function textPdf(pages = 1): Promise<PDFDocument> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  for (let number = 1; number <= pages; number++) {
    const page = pdf.addPage([400, 300])
    for (const [index, line] of lines.entries())
      page.drawText(line, { x: 20, y: 270 - index * 20, size: 12, font })
    page.drawText(`Page ${number}`, { x: 20, y: 20, size: 12, font })
  }
  return pdf
}

/** A page per picture, filled by it, as a scanner writes them. */
export async function scanPdf(pictures: readonly Buffer[], dpi = 200): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  for (const picture of pictures) {
    const image = await pdf.embedJpg(await sharp(picture).jpeg({ quality: 85 }).toBuffer())
    const page = pdf.addPage([(image.width * 72) / dpi, (image.height * 72) / dpi])
    page.drawImage(image, { x: 0, y: 0, width: page.getWidth(), height: page.getHeight() })
  }
  return Buffer.from(await pdf.save())
}

/** Paper of 5 × 4 inches at 200 dpi, slightly grey and uneven, with `draw` on it. */
export async function paper(
  draw: (pen: ReturnType<ReturnType<typeof createCanvas>['getContext']>) => void
): Promise<Buffer> {
  const canvas = createCanvas(1_000, 800)
  const pen = canvas.getContext('2d')
  const shade = pen.createLinearGradient(0, 0, 1_000, 0)
  shade.addColorStop(0, '#f4f4f4')
  shade.addColorStop(1, '#e6e6e6')
  pen.fillStyle = shade
  pen.fillRect(0, 0, 1_000, 800)
  draw(pen)
  return sharp(canvas.toBuffer('image/png'))
    .greyscale()
    .withMetadata({ density: 200 })
    .png()
    .toBuffer()
}

/** Lines of loops as of a hand nobody can read. */
export function scribble(): Promise<Buffer> {
  return paper((pen) => {
    pen.strokeStyle = '#223'
    pen.lineWidth = 3
    for (let line = 0; line < 8; line++) {
      pen.beginPath()
      for (let x = 60; x < 900; x += 4)
        pen.lineTo(
          x,
          90 +
            line * 85 +
            22 * Math.sin(x / 7 + line) * Math.cos(x / (11 + line * 3)) +
            8 * Math.sin(x / 3)
        )
      pen.stroke()
    }
  })
}
