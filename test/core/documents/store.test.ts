import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash, randomUUID } from 'node:crypto'
import {
  askForDocuments,
  findDocument,
  findMissingPages,
  noteFinished,
  notePagesRead,
  readStoredPages,
  storeDocument,
  storePage,
  type StoredPage
} from '../../../core/documents/store.ts'
import { findForgottenDocuments } from '../../../core/documents/forgotten.ts'
import type { Word } from '../../../core/documents/types.ts'
import { packWords, unpackWords } from '../../../core/documents/words.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const hash = () => createHash('sha256').update(randomUUID()).digest('hex')
const word = (text: string): Word => ({ text, confidence: 0.912, box: [10, 20, 110, 48] })

function page(number: number, more: Partial<StoredPage> = {}): StoredPage {
  return {
    number,
    text: `Page ${number}`,
    confidence: 0.5,
    rotation: 90,
    skew: -1.5,
    blank: false,
    words: [word('Page'), word(String(number))],
    source: 'ocr',
    widthPx: 1700,
    heightPx: 2200,
    dpi: 200,
    ...more
  }
}

describe('a document that is being read', () => {
  test('is unknown until it is asked for, then has no outcome and no pages', async () => {
    const sha256 = hash()
    expect(await findDocument(runtime.db, sha256)).toBeUndefined()
    await askForDocuments(runtime.db, [
      { sha256, bytes: 12 },
      { sha256, bytes: 12 }
    ])
    expect(await findDocument(runtime.db, sha256)).toMatchObject({
      sha256,
      bytes: 12,
      pagesRead: 0,
      outcome: undefined,
      barcodes: false
    })
  })

  test('keeps its pages as they were read, and the first reading of a page stands', async () => {
    const sha256 = hash()
    await askForDocuments(runtime.db, [{ sha256, bytes: 12 }])
    const image = { sha256: hash(), mediaType: 'image/png' as const }
    await storePage(runtime.db, sha256, page(2, { image }))
    await storePage(
      runtime.db,
      sha256,
      page(1, { withheld: 'The page took longer than 120 s.', text: 'NUL \u0000' })
    )
    await storePage(runtime.db, sha256, page(2, { text: 'read again' }))
    expect(await readStoredPages(runtime.db, sha256)).toEqual([
      page(1, { withheld: 'The page took longer than 120 s.', text: 'NUL \uFFFD' }),
      page(2, { image })
    ])
    expect(await readStoredPages(runtime.db, sha256, { from: 2, to: 2, words: false })).toEqual([
      page(2, { image, words: [] })
    ])
    expect(await findDocument(runtime.db, sha256)).toMatchObject({ pagesRead: 2 })
  })
})

describe('a document whose pages are known', () => {
  const whole = (sha256: string) => ({
    sha256,
    bytes: 90,
    mediaType: 'application/pdf',
    kind: 'pdf' as const,
    outcome: 'read' as const,
    searchablePdf: sha256,
    pages: Array.from({ length: 120 }, (_, n) => page(n + 1))
  })

  test('is stored at once, and storing it again changes nothing', async () => {
    const sha256 = hash()
    await storeDocument(runtime.db, whole(sha256))
    await storeDocument(runtime.db, whole(sha256))
    expect(await findDocument(runtime.db, sha256)).toMatchObject({
      mediaType: 'application/pdf',
      kind: 'pdf',
      pages: 120,
      pagesRead: 120,
      outcome: 'read',
      searchablePdf: sha256,
      reason: undefined
    })
    expect((await readStoredPages(runtime.db, sha256)).map(({ number }) => number)).toEqual(
      Array.from({ length: 120 }, (_, n) => n + 1)
    )
  })

  test('keeps its outcome where barcodes are asked for, and its pages are to be searched', async () => {
    const sha256 = hash()
    await storeDocument(runtime.db, whole(sha256))
    await askForDocuments(runtime.db, [{ sha256, bytes: 90 }])
    expect(await findDocument(runtime.db, sha256)).toMatchObject({ outcome: 'read' })
    await askForDocuments(runtime.db, [{ sha256, bytes: 90, barcodes: true }])
    expect(await findDocument(runtime.db, sha256)).toMatchObject({
      outcome: 'read',
      pagesRead: 0,
      barcodes: true,
      pagesOnly: false
    })
    expect(await findMissingPages(runtime.db, sha256, 120)).toHaveLength(120)
    const barcodes = [{ format: 'QRCode', text: 'EVH1:tray-1:1:x', box: [1, 2, 3, 4] as const }]
    await storePage(runtime.db, sha256, page(1, { barcodes }))
    expect(await findDocument(runtime.db, sha256)).toMatchObject({ pagesRead: 1 })
    expect((await readStoredPages(runtime.db, sha256))[0]).toEqual(page(1, { barcodes }))
  })
})

describe('a document of which only the pages are wanted', () => {
  const pagesOnly = { bytes: 9, barcodes: true, pagesOnly: true }

  test('is nothing to the documents stage, until somebody wants all of it', async () => {
    const sha256 = hash()
    const forgotten = () => findForgottenDocuments(runtime.db, -1, 1_000)
    await askForDocuments(runtime.db, [{ sha256, ...pagesOnly }])
    expect(await forgotten()).not.toContain(sha256)
    await storePage(runtime.db, sha256, page(1, { barcodes: [] }))
    await notePagesRead(runtime.db, sha256, { outcome: 'read', reason: 'A file is inside.' })
    expect(await findDocument(runtime.db, sha256)).toMatchObject({
      pagesOnly: true,
      outcome: 'read',
      reason: 'A file is inside.'
    })
    await askForDocuments(runtime.db, [{ sha256, bytes: 9 }])
    expect(await findDocument(runtime.db, sha256)).toMatchObject({
      pagesOnly: false,
      barcodes: true,
      pagesRead: 1,
      outcome: undefined
    })
    expect(await forgotten()).toContain(sha256)
  })

  test('that a contact brought stays that contact’s, with its outcome and its copy', async () => {
    const sha256 = hash()
    await askForDocuments(runtime.db, [{ sha256, bytes: 9 }])
    await askForDocuments(runtime.db, [{ sha256, ...pagesOnly }])
    await notePagesRead(runtime.db, sha256, { outcome: 'read' })
    expect(await findDocument(runtime.db, sha256)).toMatchObject({
      pagesOnly: false,
      barcodes: true,
      outcome: undefined
    })
    const end = { outcome: 'read', searchablePdf: sha256 } as const
    await noteFinished(runtime.db, sha256, end)
    await askForDocuments(runtime.db, [{ sha256, ...pagesOnly }])
    expect(await findDocument(runtime.db, sha256)).toMatchObject({ pagesOnly: false, ...end })
  })
})

test('words of a dense page take a few kilobytes and come back as they were', () => {
  const words = Array.from({ length: 500 }, (_, n): Word => ({
    text: `word${n}`,
    confidence: Math.round((n * 7919) % 1000) / 1000,
    box: [n % 1700, n * 4, (n % 1700) + 40, n * 4 + 28]
  }))
  const packed = packWords(words)
  expect(unpackWords(packed)).toEqual(words)
  expect(packed.length).toBeLessThan(9_000)
  expect(unpackWords(packWords([]))).toEqual([])
})

test('words that unpack to more than a page can have are refused', () => {
  expect(() =>
    unpackWords(packWords([{ text: 'x'.repeat(20_000 * 200), confidence: 1, box: [0, 0, 1, 1] }]))
  ).toThrow('larger than 4000000 bytes')
})
