/**
 * Pages to be read for `bench read`: of the corpora where they are, else a letter of our own, as
 * scans and faxes of the usual kinds.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PDFDocument } from '@cantoo/pdf-lib'
import { createCanvas, GlobalFonts } from '@napi-rs/canvas'
import sharp from 'sharp'

export interface Sheet {
  readonly set: string
  readonly name: string
  truth(): Promise<string>
  make(): Promise<Buffer>
}

interface Original {
  readonly name: string
  picture(): Promise<Buffer>
  truth(): Promise<string>
}

/**
 * Sheets in the order they are measured. `corpora` names the folder of the development corpora;
 * without it the letter of our own serves.
 */
export function benchSheets(corpora: string): Sheet[] {
  const originals = originalsOf(corpora)
  return [
    ...originals.flatMap((original) => [scan(300, original), scan(200, original)]),
    ...faxesOf(corpora),
    ...originals.slice(0, 2).map(standardFax)
  ]
}

/** A PDF of the first and the last original in turns, each page one JPEG of 300 dpi. */
export async function imagePdf(corpora: string, pages: number): Promise<Uint8Array> {
  const originals = originalsOf(corpora)
  const pdf = await PDFDocument.create()
  for (let number = 0; number < pages; number++) {
    const original = originals[number % 2 ? originals.length - 1 : 0]!
    const picture = await pdf.embedJpg(
      await sharp(await original.picture())
        .flatten({ background: '#fff' })
        .greyscale()
        .jpeg({ quality: 80 })
        .toBuffer()
    )
    const page = pdf.addPage([picture.width * 0.24, picture.height * 0.24])
    page.drawImage(picture, { x: 0, y: 0, width: page.getWidth(), height: page.getHeight() })
  }
  return pdf.save()
}

function originalsOf(corpora: string): Original[] {
  if (!existsSync(corpora)) return [ownLetter]
  const of = (name: string, image: string, truth: string): Original => ({
    name,
    picture: () => readFile(path.join(corpora, image)),
    truth: () => readFile(path.join(corpora, truth), 'utf8')
  })
  return [
    of('letter', 'scan/docspell/scanner/jfif.jpg', 'scan/docspell/letter-en.txt'),
    of('two-columns', 'scan/ocrmypdf/linn.png', 'scan/ocrmypdf/linn.txt'),
    of('magazine', 'scan/tesseract/8071_093.3B.tif', 'scan/tesseract/8071_093.3B.txt')
  ]
}

function faxesOf(corpora: string): Sheet[] {
  if (!existsSync(corpora)) return []
  const fax = (set: string, name: string, image: string): Sheet => ({
    set,
    name,
    truth: () => readFile(path.join(corpora, `${image}.txt`), 'utf8'),
    make: () => readFile(path.join(corpora, `${image}.tif`))
  })
  return [
    fax('fine fax', 'two-columns', 'fax-tiff/derived/linn_g3_fine'),
    fax('fine fax', 'letter, skewed', 'fax-tiff/derived/letter_g4_fine_skew'),
    fax('standard fax', 'letter', 'fax-tiff/derived/letter_g3_standard')
  ]
}

function scan(dpi: number, { name, picture, truth }: Original): Sheet {
  return {
    set: `scan ${dpi} dpi`,
    name,
    truth,
    async make() {
      const bytes = await picture()
      const { width } = await sharp(bytes).metadata()
      return sharp(bytes)
        .flatten({ background: '#fff' })
        .greyscale()
        .resize({ width: Math.round((width * dpi) / 300) })
        .withMetadata({ density: dpi })
        .jpeg({ quality: 85 })
        .toBuffer()
    }
  }
}

/**
 * As a fax of standard resolution sends a page: 1,728 dots across, 98 lines down each inch, Group
 * 4.
 */
function standardFax({ name, picture, truth }: Original): Sheet {
  const size = { width: 1_728, height: 1_145 }
  return {
    set: 'standard fax',
    name: `${name}, re-encoded`,
    truth,
    async make() {
      const data = await sharp(await picture())
        .flatten({ background: '#fff' })
        .greyscale()
        .resize({ ...size, fit: 'fill' })
        .threshold(160)
        .extractChannel(0)
        .raw()
        .toBuffer()
      return sharp(data, { raw: { ...size, channels: 1 } })
        .toColourspace('b-w')
        .tiff({ compression: 'ccittfax4', bitdepth: 1, xres: 204 / 25.4, yres: 98 / 25.4 })
        .toBuffer()
    }
  }
}

const words = `Dear Sir or Madam, the street lamp outside number fourteen Harbor Street has been dark since the first week of October, and my mother fell on the steps there on Sunday. I wrote to the
office twice and telephoned once without an answer. Please send someone to look at it before the winter comes. The neighbours at sixteen and eighteen have the same trouble and would sign
this letter if they were asked. We have lived here for thirty years and never saw the road so badly kept. Yours faithfully, Agnes Whitlock`

/** A letter page of 300 dpi, drawn with a font that comes with pdfjs. */
const ownLetter: Original = {
  name: 'own letter',
  truth: async () => `${words} ${words}`,
  async picture() {
    GlobalFonts.registerFromPath(
      path.join(
        path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')),
        'standard_fonts/LiberationSans-Regular.ttf'
      ),
      'Letter'
    )
    const canvas = createCanvas(2_550, 3_300)
    const pen = canvas.getContext('2d')
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.fillStyle = '#000'
    pen.font = '46px Letter'
    let line = ''
    let y = 300
    for (const word of `${words} ${words}`.split(/\s+/)) {
      if (line.length + word.length > 85) {
        pen.fillText(line, 300, y)
        line = ''
        y += 66
      }
      line += `${word} `
    }
    pen.fillText(line, 300, y)
    return canvas.toBuffer('image/png')
  }
}
