import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  degrees,
  PDFDocument,
  rgb,
  StandardFonts,
  TextRenderingMode,
  type PDFFont,
  type PDFPage
} from '@cantoo/pdf-lib'
import sharp from 'sharp'
import { wordRecall } from '../../../core/evaluation/documents.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import type { Page } from '../../../core/documents/types.ts'
import { letterPng, lines, paper, scribble, truth } from './fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

type Draw = (page: PDFPage, font: PDFFont, pdf: PDFDocument) => Promise<void> | void

/** A page of 5 × 4 inches. */
async function pageWith(...draw: Draw[]): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const page = pdf.addPage([360, 288])
  for (const step of draw) await step(page, font, pdf)
  return Buffer.from(await pdf.save())
}

async function readPage(bytes: Uint8Array): Promise<Page> {
  return (await readDocument(bytes, {}, pool)).pages[0]!
}

const scan =
  (picture: Promise<Buffer>): Draw =>
  async (page, _font, pdf) => {
    const image = await pdf.embedJpg(
      await sharp(await picture)
        .jpeg({ quality: 85 })
        .toBuffer()
    )
    page.drawImage(image, { x: 0, y: 0, width: 360, height: 288 })
  }

const strips =
  (picture: Promise<Buffer>, count: number): Draw =>
  async (page, _font, pdf) => {
    const bytes = await picture
    const { width, height } = await sharp(bytes).metadata()
    for (let n = 0; n < count; n++) {
      const top = Math.floor((height * n) / count)
      const rows = Math.floor((height * (n + 1)) / count) - top
      const image = await pdf.embedPng(
        await sharp(bytes).extract({ left: 0, top, width, height: rows }).png().toBuffer()
      )
      page.drawImage(image, {
        x: 0,
        y: 288 * (1 - (top + rows) / height),
        width: 360,
        height: (288 * rows) / height
      })
    }
  }

const say =
  (text: string, x: number, y: number, size = 9): Draw =>
  (page, font) =>
    page.drawText(text, { x, y, size, font })
const print: Draw = (page, font) => {
  for (const [index, line] of lines.entries())
    page.drawText(line, { x: 20, y: 240 - index * 27, size: 13, font })
}

describe('a line of real text over a scan', () => {
  test.each([
    ['a received stamp at the top', say('Received 3 June 2026 by the mailroom', 20, 275)],
    ['a Bates number at the foot', say('PRR-000123', 280, 6)],
    ['what a scanner adds', say('Scanned by PocketScan', 120, 4)]
  ])('does not make the page read: %s', async (_, line) => {
    const page = await readPage(await pageWith(scan(letterPng()), line))
    expect(page.source).toBe('ocr')
    expect(wordRecall(truth, page.text)).toBeGreaterThan(0.97)
    expect(page.confidence).toBeGreaterThan(0.8)
    expect(page.confidence).toBeLessThan(1)
  })

  test('is kept as it is, once, and before what stands under it', async () => {
    const { text } = await readPage(
      await pageWith(scan(letterPng()), say('Received 3 June 2026 by the mailroom', 20, 275))
    )
    expect(text).toMatch(/^Received 3 June 2026 by the mailroom\s+Dear Sir/)
    expect(text.match(/mailroom/g)).toHaveLength(1)
  })

  test('nor where the scan is written in strips', async () => {
    const page = await readPage(
      await pageWith(strips(letterPng(), 16), say('Received 3 June 2026', 20, 275))
    )
    expect(wordRecall(truth, page.text)).toBeGreaterThan(0.97)
  })

  test('nor where the page is turned', async () => {
    const page = await readPage(
      await pageWith(async (page, font, pdf) => {
        const image = await pdf.embedJpg(
          await sharp(await letterPng())
            .rotate(90)
            .jpeg({ quality: 85 })
            .toBuffer()
        )
        page.setSize(288, 360)
        page.drawImage(image, { x: 0, y: 0, width: 288, height: 360 })
        page.drawText('Received 3 June 2026', {
          x: 284,
          y: 340,
          size: 9,
          font,
          rotate: degrees(-90)
        })
        page.setRotation(degrees(270))
      })
    )
    expect(wordRecall(`Received 3 June 2026 ${truth}`, page.text)).toBeGreaterThan(0.95)
  })

  test('and a hand nobody can read under it goes to a person', async () => {
    const {
      pages: [page],
      outcome,
      reason
    } = await readDocument(
      await pageWith(scan(scribble()), say('Received 3 June 2026 by the mailroom', 20, 275)),
      {},
      pool
    )
    expect([outcome, page!.unread !== undefined]).toEqual(['withheld', true])
    expect(reason).toMatch(/No words could be read|confidence/)
    expect(page!.confidence).toBeLessThan(0.75)
  })
})

describe('a page of its own text', () => {
  test('stays so under a small logo, whose word is read by itself', async () => {
    const page = await readPage(
      await pageWith(print, async (page, _font, pdf) => {
        page.drawImage(
          await pdf.embedPng(
            await paper((pen) => {
              pen.font = '180px Letter'
              pen.fillStyle = '#000'
              pen.fillText('ACME', 200, 500)
            })
          ),
          { x: 290, y: 262, width: 60, height: 22 }
        )
      })
    )
    expect([page.source, page.unread]).toEqual(['text-layer', undefined])
    expect(page.words.filter(({ from }) => from === 'ocr').length).toBeLessThan(3)
    expect(wordRecall(lines.join('\n'), page.text)).toBe(1)
  })

  test.each([
    ['a small one', 60, 22, 'ACME'],
    ['a large one', 130, 40, 'Acme & Söhne — fœrnt']
  ])(
    'loses no confidence by a letterhead that is read badly: %s',
    async (_, width, height, name) => {
      const logo = sharp(
        await paper((pen) => {
          pen.font = 'italic 110px Letter'
          pen.fillStyle = '#888'
          pen.fillText(name, 40, 400)
          pen.strokeStyle = '#888'
          for (let x = 0; x < 1_000; x += 60) pen.strokeRect(x, 330, 38, 90)
        })
      )
        .extract({ left: 0, top: 280, width: 1_000, height: 200 })
        .blur(3)
        .png()
        .toBuffer()
      const page = await readPage(
        await pageWith(print, async (page, _font, pdf) => {
          page.drawImage(await pdf.embedPng(await logo), { x: 200, y: 246, width, height })
        })
      )
      expect(page.confidence).toBeGreaterThan(0.95)
      expect(wordRecall(lines.join('\n'), page.text)).toBe(1)
    }
  )

  test('has what a screenshot on it says, marked as read by OCR', async () => {
    const shot = paper((pen) => {
      pen.font = '70px Letter'
      pen.fillStyle = '#000'
      pen.fillText('Error code 4711', 60, 300)
      pen.fillText('Payment refused', 60, 500)
    })
    const own = [...lines, 'It has been so since Monday, on both computers.']
    const page = await readPage(
      await pageWith(
        say('My payment does not work, see here:', 20, 260, 12),
        ...own.map((line, index) => say(line, 20, 245 - index * 11, 9)),
        async (page, _font, pdf) => {
          page.drawImage(await pdf.embedPng(await shot), { x: 60, y: 10, width: 150, height: 120 })
        }
      )
    )
    expect(page.text).toMatch(
      /My payment does not work, see here:[\s\S]+Error code 4711[\s\S]+Payment refused/
    )
    expect(page.source).toBe('text-layer')
    expect(page.words.find(({ text }) => text === '4711')).toMatchObject({ from: 'ocr' })
  })

  test('has what is drawn in outlines besides', async () => {
    // Letters as the filled paths that drawing programs make of them: here traced from pixels, one
    // path a run.
    const { data, info } = await sharp(await letterPng(150))
      .threshold(140)
      .raw()
      .toBuffer({ resolveWithObject: true })
    const runs: string[] = []
    for (let y = 0; y < info.height; y++) {
      for (let x = 0, from = -1; x <= info.width; x++) {
        const dark = x < info.width && data[(y * info.width + x) * info.channels]! < 128
        if (dark && from < 0) from = x
        if (!dark && from >= 0) {
          runs.push(`M ${from} ${y} L ${x} ${y} L ${x} ${y + 1} L ${from} ${y + 1} Z`)
          from = -1
        }
      }
    }
    const page = await readPage(
      await pageWith(say('Ref. 2026/118', 20, 275), (page) =>
        page.drawSvgPath(runs.join(' '), { x: 0, y: 288, scale: 0.48, color: rgb(0, 0, 0) })
      )
    )
    expect(wordRecall(`Ref. 2026/118 ${truth}`, page.text)).toBeGreaterThan(0.9)
  })
})

describe("somebody else's OCR under a scan", () => {
  const unseen = (page: PDFPage, font: PDFFont, words: readonly string[]): void => {
    for (const [index, line] of words.entries())
      page.drawText(line, {
        x: 21,
        y: 288 - (0.6 + index * 0.38) * 72,
        size: 14.2,
        font,
        renderMode: TextRenderingMode.Invisible
      })
  }

  test('stands where ours says the same', async () => {
    const page = await readPage(
      await pageWith(scan(letterPng()), (page, font) => unseen(page, font, lines))
    )
    expect(page.source).toBe('text-layer')
    expect(page.text.replace(/\s+/g, ' ')).toBe(truth)
  })

  test('that is worse than ours is not taken', async () => {
    const wrong = lines.map((line) =>
      [...line]
        .map((letter) =>
          /[a-z]/.test(letter)
            ? String.fromCharCode(97 + ((letter.charCodeAt(0) * 7 + 3) % 26))
            : letter
        )
        .join('')
    )
    const page = await readPage(
      await pageWith(scan(letterPng()), (page, font) => unseen(page, font, wrong))
    )
    expect(page.source).toBe('ocr')
    expect(wordRecall(truth, page.text)).toBeGreaterThan(0.97)
  })
})

describe('much text of its own beside a scan says nothing of the scan', () => {
  /**
   * A letter page: a scan of one over all of it, blurred by so many pixels, and forty small lines
   * at the foot.
   */
  async function blurred(pixels: number): Promise<Buffer> {
    const pdf = await PDFDocument.create()
    const [page, font] = [pdf.addPage([612, 792]), await pdf.embedFont(StandardFonts.Helvetica)]
    const picture = sharp(await letterPng(300)).resize(2550, 3300, {
      fit: 'contain',
      position: 'top',
      background: '#fff'
    })
    page.drawImage(
      await pdf.embedPng(await (pixels > 0 ? picture.blur(pixels) : picture).png().toBuffer()),
      { x: 0, y: 0, width: 612, height: 792 }
    )
    for (let n = 0; n < 40; n++)
      page.drawText(`Line ${n}: received by the mailroom and filed under the number 2026/${n}`, {
        x: 20,
        y: 10 + n * 6,
        size: 5,
        font
      })
    return Buffer.from(await pdf.save())
  }

  test.each([9, 12, 16, 24])(
    'a scan blurred by %i pixels is read, or it is not called read',
    async (pixels) => {
      const {
        outcome,
        pages: [page]
      } = await readDocument(await blurred(pixels), {}, pool)
      const [found, said] = [
        wordRecall(truth, page!.text),
        outcome === 'withheld' && page!.unread !== undefined && page!.confidence < 0.75
      ]
      expect({ pixels, found, said: said || found > 0.85 }).toEqual({ pixels, found, said: true })
    }
  )

  test('a sharp one is', async () => {
    const {
      outcome,
      pages: [page]
    } = await readDocument(await blurred(0), {}, pool)
    expect([outcome, page!.unread, wordRecall(truth, page!.text) > 0.95]).toEqual([
      'read',
      undefined,
      true
    ])
  })

  test('a photograph beside a letter is said, and the letter stays read', async () => {
    const photo = sharp({
      create: {
        width: 600,
        height: 480,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 120, sigma: 40 }
      }
    })
      .blur(3)
      .png()
      .toBuffer()
    const {
      outcome,
      pages: [page]
    } = await readDocument(
      await pageWith(print, async (page, _font, pdf) =>
        page.drawImage(await pdf.embedPng(await photo), { x: 200, y: 20, width: 140, height: 90 })
      ),
      {},
      pool
    )
    expect([outcome, page!.confidence, wordRecall(truth, page!.text)]).toEqual(['read', 1, 1])
  })
})
