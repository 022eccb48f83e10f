import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PDFHexString, PDFName, PDFNumber } from '@cantoo/pdf-lib'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import { limits } from '../../../core/documents/limits.ts'
import { corpusFile, corpusTest, listCorpus } from '../../helpers/corpora.ts'
import { letterPng, textPdf } from './fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(1)
})
afterAll(() => pool.close())

it('tells what a PDF says of itself', async () => {
  const pdf = await textPdf()
  pdf.setTitle('Lamp on Harbor Street')
  pdf.setAuthor('Agnes Whitlock')
  pdf.setCreationDate(new Date('2026-11-25T09:00:00Z'))
  const { information, pages } = await readDocument(await pdf.save(), { information: true }, pool)
  expect(information).toMatchObject({
    title: 'Lamp on Harbor Street',
    author: 'Agnes Whitlock',
    created: '2026-11-25T09:00:00.000Z',
    producer: expect.any(String)
  })
  expect(pages[0]?.text).toContain('Page 1')
})

it('tells nothing where nobody asked, and nothing of a picture', async () => {
  expect(await readDocument(await (await textPdf()).save(), {}, pool)).not.toHaveProperty(
    'information'
  )
  expect(
    await readDocument(await letterPng(), { information: true, text: false }, pool)
  ).not.toHaveProperty('information')
})

it('leaves out what is no text or no time, and bounds the rest', async () => {
  const pdf = await textPdf()
  const most = limits.informationCharacters
  pdf.setTitle('t'.repeat(most))
  pdf.setSubject('s'.repeat(most + 1))
  pdf.setKeywords(['\u202E\u200B'])
  const info = pdf.context.lookup(pdf.context.trailerInfo.Info) as unknown as {
    set(name: PDFName, value: unknown): void
  }
  info.set(PDFName.of('Author'), PDFNumber.of(7))
  info.set(PDFName.of('CreationDate'), PDFHexString.fromText('yesterday'))
  const { information, outcome } = await readDocument(await pdf.save(), { information: true }, pool)
  expect(information).toMatchObject({ title: 't'.repeat(most), subject: 's'.repeat(most) })
  for (const absent of ['author', 'keywords', 'created'])
    expect(information).not.toHaveProperty(absent)
  expect(outcome).toBe('read')
})

corpusTest(
  ['pdf/pdfjs', 'pdf/qpdf'],
  'text layers of the corpora say what pdf-parse reads, and every letter has its place',
  async () => {
    const files = ['pdf/pdfjs', 'pdf/qpdf']
      .flatMap((folder) => listCorpus(folder, /\.pdf$/i))
      .filter((_, index) => index % 4 === 0)
      .map(corpusFile)
    const program = fileURLToPath(
      new URL('../../fixtures/documents/text-by-two.ts', import.meta.url)
    )
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--no-warnings', program, ...files],
      { maxBuffer: 4 * 1024 ** 2 }
    )
    const { pages, different } = JSON.parse(/\nresult (.*)\n/.exec(stdout)![1]!) as {
      pages: number
      different: string[]
    }
    expect(different).toEqual([])
    return pages
  }
)
