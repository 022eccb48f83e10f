import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PDFDocument, rgb, TextRenderingMode, type PDFFont } from '@cantoo/pdf-lib'
import sharp from 'sharp'
import { Comparisons } from '../../../core/documents/reader/comparisons.ts'
import { areCovered, areOverwritten } from '../../../core/documents/reader/covered-words.ts'
import { nameDrawn } from '../../../core/documents/reader/drawn-over.ts'
import { nameMarks } from '../../../core/documents/reader/pdf-marks.ts'
import { worthReading } from '../../../core/documents/reader/small-pictures.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import type { Box, Page } from '../../../core/documents/types.ts'
import { letterPng } from './fixtures.ts'
import { BASE, LEFT, readDrawn, sentences as lines, type Draw } from './drawn-page.ts'
import { annotate } from './form-fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

/** The left and right end of a word of the second line, set in 12 points. */
const placeOf = (word: string, font: PDFFont): [number, number] => {
  const before = lines[1]!.slice(0, lines[1]!.indexOf(word))
  const from = LEFT + font.widthOfTextAtSize(before, 12)
  return [from, from + font.widthOfTextAtSize(word, 12)]
}

const read = (...draw: Draw[]): Promise<Page> => readDrawn(pool, ...draw)

const over =
  (subtype: string, word: string, entries: Record<string, unknown> = {}): Draw =>
  (page, font, pdf) => {
    const [x0, x1] = placeOf(word, font)
    const [y0, y1] = [BASE - 3, BASE + 11]
    annotate(pdf, page, {
      Subtype: subtype,
      Rect: [x0, y0, x1, y1],
      QuadPoints: [x0, y1, x1, y1, x0, y0, x1, y0],
      ...entries
    })
  }

const aside =
  (subtype: string, entries: Record<string, unknown> = {}): Draw =>
  (page, _font, pdf) =>
    annotate(pdf, page, { Subtype: subtype, Rect: [60, 60, 160, 110], ...entries })

const rule =
  (word: string, height: number, thick = 0.8): Draw =>
  (page, font) => {
    const [x0, x1] = placeOf(word, font)
    page.drawLine({
      start: { x: x0, y: BASE + height },
      end: { x: x1, y: BASE + height },
      thickness: thick
    })
  }

const tickBoxes: Draw = (page, font) => {
  for (const [index, text] of ['Keep the oak', 'Cut the oak'].entries()) {
    const y = 140 - index * 30
    page.drawRectangle({
      x: 60,
      y,
      width: 11,
      height: 11,
      borderWidth: 1,
      borderColor: rgb(0, 0, 0)
    })
    page.drawText(text, { x: 80, y: y + 1, size: 12, font })
  }
}
const tickAt =
  (y: number): Draw =>
  (page) =>
    page.drawSvgPath('M 2 5 L 5 9 L 13 -4', {
      x: 60,
      y: y + 11,
      borderWidth: 1.5,
      borderColor: rgb(0, 0, 0.6)
    })

const signature: Draw = (page) => {
  const loops = Array.from(
    { length: 14 },
    (_, n) => `C ${n * 9 + 3} ${-8 - (n % 3) * 4} ${n * 9 + 7} ${6 + (n % 2) * 3} ${n * 9 + 9} 0`
  )
  page.drawSvgPath(`M 0 0 ${loops.join(' ')}`, {
    x: 60,
    y: 100,
    borderWidth: 1.2,
    borderColor: rgb(0, 0, 0.6)
  })
}

const patch =
  (shade: number): Draw =>
  (page) =>
    page.drawRectangle({
      x: LEFT - 2,
      y: BASE - 3,
      width: 300,
      height: 14,
      color: rgb(shade, shade, shade)
    })

const marked = 'It has marks that somebody put on it'
const drawn = 'It has lines drawn over or beside its words'

describe('what somebody put on a page beside its words is named, and the page is not wholly read', () => {
  test.each([
    ['words struck out', over('StrikeOut', 'not'), /\[Struck out: (do )?not\b/],
    ['words highlighted', over('Highlight', 'agree'), /\[Highlighted: agree/],
    ['words underlined', over('Underline', 'not'), /\[Underlined: (do )?not/],
    ['words with a wavy line', over('Squiggly', 'agree'), /\[Underlined with a wavy line: agree/],
    ['words to be blacked out', over('Redact', 'removal'), /\[Marked to be blacked out: removal/],
    [
      'ink',
      aside('Ink', { InkList: [[60, 60, 80, 110, 90, 60, 120, 100, 160, 70]] }),
      /\[Drawn by hand\]/
    ],
    ['a line', aside('Line', { L: [60, 60, 160, 110] }), /\[A line drawn on it\]/],
    ['a frame', over('Square', 'not'), /\[A frame drawn on it, at: (do )?not/],
    ['a circle', over('Circle', 'agree'), /\[A circle drawn on it, at: agree/],
    ['a shape', aside('Polygon', { Vertices: [60, 60, 160, 110, 60, 110] }), /\[A shape/],
    [
      'a stamp without a picture',
      aside('Stamp', { Name: 'Void' }),
      /\[A stamp without a picture\]/
    ],
    ['a sound', aside('Sound'), /\[A sound recording\]/],
    [
      'words struck out that have a comment too',
      over('StrikeOut', 'not', { Contents: '(typing error)' }),
      /typing error[\s\S]*\[Struck out: (do )?not/
    ]
  ])('%s', async (_, draw, named) => {
    const page = await read(draw)
    expect(page.text).toMatch(named)
    expect(page.unread).toContain(marked)
  })

  test('unless nobody sees it, or it is a link', async () => {
    const page = await read(over('StrikeOut', 'not', { F: 2 }), aside('Link'))
    expect([page.unread, page.text]).toEqual([undefined, lines.join('\n')])
  })

  test('on a scan too', async () => {
    const pdf = await PDFDocument.create()
    const page = pdf.addPage([360, 288])
    const picture = await pdf.embedJpg(
      await sharp(await letterPng())
        .jpeg()
        .toBuffer()
    )
    page.drawImage(picture, { x: 0, y: 0, width: 360, height: 288 })
    annotate(pdf, page, { Subtype: 'Text', Contents: '(I withdraw this letter)' })
    annotate(pdf, page, { Subtype: 'Ink', InkList: [[60, 60, 80, 110, 160, 70]] })
    const { pages } = await readDocument(Buffer.from(await pdf.save()), {}, pool)
    expect(pages[0]!.text).toMatch(/I withdraw this letter[\s\S]*\[Drawn by hand\]/)
    expect(pages[0]!.unread).toContain(marked)
  })
})

describe('lines that the page draws', () => {
  test('through words are named with them', async () => {
    const page = await read(rule('not', 3.5))
    expect(page.text).toMatch(/\[Struck out by a line: not\]/)
    expect(page.unread).toContain(drawn)
  })

  test('across a paragraph are named with its words', async () => {
    const page = await read((sheet) =>
      sheet.drawLine({ start: { x: LEFT, y: 272 }, end: { x: 300, y: 196 }, thickness: 1 })
    )
    expect(page.text).toMatch(/\[Crossed out by lines: /)
    expect(page.unread).toContain(drawn)
  })

  test.each([
    ['the first', 140, 'Keep the oak'],
    ['the second', 110, 'Cut the oak']
  ])('in %s of two boxes choose it', async (_, y, choice) => {
    const page = await read(tickBoxes, tickAt(y))
    expect(page.text).toContain(`[A box is ticked by lines: [x] ${choice}]`)
    expect(page.unread).toContain(drawn)
  })

  test('like writing are told', async () => {
    const page = await read(signature)
    expect(page.text).toContain('[Lines that may be writing]')
    expect(page.unread).toContain(drawn)
  })

  test('under words, around cells, in a chart, and boxes that are not ticked, tell nothing', async () => {
    const page = await read(rule('not', -1.5), tickBoxes, (sheet) => {
      for (let n = 0; n < 5; n++)
        sheet.drawRectangle({
          x: LEFT - 4,
          y: BASE - 6 - 20 * n,
          width: 320,
          height: 20,
          borderWidth: 0.5,
          borderColor: rgb(0, 0, 0)
        })
      const bends = Array.from({ length: 12 }, (_, n) => `L ${n * 10 + 10} ${(n * 7) % 23}`)
      sheet.drawSvgPath(`M 0 0 ${bends.join(' ')}`, {
        x: 200,
        y: 60,
        borderWidth: 1,
        borderColor: rgb(1, 0, 0)
      })
    })
    expect([page.unread, page.notes]).toEqual([undefined, undefined])
  })
})

describe('words that the page does not show are told apart from its text', () => {
  test.each([
    ['under a white patch', patch(1)],
    ['under a black patch', patch(0)]
  ])('%s', async (_, draw) => {
    const page = await read(draw)
    expect(page.text).not.toMatch(/agree/)
    expect(page.notes).toContainEqual(
      expect.objectContaining({ hidden: true, text: expect.stringContaining('not agree') })
    )
    expect(page.unread).toMatch(/words that are not seen on it/)
  })

  test.each([
    ['in white', { color: rgb(1, 1, 1) }],
    ['written unseen', { renderMode: TextRenderingMode.Invisible }]
  ])('%s', async (_, look) => {
    const page = await read((sheet, font) =>
      sheet.drawText('send the money elsewhere', { x: LEFT, y: 100, size: 12, font, ...look })
    )
    expect(page.text).not.toMatch(/money/)
    expect(page.unread).toMatch(/words that are not seen on it/)
  })

  test('and words over others are said', async () => {
    const page = await read(patch(1), (sheet, font) =>
      sheet.drawText('I gladly agree to the removal of the oak', {
        x: LEFT,
        y: BASE,
        size: 12,
        font
      })
    )
    expect(page.unread).toMatch(/words written over other words/)
  })

  test('white words on a dark heading are its text', async () => {
    const page = await read((sheet, font) => {
      sheet.drawRectangle({ x: LEFT, y: 90, width: 300, height: 24, color: rgb(0, 0.2, 0.5) })
      sheet.drawText('Notice of works', { x: 50, y: 97, size: 12, font, color: rgb(1, 1, 1) })
    })
    expect([page.unread, page.text]).toEqual([undefined, expect.stringMatching(/Notice of works/)])
  })
})

describe('a picture smaller than a scan', () => {
  /** A line of print as a picture. */
  const picture = (text: string): Promise<Buffer> =>
    sharp({ create: { width: 1000, height: 60, channels: 3, background: '#fff' } })
      .composite([
        {
          input: Buffer.from(
            `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="60"><text x="10" y="42" font-family="Helvetica" font-size="36">${text}</text></svg>`
          )
        }
      ])
      .png()
      .toBuffer()
  const paste =
    (png: Promise<Buffer>, width: number): Draw =>
    async (page, _font, pdf) =>
      page.drawImage(await pdf.embedPng(await png), {
        x: LEFT,
        y: 120,
        width,
        height: width * 0.06
      })

  test('between typed lines is read', async () => {
    const page = await read(paste(picture('I withdraw my consent, do not cut it'), 300))
    expect(page.text).toMatch(/withdraw my consent, do not cut it/)
    expect(page.unread).toBeUndefined()
  })

  test('put on as a stamp of ordinary size is read', async () => {
    const page = await read((sheet, _font, pdf) => {
      const appearance = pdf.context.stream('BT /F1 20 Tf 10 14 Td (WITHDRAWN) Tj ET', {
        Type: 'XObject',
        Subtype: 'Form',
        BBox: [0, 0, 160, 40],
        Resources: {
          Font: { F1: { Type: 'Font', Subtype: 'Type1', BaseFont: 'Helvetica-Bold' } }
        }
      } as never)
      annotate(pdf, sheet, {
        Subtype: 'Stamp',
        Rect: [100, 100, 260, 140],
        F: 4,
        AP: { N: pdf.context.register(appearance) }
      })
    })
    expect(page.text).toMatch(/WITHDRAWN/)
  })

  test('that shows no words takes nothing from what the page says', async () => {
    const logo = sharp({ create: { width: 300, height: 200, channels: 3, background: '#036' } })
      .png()
      .toBuffer()
    const page = await read(paste(logo, 60))
    expect([page.unread, page.text, page.confidence]).toEqual([undefined, lines.join('\n'), 1])
  })
})

describe('an answer chosen by a pen or typed over a form', () => {
  const yesNo: Draw = (page, font) =>
    page.drawText('Yes      No', { x: 40, y: 120, size: 12, font })

  test('is named where a ring is drawn around it', async () => {
    const ring: Draw = (page) =>
      page.drawEllipse({
        x: 50,
        y: 124,
        xScale: 16,
        yScale: 10,
        borderWidth: 1.5,
        borderColor: rgb(0, 0, 0.7)
      })
    const page = await read(yesNo, ring)
    expect(page.text).toMatch(/\[A ring is drawn around: Yes\]/)
    expect(page.unread).toMatch(/lines drawn over or beside/)
    expect((await read(yesNo)).unread).toBeUndefined()
  })

  test('is said where a cross is typed between the brackets', async () => {
    const page = await read((sheet, font) => {
      sheet.drawText('[ ] Yes  [ ] No', { x: 40, y: 120, size: 12, font })
      sheet.drawText('x', { x: 43, y: 120, size: 12, font })
    })
    expect(page.unread).toMatch(/written over other words/)
  })

  test('and words too small or too faint to be seen are said', async () => {
    const words =
      (size: number, opacity: number): Draw =>
      (page, font) =>
        page.drawText('I agree after all', { x: 40, y: 150, size, font, opacity })
    expect((await read(words(0.5, 1))).unread).toMatch(/too small to be read/)
    const faint = await read(words(12, 0.01))
    expect(faint.unread).toMatch(/not seen on it/)
    expect((await read(words(12, 0.6))).unread).toBeUndefined()
  })
})

describe('what is looked at of one page is bounded, and more is said', () => {
  const many = /more lines, marks or pictures than are compared/

  test('by the points of its lines', async () => {
    const zigzag =
      (points: number): Draw =>
      (page, _font, pdf) => {
        const path = Array.from({ length: points }, (_, n) => `${n % 400} ${20 + (n % 2) * 3} l`)
        const drawing = pdf.context.stream(`0.1 w 0 20 m ${path.join(' ')} S`)
        page.node.addContentStream(pdf.context.register(drawing))
      }
    expect((await read(zigzag(1_000))).unread ?? '').not.toMatch(many)
    expect((await read(zigzag(210_000))).unread).toMatch(many)
  })

  test('by the words of its text', async () => {
    const words =
      (count: number): Draw =>
      (page, font) => {
        for (let n = 0; n < count; n += 250)
          page.drawText('no '.repeat(250).trim(), { x: 0, y: 200 - n / 250, size: 1, font })
      }
    const page = await read(words(20_500))
    expect(page.unread).toMatch(/more than 20,000 words/)
    expect(page.words).toHaveLength(20_000)
  })

  const box: Box = [0, 0, 400, 12]
  const words = Array.from({ length: 5_000 }, () => ({
    text: 'words',
    confidence: 1,
    box
  }))
  const inOneRow = (count: number, leaning: number) =>
    Array.from({ length: count }, () => ({
      points: [
        [0, 8],
        [300, 8 + leaning]
      ] as const,
      curves: 0,
      box: [0, 8, 300, 8 + leaning] as const,
      stroked: true,
      closed: false
    }))

  test.each([
    [
      'level lines',
      (all: Comparisons) =>
        nameDrawn({ words, strokes: inOneRow(9_000, 0), scale: 1, comparisons: all })
    ],
    [
      'leaning lines',
      (all: Comparisons) =>
        nameDrawn({ words, strokes: inOneRow(9_000, 200), scale: 1, comparisons: all })
    ],
    [
      'marks',
      (all: Comparisons) =>
        nameMarks(
          Array.from({ length: 1_000 }, () => ({
            subtype: 'Highlight',
            box,
            on: Array.from({ length: 200 }, () => box),
            hasAppearance: false
          })),
          words,
          all
        )
    ],
    [
      'fills',
      (all: Comparisons) =>
        areCovered(
          words,
          Array.from({ length: 5_000 }, (): Box => [900, 900, 901, 901]),
          all
        )
    ],
    [
      'words on words',
      (all: Comparisons) =>
        areOverwritten(
          Array.from({ length: 9_000 }, () => words[0]!),
          all
        )
    ],
    [
      'pictures',
      (all: Comparisons) =>
        worthReading(
          Array.from({ length: 10_000 }, (_, n): Box => [n * 99, 0, n * 99 + 50, 50]),
          words,
          1,
          all
        )
    ]
  ])('by how many %s are compared', (_, compare) => {
    const all = new Comparisons()
    compare(all)
    expect(all.inBounds).toBe(false)
  })
})
