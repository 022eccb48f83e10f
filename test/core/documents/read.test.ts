import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import sharp from 'sharp'
import { wordRecall } from '../../../core/evaluation/documents.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import type { Page, ReadOptions, ReadResult } from '../../../core/documents/types.ts'
import { letterPng, lines, paper, scanPdf, standardFax, textPdf, truth } from './fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

function read(bytes: Uint8Array, options?: ReadOptions): Promise<ReadResult> {
  return readDocument(bytes, options, pool)
}

function only({ pages }: ReadResult): Page {
  expect(pages).toHaveLength(1)
  return pages[0]!
}

describe('text layers', () => {
  it('takes the words of a PDF that has them, with their places', async () => {
    const page = only(await read(await (await textPdf()).save()))
    expect(page).toMatchObject({ source: 'text-layer', confidence: 1, blank: false })
    expect(wordRecall(truth, page.text)).toBe(1)
    const [x0, y0, x1, y1] = page.words.find((word) => word.text === 'Agnes')!.box
    expect(x0 / page.widthPx).toBeCloseTo(108 / 400, 1)
    expect(y1 / page.heightPx).toBeCloseTo(1 - 130 / 300, 1)
    expect(x1).toBeGreaterThan(x0)
    expect(y1).toBeGreaterThan(y0)
  })

  it('reads plain text as it is, and HTML without its markup', async () => {
    expect(only(await read(Buffer.from('Just a line of text.'))).text).toBe('Just a line of text.')
    expect(
      only(
        await read(
          Buffer.from('<!doctype html><p>The <b>lamp</b> is dark.</p><script>x()</script>')
        )
      ).text
    ).toBe('The lamp is dark.')
  })

  it('decides page by page between text layer and OCR', async () => {
    const pdf = await textPdf(1)
    const image = await pdf.embedPng(await letterPng())
    const scan = pdf.addPage([360, 288])
    scan.drawImage(image, { x: 0, y: 0, width: 360, height: 288 })
    const { pages } = await read(await pdf.save())
    expect(pages.map((page) => page.source)).toEqual(['text-layer', 'ocr'])
    expect(wordRecall(truth, pages[1]!.text)).toBeGreaterThan(0.97)
  })
})

describe('scans and faxes', () => {
  it('reads a scanned PDF and hands over each page’s own JPEG untouched', async () => {
    const seen: [number, string][] = []
    const jpeg = await sharp(await letterPng())
      .jpeg({ quality: 85 })
      .toBuffer()
    const result = await read(await scanPdf([jpeg, jpeg]), {
      images: true,
      onPage: (_, total, image) => {
        seen.push([total, `${image?.mediaType} ${image?.bytes.length === undefined ? 0 : 1}`])
      }
    })
    expect(result.outcome).toBe('read')
    expect(seen).toEqual([
      [2, 'image/jpeg 1'],
      [2, 'image/jpeg 1']
    ])
    for (const page of result.pages) expect(wordRecall(truth, page.text)).toBeGreaterThan(0.97)
  })

  it.each([90, 180, 270])(
    'puts a page upright that was scanned turned by %i degrees',
    async (degrees) => {
      const page = only(
        await read(
          await sharp(await letterPng())
            .rotate(degrees)
            .png()
            .toBuffer()
        )
      )
      expect(page.rotation).toBe(360 - degrees)
      expect(wordRecall(truth, page.text)).toBeGreaterThan(0.95)
      expect(page.widthPx).toBeGreaterThan(page.heightPx)
    }
  )

  it('straightens a page that was pulled in askew', async () => {
    const page = only(
      await read(
        await sharp(await letterPng())
          .rotate(4, { background: '#fff' })
          .png()
          .toBuffer()
      )
    )
    expect(page.skew).toBeCloseTo(-4, 0)
    expect(wordRecall(truth, page.text)).toBeGreaterThan(0.95)
  })

  it('stretches a fax of standard resolution to square pixels before reading it', async () => {
    const page = only(await read(await standardFax()))
    expect(page.widthPx / page.heightPx).toBeCloseTo(5 / 4, 1)
    expect(wordRecall(truth, page.text)).toBeGreaterThan(0.9)
  })

  it('puts word boxes where the words are', async () => {
    const page = only(await read(await letterPng()))
    const [x0, y0, x1, y1] = page.words.find((word) => word.text.startsWith('Whitlock'))!.box
    const line = (page.heightPx * (0.6 + (lines.length - 1) * 0.38)) / 4
    expect(y0).toBeLessThan(line)
    expect(Math.abs(y1 - line)).toBeLessThan(page.heightPx * 0.02)
    expect(x1 - x0).toBeGreaterThan(page.widthPx * 0.08)
  })
})

describe('blank pages', () => {
  it('sees that nothing is on shaded paper with a few specks', async () => {
    const sheet = await paper((pen) => {
      pen.fillStyle = '#777'
      for (const at of [220, 480, 700]) pen.fillRect(at, at / 2, 2, 2)
    })
    expect(only(await read(sheet)).blank).toBe(true)
  })

  it('counts a faint pencil line as content', async () => {
    const sheet = await paper((pen) => {
      pen.strokeStyle = '#b4b4b4'
      pen.lineWidth = 3
      pen.beginPath()
      pen.moveTo(300, 400)
      pen.quadraticCurveTo(400, 340, 520, 410)
      pen.stroke()
    })
    expect(only(await read(sheet)).blank).toBe(false)
  })

  it('counts a pale stamp as content', async () => {
    const sheet = await paper((pen) => {
      pen.strokeStyle = '#b8b8b8'
      pen.lineWidth = 4
      pen.strokeRect(650, 80, 160, 60)
    })
    expect(only(await read(sheet)).blank).toBe(false)
  })
})

describe('the searchable PDF', () => {
  it('holds the words unseen over the page’s picture, and the original is as it was', async () => {
    const original = await scanPdf([await letterPng(), await letterPng()])
    const before = Buffer.from(original)
    const { searchablePdf } = await read(original, { searchablePdf: true })
    expect(original.equals(before)).toBe(true)
    const again = await read(searchablePdf!)
    expect(again.pages.map((page) => page.source)).toEqual(['text-layer', 'text-layer'])
    for (const page of again.pages) expect(wordRecall(truth, page.text)).toBeGreaterThan(0.97)
  })
})
