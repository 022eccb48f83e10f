import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { benchSheets, imagePdf } from '../../bench/read-sheets.ts'
import { wordRecall } from '../../core/evaluation/documents.ts'
import { ReaderPool } from '../../core/documents/pool.ts'
import { readDocument } from '../../core/documents/read.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(1)
})
afterAll(() => pool.close())

test('without the corpora the pages are our own, of every kind that needs no scanner, and can be read', async () => {
  const sheets = benchSheets('/nowhere')
  expect(sheets.map(({ set }) => set)).toEqual(['scan 300 dpi', 'scan 200 dpi', 'standard fax'])
  for (const sheet of sheets.slice(1)) {
    const { pages } = await readDocument(await sheet.make(), {}, pool)
    expect(wordRecall(await sheet.truth(), pages[0]!.text)).toBeGreaterThan(0.9)
  }
})

test('a scanned document of any length can be made for it', async () => {
  expect(await readDocument(await imagePdf('/nowhere', 2), { text: false }, pool)).toMatchObject({
    outcome: 'read',
    mediaType: 'application/pdf',
    pages: [{ number: 1 }, { number: 2 }]
  })
})
