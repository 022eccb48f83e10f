import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { wordRecall } from '../../../core/documents/evaluate.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import { archiveNumber, findBarcodes, findSplits, type SplitRules } from '../../../core/documents/separators.ts'

const corpora = path.resolve(process.env['CORPORA_DIR'] ?? '../shared/corpora')
const present = existsSync(corpora)
let pool: ReaderPool
beforeAll(() => { pool = new ReaderPool(2) })
afterAll(() => pool.close())

/** Every n-th file of a folder, always the same ones; `bench/read-corpora.ts` reads them all. */
function sample(folder: string, every: number): string[] {
  const at = path.join(corpora, folder)
  return present ? readdirSync(at).filter((name) => /\.(pdf|tiff?|png|jpg)$/i.test(name)).sort().filter((_, index) => index % every === 0).map((name) => path.join(folder, name)) : []
}

const hostile = [...sample('fax-tiff/pillow-crash', 1), ...sample('pdf/qpdf-fuzz', 6), ...sample('pdf/qpdf', 14), ...sample('pdf/pdfjs', 40), ...sample('pdf/verapdf', 20), ...sample('scan/docspell/bombs', 1), ...sample('scan/docspell/secured', 1)]

describe(`${hostile.length} hostile and damaged files of the corpora${present ? '' : ' (corpora absent)'}`, () => {
  it('each end in a stated outcome within its bounds', async () => {
    for (const file of hostile) {
      const { outcome, reason, pages } = await readDocument(path.join(corpora, file), {}, pool)
      expect(outcome === 'withheld' ? reason : `The document has ${pages.length} pages`).toMatch(/^The (document|page) (?!has 0)/)
    }
  }, 300_000)
})

const withTruth = present ? [
  ['scan/docspell/scanner/jfif.jpg', 'scan/docspell/letter-en.txt', 0.98], ['fax-tiff/derived/letter_g3_standard.tif', 'fax-tiff/derived/letter_g3_standard.txt', 0.94],
  ['fax-tiff/derived/upside_down_g3_fine.tif', 'fax-tiff/derived/upside_down_g3_fine.txt', 0.95], ['scan/tesseract/phototest-rotated-L.png', 'scan/tesseract/phototest.gold.txt', 0.95]
] as const : []

describe(`${withTruth.length} scans and faxes with a transcription`, () => {
  for (const [file, truth, least] of withTruth) {
    it(`finds at least ${least * 100} % of the words of ${file}`, async () => {
      const { pages } = await readDocument(path.join(corpora, file), {}, pool)
      expect(wordRecall(readFileSync(path.join(corpora, truth), 'utf8'), pages.map((page) => page.text).join('\n'))).toBeGreaterThanOrEqual(least)
    }, 120_000)
  }
})

interface Expected { readonly separators?: Record<string, boolean>, readonly asn?: number | null, readonly separator_string?: string, readonly tag_pattern?: string, readonly mode?: string }
const sheetsAt = path.join(corpora, 'barcode/paperless-separators')
const expected = present ? Object.entries(JSON.parse(readFileSync(path.join(sheetsAt, 'expected.json'), 'utf8')) as Record<string, Expected>).filter(([name]) => name.endsWith('.pdf')) : []

describe(`${expected.length} stacks with separator sheets`, () => {
  for (const [name, { separators, asn, separator_string: sheet, tag_pattern: tag, mode }] of expected) {
    it(`splits ${name} where its pages say`, async () => {
      const codes = await findBarcodes(path.join(sheetsAt, name), pool)
      const rules: SplitRules = { ...(sheet ? { sheets: [sheet] } : {}), ...(mode || asn !== undefined ? { numberPrefix: 'ASN' } : {}), ...(tag ? { mark: new RegExp(tag) } : {}) }
      const splits = findSplits(codes.map((barcodes, index) => ({ number: index + 1, barcodes })), rules)
      const number = codes.flat().map(({ text }) => archiveNumber(text, 'ASN')).find((found) => found !== undefined) ?? null
      const pages = Object.fromEntries(splits.map(({ page, kind }) => [page - 1, kind === 'mark']))
      expect({ pages, ...(asn === undefined ? {} : { asn: number }) }).toEqual({ pages: separators ?? {}, ...(asn === undefined ? {} : { asn }) })
    }, 120_000)
  }
})
