import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createCanvas } from '@napi-rs/canvas'
import sharp from 'sharp'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { comparableWords, wordPrecision, wordRecall } from '../../../core/evaluation/documents.ts'
import { limits } from '../../../core/documents/limits.ts'
import { outcomeOf, type JudgedPage } from '../../../core/documents/outcome.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import {
  SURE,
  SURE_PAGE,
  SURE_WORD,
  sureText,
  unsurePage
} from '../../../core/documents/reader/sure-words.ts'
import { readTsv } from '../../../core/documents/reader/tsv.ts'
import { findSplits } from '../../../core/documents/separators.ts'
import { letterPng, scribble, truth } from './fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

const word = (text: string, confidence: number) => ({
  text,
  confidence,
  box: [0, 0, 1, 1] as const
})
const page = (number: number, more: Partial<JudgedPage> = {}): JudgedPage => ({
  number,
  text: 'Words',
  confidence: 0.9,
  blank: false,
  ...more
})

describe('words that OCR is not sure of', () => {
  test('are left out of the text at the bound, with the line they stood in kept', () => {
    const words = [
      word('The', 0.9),
      word('larnp', SURE_WORD - 0.01),
      word('is', SURE_WORD),
      word('xq', 0.1),
      word('dark', 0.9)
    ]
    const of = (confidence: number) =>
      sureText({ words, text: 'The larnp is\nxq dark', confidence })
    expect(of(0.6)).toBe('The is\ndark')
    // A page that was read well has hard words, not invented ones.
    expect([of(0.89), of(0.9)]).toEqual(['The is\ndark', 'The larnp is\ndark'])
  })

  test('a bar that stands for an I is one, and those of a table stay', () => {
    const tsv = (...lines: string[]) =>
      readTsv(
        lines
          .flatMap((line, row) =>
            line.split(' ').map((text, at) => `5\t1\t1\t1\t${row}\t${at}\t0\t0\t9\t9\t90\t${text}`)
          )
          .join('\n')
      )
    expect(tsv('| appeal', '| name | value', '| Total').text).toBe(
      'I appeal\n| name | value\n| Total'
    )
    expect(tsv('| appeal', '| wrote').words.map(({ text }) => text)).toEqual([
      'I',
      'appeal',
      'I',
      'wrote'
    ])
  })

  test('of a hand or a photograph are no text at all; they stay among the words, and the page says why', async () => {
    const {
      pages: [read],
      outcome,
      reason
    } = await readDocument(await scribble(), {}, pool)
    expect([outcome, read!.text, read!.confidence < SURE_PAGE]).toEqual(['withheld', '', true])
    expect(reason).toBe(unsurePage(read!.confidence))
  })

  test('of a bad receipt are fewer invented ones in the text than among all words', async () => {
    const small = await sharp(await letterPng(200))
      .resize({ width: 330 })
      .blur(0.9)
      .jpeg({ quality: 18 })
      .toBuffer()
    const noisy = await sharp(small)
      .resize({ width: 1_000, kernel: 'nearest' })
      .withMetadata({ density: 200 })
      .jpeg({ quality: 20 })
      .toBuffer()
    const {
      pages: [read]
    } = await readDocument(noisy, {}, pool)
    // Counted, not as a share: which right words are lost with them depends on the engine's build.
    const invented = (text: string) =>
      Math.round((1 - wordPrecision(truth, text)) * comparableWords(text).length)
    expect(invented(read!.text)).toBeLessThanOrEqual(
      invented(read!.words.map(({ text }) => text).join(' '))
    )
    const left = read!.words.filter(({ confidence }) => confidence < SURE_WORD)
    expect(comparableWords(read!.text).length).toBeLessThanOrEqual(
      read!.words.length - left.length + 5
    )
  })

  test('do not cost a good page its words', async () => {
    const {
      pages: [read],
      outcome,
      reason
    } = await readDocument(await letterPng(), {}, pool)
    expect([outcome, reason, read!.unread]).toEqual(['read', undefined, undefined])
    expect(wordRecall(truth, read!.text)).toBeGreaterThan(0.97)
  })
})

describe('a document', () => {
  test('is withheld where no page was read surely, blank ones aside', () => {
    const unsure = { confidence: SURE - 0.01, unread: unsurePage(SURE - 0.01)! }
    expect(outcomeOf([page(1, unsure)])).toEqual({ outcome: 'withheld', reason: unsure.unread })
    expect(outcomeOf([page(1, { blank: true, text: '', confidence: 0 }), page(2, unsure)])).toEqual(
      { outcome: 'withheld', reason: `Page 2: ${unsure.unread}` }
    )
    expect(outcomeOf([page(1, { confidence: SURE })])).toEqual({ outcome: 'read' })
    expect(unsurePage(SURE)).toBeUndefined()
  })

  test('says which of its pages were not, and how many more', () => {
    const pages = Array.from({ length: 6 }, (_, index) =>
      page(index + 1, index === 0 ? {} : { unread: 'It has a stain.' })
    )
    expect(outcomeOf(pages)).toEqual({
      outcome: 'read',
      reason:
        'Page 2: It has a stain. Page 3: It has a stain. Page 4: It has a stain. 2 more pages could not be read wholly or surely.'
    })
    expect(
      outcomeOf([
        page(1),
        page(2, { text: '', confidence: 0, withheld: 'The page cannot be decoded.' })
      ])
    ).toEqual({
      outcome: 'read',
      reason: '1 of 2 pages could not be read: The page cannot be decoded.'
    })
  })
})

describe('codes of other people', () => {
  test.each([
    ['PDF417', 'ANSI 636000080002'],
    ['ITF', '12345678901231']
  ] as const)('%s is read, and parts nothing', async (format, text) => {
    prepareZXingModule({
      overrides: {
        wasmBinary: new Uint8Array(
          readFileSync(
            createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm')
          )
        ).buffer
      }
    })
    const { image } = await writeBarcode(text, { format, scale: 2 })
    const code = await sharp(Buffer.from(await image!.arrayBuffer()))
      .png()
      .toBuffer()
    const sheet = await sharp(await letterPng())
      .composite([{ input: code, left: 150, top: 500 }])
      .png()
      .toBuffer()
    const { pages } = await readDocument(sheet, { barcodes: true, text: false }, pool)
    expect(pages[0]!.barcodes!.map((found) => found.text)).toEqual([text])
    expect(findSplits(pages, { sheets: [text], mark: new RegExp(text.slice(0, 4)) })).toEqual([])
  })
})

/** A bitmap of 24 bits a pixel, rows from the bottom, as Windows writes it; `pixels` are RGB. */
function bitmap(width: number, height: number, pixels: Uint8Array): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4
  const out = Buffer.alloc(54 + stride * height)
  out.write('BM')
  for (const [at, value] of [
    [2, out.length],
    [10, 54],
    [14, 40],
    [18, width],
    [22, height],
    [38, 7_874],
    [42, 7_874]
  ] as const)
    out.writeUInt32LE(value, at)
  out.writeUInt16LE(1, 26)
  out.writeUInt16LE(24, 28)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        out[54 + (height - 1 - y) * stride + x * 3 + c] = pixels[(y * width + x) * 3 + 2 - c]!
  return out
}

describe('pictures of other kinds', () => {
  test('a Windows bitmap is read', async () => {
    const { data, info } = await sharp(await letterPng())
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const rgb =
      info.channels === 3
        ? data
        : Buffer.from(Array.from(data).flatMap((grey) => [grey, grey, grey]))
    const { mediaType, pages } = await readDocument(bitmap(info.width, info.height, rgb), {}, pool)
    expect(mediaType).toBe('image/bmp')
    expect(wordRecall(truth, pages[0]!.text)).toBeGreaterThan(0.97)
  })

  test('one that claims more pixels than the bound is withheld before it is decoded, a damaged one without harm', async () => {
    const claims = bitmap(1, 1, new Uint8Array(3))
    claims.writeUInt32LE(limits.pdfImagePixels + 1, 18)
    expect(await readDocument(claims, {}, pool)).toMatchObject({
      outcome: 'withheld',
      reason: 'The document has more pixels than are read by machine.'
    })
    expect(
      await readDocument(bitmap(4, 4, new Uint8Array(48)).subarray(0, 60), {}, pool)
    ).toMatchObject({ mediaType: 'image/bmp' })
  })

  test.each(['gif', 'webp'] as const)('%s is read', async (format) => {
    const { pages } = await readDocument(
      await sharp(await letterPng())
        .toFormat(format)
        .toBuffer(),
      {},
      pool
    )
    expect(wordRecall(truth, pages[0]!.text)).toBeGreaterThan(0.97)
  })

  test('a photograph without words is not called read', async () => {
    const canvas = createCanvas(800, 600)
    const pen = canvas.getContext('2d')
    for (let n = 0; n < 400; n++) {
      pen.fillStyle = `hsl(${(n * 37) % 360} 40% ${30 + (n % 50)}%)`
      pen.fillRect((n * 97) % 800, (n * 61) % 600, 60, 45)
    }
    const { outcome, pages } = await readDocument(
      await sharp(canvas.toBuffer('image/png')).jpeg().toBuffer(),
      {},
      pool
    )
    expect([outcome, pages[0]!.text]).toEqual(['withheld', ''])
  })
})
