import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  PDFDocument,
  setTextRenderingMode,
  StandardFonts,
  TextRenderingMode
} from '@cantoo/pdf-lib'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import { letterPng, lines, paper, scanPdf } from './fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(1)
})
afterAll(() => pool.close())

type Pen = Parameters<Parameters<typeof paper>[0]>[0]

/** The first lines of the letter in print. */
const print = (pen: Pen, count: number) => {
  pen.font = '32px Letter'
  pen.fillStyle = '#000'
  for (const [index, line] of lines.slice(0, count).entries())
    pen.fillText(line, 60, 90 + index * 60)
}
/** Loops of a pen that no engine takes for print. */
const hand = (pen: Pen, y: number, from = 80, to = 900) => {
  pen.strokeStyle = '#223'
  pen.lineWidth = 3
  pen.beginPath()
  for (let x = from; x < to; x += 4)
    pen.lineTo(x, y + 22 * Math.sin(x / 7 + y) * Math.cos(x / 13) + 8 * Math.sin(x / 3))
  pen.stroke()
}
const read = (bytes: Uint8Array) => readDocument(bytes, {}, pool)
/** Builds of the engine for different processors differ by a hundredth or two. */
const said = /Only a part of what is written on it could be read|It was read with a confidence of/

describe('a scan whose words are all sure', () => {
  test('is not called wholly read where much is written beside them', async () => {
    const { pages, reason } = await read(
      await paper((pen) => {
        print(pen, 5)
        for (const y of [450, 540, 630, 720]) hand(pen, y)
      })
    )
    expect(pages[0]!.text).toContain('Harbor Street has been dark')
    expect(reason).toMatch(said)
    expect(pages[0]!.confidence).toBeLessThan(0.8)
  })

  test.each([
    ['under a line of text', TextRenderingMode.Fill, ['Received 3 June 2026']],
    ['under the words that somebody read of it', TextRenderingMode.Invisible, lines.slice(0, 5)]
  ])('nor as a page of a PDF %s', async (_, mode, words) => {
    const pdf = await PDFDocument.load(
      await scanPdf([
        await paper((pen) => {
          print(pen, 5)
          for (const y of [450, 540, 630, 720]) hand(pen, y)
        })
      ])
    )
    const page = pdf.getPage(0)
    const font = await pdf.embedFont(StandardFonts.Helvetica)
    const scale = page.getWidth() / 1_000
    page.pushOperators(setTextRenderingMode(mode))
    for (const [index, line] of words.entries())
      page.drawText(line, {
        x: 60 * scale,
        y: page.getHeight() - (mode === TextRenderingMode.Fill ? 24 : 90 + index * 60) * scale,
        size: (mode === TextRenderingMode.Fill ? 18 : 32) * scale,
        font
      })
    const { pages, reason } = await read(Buffer.from(await pdf.save()))
    expect(reason).toMatch(said)
    expect(pages[0]!.confidence).toBeLessThan(0.85)
  })

  test.each([
    ['as it is', () => letterPng()],
    ['as a page of a PDF', async () => scanPdf([await letterPng()])],
    [
      'signed, with a rule and in a frame',
      () =>
        paper((pen) => {
          print(pen, 8)
          hand(pen, 620, 80, 260)
          pen.lineWidth = 3
          pen.strokeRect(30, 30, 940, 740)
          pen.fillRect(60, 690, 800, 3)
        })
    ]
  ])('is read %s', async (_, page) => {
    const { reason } = await read(await page())
    expect(reason).toBeUndefined()
  })
})
