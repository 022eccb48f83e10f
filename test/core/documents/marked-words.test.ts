import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  BlendMode,
  clip,
  degrees,
  endPath,
  popGraphicsState,
  pushGraphicsState,
  rectangle,
  rgb,
  StandardFonts,
  type PDFFont
} from '@cantoo/pdf-lib'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { nameArrows } from '../../../core/documents/reader/arrows.ts'
import { Comparisons } from '../../../core/documents/reader/comparisons.ts'
import { nameChosen } from '../../../core/documents/reader/choices.ts'
import { nameShaded } from '../../../core/documents/reader/shaded-words.ts'
import { Shades } from '../../../core/documents/reader/shades.ts'
import type { Box, Page } from '../../../core/documents/types.ts'
import { LEFT, readDrawn, sentences, type Draw } from './drawn-page.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

const read = (...draw: Draw[]): Promise<Page> => readDrawn(pool, ...draw)
const marked = /words marked by their look/
const namesOf = (page: Page): (string | undefined)[] => [
  page.unread && marked.exec(page.unread)?.[0],
  ...(page.notes ?? []).filter(({ kind }) => kind === 'Drawn').map(({ text }) => text)
]

const SIZE = 12
const black = rgb(0, 0, 0)
const yellow = rgb(1, 0.95, 0.2)

interface Piece {
  readonly text: string
  readonly bold?: boolean
  readonly colour?: ReturnType<typeof rgb>
  /** What is drawn from its left to its right end before it is written. */
  readonly beneath?: (from: number, to: number) => Under
}
type Under = (page: Parameters<Draw>[0]) => void

/** A line of pieces beside each other. */
const line =
  (y: number, ...pieces: readonly Piece[]): Draw =>
  async (page, font, pdf) => {
    const strong = await pdf.embedFont(StandardFonts.HelveticaBold)
    let x = LEFT
    for (const { text, bold, colour = black, beneath } of pieces) {
      const own: PDFFont = bold ? strong : font
      const to = x + own.widthOfTextAtSize(text, SIZE)
      beneath?.(x, to)(page)
      page.drawText(text, { x, y, size: SIZE, font: own, color: colour })
      x = to
    }
  }
const plain = (text: string): Piece => ({ text })
const bold = (text: string): Piece => ({ text, bold: true })
const behind =
  (y: number, color = yellow, high = SIZE + 2) =>
  (from: number, to: number): Under =>
  (page) =>
    page.drawRectangle({ x: from - 1, y: y - 3, width: to - from + 2, height: high, color })

describe('a choice is named that its look sets apart', () => {
  test.each<[string, Piece[], string]>([
    ['bold, of two with brackets', [plain('[ ] repair  '), bold('[ ] refund')], 'refund'],
    ['bold, of two with a slash', [plain('The seat: keep / '), bold('give'), plain('.')], 'give'],
    ['bold, of yes and no', [plain('Shall we repair it?  Yes   '), bold('No')], 'No'],
    ['in a colour', [plain('Yes   '), { text: 'No', colour: rgb(0.8, 0, 0) }], 'No'],
    ['bold, first of two', [bold('S\u00ed'), plain('   No')], 'S\u00ed']
  ])('%s', async (_, pieces, chosen) => {
    const page = await read(line(120, ...pieces))
    expect(namesOf(page)).toEqual([
      'words marked by their look',
      `[Set apart from the other choices: ${chosen}]`
    ])
  })

  test('bold, under each other', async () => {
    const page = await read(
      line(140, plain('[ ] repair the lamp')),
      line(120, bold('[ ] pay me back')),
      line(100, plain('[ ] nothing of this'))
    )
    expect(page.text).toContain('[Set apart from the other choices: pay me back]')
    expect(page.unread).toMatch(marked)
  })

  test('underlined', async () => {
    const page = await read(line(120, plain('Yes      No')), (sheet, font) => {
      const from = LEFT + font.widthOfTextAtSize('Yes      ', SIZE)
      const to = from + font.widthOfTextAtSize('No', SIZE)
      sheet.drawLine({ start: { x: from, y: 118.5 }, end: { x: to, y: 118.5 }, thickness: 1 })
    })
    expect(namesOf(page)).toContain('[Set apart from the other choices: No]')
  })

  test('by its pen where the font is the same', async () => {
    const page = await read(line(120, plain('Yes   ')), (sheet, font) =>
      sheet.drawText('No', {
        x: LEFT + font.widthOfTextAtSize('Yes   ', SIZE),
        y: 120,
        size: SIZE,
        font,
        renderMode: 2
      })
    )
    expect(namesOf(page)).toContain('[Set apart from the other choices: No]')
  })

  test('but not headings, labels, stressed words, or a whole list in one look', async () => {
    const page = await read(
      line(180, bold('What we ask for')),
      line(160, bold('Name: '), plain('Ann Reed   '), bold('Town: '), plain('Willow Creek')),
      line(140, plain('I do '), bold('not'), plain(' agree to the plan / map of June')),
      line(20, bold('[ ] repair  [ ] refund')),
      line(100, plain('[ ] '), bold('Repair: '), plain('we come  [ ] '), bold('Refund: ')),
      line(80, bold('Name'), plain(' / Nombre:  '), bold('Town'), plain(' / Ciudad:')),
      line(60, bold('Yes'), plain(', no doubt'))
    )
    expect([page.unread, page.notes]).toEqual([undefined, undefined])
  })
})

describe('words on a colour of their own are named', () => {
  test.each<[string, Piece[], string]>([
    [
      'one of two',
      [plain('Yes   '), { text: 'No', beneath: behind(120) }, plain('   perhaps')],
      'No'
    ],
    [
      'in grey',
      [plain('repair  '), { text: 'refund', beneath: behind(120, rgb(0.8, 0.8, 0.8)) }],
      'refund'
    ],
    [
      'some of a sentence',
      [plain('Please '), { text: 'do not cut', beneath: behind(120) }, plain(' the oak')],
      'do not cut'
    ]
  ])('%s', async (_, pieces, words) => {
    const page = await read(line(120, ...pieces))
    expect(namesOf(page)).toContain(`[Words on a colour of their own: ${words}]`)
    expect(page.unread).toMatch(marked)
  })

  test('by a marker that was drawn over them', async () => {
    const page = await read(line(120, plain('Yes   No')), (sheet, font) =>
      sheet.drawRectangle({
        x: LEFT + font.widthOfTextAtSize('Yes   ', SIZE),
        y: 117,
        width: font.widthOfTextAtSize('No', SIZE),
        height: 14,
        color: yellow,
        blendMode: BlendMode.Multiply
      })
    )
    expect(namesOf(page)).toContain('[Words on a colour of their own: No]')
  })

  test('but not headings of tables, striped rows, panels, or what has no words beside it', async () => {
    const wide =
      (y: number, from: number, width: number, shade: number): Draw =>
      (sheet) =>
        sheet.drawRectangle({
          x: from,
          y: y - 6,
          width,
          height: 20,
          color: rgb(shade, shade, 0.9)
        })
    const page = await read(
      wide(160, LEFT - 6, 90, 0.7),
      wide(160, LEFT + 90, 90, 0.7),
      line(160, plain('Street          House')),
      wide(140, LEFT - 6, 200, 0.85),
      line(140, plain('Harbor         14')),
      line(120, { text: 'A heading alone', beneath: behind(120) }),
      line(100, plain('Pale '), { text: 'code', beneath: behind(100, rgb(0.97, 0.97, 0.97)) })
    )
    expect([page.unread, page.notes]).toEqual([undefined, undefined])
  })

  test('and words beneath a patch stay unnamed', async () => {
    const page = await read((sheet, font) => {
      for (const [index, text] of ['Yes', 'secret', 'word'].entries())
        sheet.drawText(text, { x: LEFT + 60 * index, y: 120, size: SIZE, font })
      const width = font.widthOfTextAtSize('secret', SIZE) + 4
      sheet.drawRectangle({ x: LEFT + 58, y: 117, width, height: 14, color: rgb(0.7, 0.7, 0) })
    })
    expect(page.text).not.toMatch(/secret/)
    expect(page.unread).toMatch(/not seen on it/)
  })
})

describe('lines that lead to words are named', () => {
  const twoRows: Draw = (page, font) => {
    page.drawText('Which of both?', { x: LEFT, y: 140, size: SIZE, font })
    page.drawText('repair', { x: 240, y: 160, size: SIZE, font })
    page.drawText('refund', { x: 240, y: 100, size: SIZE, font })
  }
  const path =
    (d: string, options: object = {}): Draw =>
    (page) =>
      page.drawSvgPath(d, { x: 0, y: 300, borderColor: black, borderWidth: 1, ...options })
  const filled = path('M 234 196 L 226 190 L 227 199 Z', { color: black })

  test.each<[string, Draw[], RegExp]>([
    [
      'an arrow with an open head',
      [path('M 128 156 L 234 196 M 226 188 L 234 196 L 224 197')],
      /An arrow is drawn, to: both\? refund/
    ],
    [
      'an arrow with a head of two lines',
      [path('M 128 156 L 234 196'), path('M 234 196 L 226 188'), path('M 234 196 L 224 197')],
      /An arrow is drawn, to: both\? refund/
    ],
    [
      'an arrow with a filled head',
      [path('M 128 156 L 230 194'), filled],
      /An arrow is drawn, to: both\? refund/
    ],
    [
      'a level arrow',
      [path('M 200 136 L 234 136 M 226 132 L 234 136 L 226 140')],
      /An arrow is drawn, to: repair/
    ],
    [
      'an arrow drawn as a shape',
      [path('M 190 134 L 222 134 L 222 130 L 234 136 L 222 142 L 222 138 L 190 138 Z')],
      /An arrow is drawn at: repair/
    ],
    ['a leaning line', [path('M 128 156 L 236 196')], /A line is drawn between: both\? refund/],
    [
      'a bent line',
      [path('M 128 156 C 160 150 180 190 236 196')],
      /A line is drawn between: both\? refund/
    ]
  ])('%s', async (_, draw, named) => {
    const page = await read(twoRows, ...draw)
    expect(page.text).toMatch(named)
    expect(page.unread).toMatch(marked)
  })

  test('but not rules, leaders, frames, axes, and charts without words at their lines', async () => {
    const page = await read(
      twoRows,
      path('M 128 160 L 236 160'),
      path('M 40 164 L 380 164 M 200 100 L 200 220'),
      path('M 300 220 L 380 220 M 300 220 L 300 180 M 320 217 L 320 223 M 340 217 L 340 223'),
      path('M 300 215 L 320 205 L 340 211 L 360 192 L 378 188')
    )
    expect([page.unread, page.notes]).toEqual([undefined, undefined])
  })
})

describe('words beyond what is shown are told apart from the text', () => {
  const unseen = /not seen on it/

  test('outside the page', async () => {
    const page = await read((sheet, font) =>
      sheet.drawText('send the money elsewhere', { x: 440, y: 100, size: SIZE, font })
    )
    expect(page.text).toBe(sentences.join('\n'))
    expect(page.notes).toContainEqual(
      expect.objectContaining({ hidden: true, text: 'send the money elsewhere' })
    )
    expect(page.unread).toMatch(unseen)
  })

  test('outside its crop box, turned or not', async () => {
    const cropped =
      (angle: number): Draw =>
      (sheet, font) => {
        sheet.drawText('send the money elsewhere', { x: LEFT, y: 30, size: SIZE, font })
        sheet.setCropBox(0, 60, 400, 240)
        sheet.setRotation(degrees(angle))
      }
    for (const angle of [0, 90]) {
      const page = await read(cropped(angle))
      expect(page.text).not.toMatch(/money/)
      expect(page.unread).toMatch(unseen)
    }
  })

  const clipped =
    (x: number, y: number, wide: number, high: number): Draw =>
    (sheet, font) => {
      sheet.pushOperators(pushGraphicsState(), rectangle(x, y, wide, high), clip(), endPath())
      sheet.drawText('send the money elsewhere', { x: LEFT, y: 100, size: SIZE, font })
      sheet.pushOperators(popGraphicsState())
      sheet.drawText('Thank you', { x: LEFT, y: 60, size: SIZE, font })
    }

  test('outside what it is cut to', async () => {
    for (const cut of [clipped(0, 200, 400, 100), clipped(LEFT, 95, 30, 20)]) {
      const page = await read(cut)
      expect(page.text).not.toMatch(/elsewhere/)
      expect(page.text).toMatch(/Thank you/)
      expect(page.unread).toMatch(unseen)
    }
  })

  test('but not those inside', async () => {
    const page = await read(clipped(LEFT - 1, 95, 300, 20))
    expect([page.unread, page.notes]).toEqual([undefined, undefined])
    expect(page.text).toMatch(/send the money elsewhere/)
  })
})

describe('what is compared is bounded, and more is said', () => {
  const box: Box = [0, 0, 400, 12]
  const words = Array.from({ length: 5_000 }, (_, n) => ({
    text: n % 2 ? 'no' : 'yes',
    confidence: 1,
    box
  }))
  const strokes = Array.from({ length: 5_000 }, (_, n) => ({
    points: [
      [0, 0],
      [300, 5 + (n % 90)]
    ] as const,
    curves: 0,
    box: [0, 0, 300, 5 + (n % 90)] as const,
    stroked: true,
    closed: false
  }))
  const runs = Array.from({ length: 5_000 }, (): { box: Box; look: string } => ({
    box: [900, 900, 901, 901],
    look: 'bold'
  }))

  test.each<[string, (comparisons: Comparisons) => unknown]>([
    [
      'arrows',
      (comparisons) => nameArrows({ words, strokes, heads: [], arrows: [], scale: 1, comparisons })
    ],
    ['choices', (comparisons) => nameChosen({ words, runs, strokes: [], scale: 1, comparisons })],
    [
      'colours',
      (comparisons) =>
        nameShaded(
          words,
          Array.from({ length: 5_000 }, () => ({ box })),
          comparisons
        )
    ]
  ])('of %s with words', (_, compare) => {
    const comparisons = new Comparisons()
    compare(comparisons)
    expect(comparisons.inBounds).toBe(false)
  })

  const paint = { colour: '#ffff00', alpha: 1, multiplies: false }

  test('in areas kept', () => {
    const shades = new Shades()
    for (let n = 0; n < 5_000; n++) shades.add([0, n * 50, 90, n * 50 + 12], paint, 1)
    expect(shades.more).toBe(false)
    shades.add(box, paint, 1)
    expect(shades.more).toBe(true)
  })

  test('in letters held against areas', () => {
    const shades = new Shades()
    for (let n = 0; n < 4_000; n++) shades.add(box, paint, 1)
    for (let n = 0; n < 500; n++) shades.write(box)
    expect(shades.more).toBe(false)
    shades.write(box)
    expect(shades.more).toBe(true)
  })
})
