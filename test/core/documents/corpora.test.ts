import { afterAll, beforeAll, expect } from '@jest/globals'
import { wordRecall } from '../../../core/evaluation/documents.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import { archiveNumber, findSplits, type SplitRules } from '../../../core/documents/separators.ts'
import { findBarcodes } from '../../helpers/barcodes.ts'
import { corpusFile, corpusTest, listCorpus, readCorpus } from '../../helpers/corpora.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

/** Every n-th file of a folder, always the same ones; `bench/read-corpora.ts` reads them all. */
function sample(folder: string, every: number): string[] {
  return listCorpus(folder, /\.(pdf|tiff?|png|jpg)$/i).filter((_, index) => index % every === 0)
}

const hostileFolders = {
  'fax-tiff/pillow-crash': 1,
  'pdf/qpdf-fuzz': 6,
  'pdf/qpdf': 14,
  'pdf/pdfjs': 40,
  'pdf/verapdf': 20,
  'scan/docspell/bombs': 1,
  'scan/docspell/secured': 1
}

corpusTest(
  Object.keys(hostileFolders),
  'hostile and damaged files each end in a stated outcome within its bounds',
  async () => {
    const files = Object.entries(hostileFolders).flatMap(([folder, every]) => sample(folder, every))
    for (const file of files) {
      const { outcome, reason, pages } = await readDocument(corpusFile(file), {}, pool)
      expect(outcome === 'withheld' ? reason : `The document has ${pages.length} pages`).toMatch(
        /^(The (document|page) (?!has 0)|No words could be read|Only a part of what is written|It (was read with|shows only|is a form)|Page \d+: |\d+ of \d+ pages)/
      )
    }
    return files.length
  }
)

const withTruth = [
  ['scan/docspell/scanner/jfif.jpg', 'scan/docspell/letter-en.txt', 0.98],
  // Builds of the engine for different processors find 92.7 to 94.4 % of it.
  ['fax-tiff/derived/letter_g3_standard.tif', 'fax-tiff/derived/letter_g3_standard.txt', 0.92],
  ['fax-tiff/derived/upside_down_g3_fine.tif', 'fax-tiff/derived/upside_down_g3_fine.txt', 0.95],
  ['scan/tesseract/phototest-rotated-L.png', 'scan/tesseract/phototest.gold.txt', 0.95]
] as const

for (const [file, truth, least] of withTruth) {
  corpusTest(
    [file, truth],
    `at least ${least * 100} % of the words of ${file} are found`,
    async () => {
      const { pages } = await readDocument(corpusFile(file), {}, pool)
      expect(
        wordRecall(readCorpus(truth), pages.map((page) => page.text).join('\n'))
      ).toBeGreaterThanOrEqual(least)
      return 1
    }
  )
}

interface Expected {
  readonly separators?: Record<string, boolean>
  readonly asn?: number | null
  readonly separator_string?: string
  readonly tag_pattern?: string
  readonly mode?: string
}
const sheets = 'barcode/paperless-separators'

corpusTest([sheets], 'stacks with separator sheets are split where their pages say', async () => {
  const expected = Object.entries(
    JSON.parse(readCorpus(`${sheets}/expected.json`)) as Record<string, Expected>
  ).filter(([name]) => name.endsWith('.pdf'))
  for (const [
    name,
    { separators, asn, separator_string: sheet, tag_pattern: tag, mode }
  ] of expected) {
    const codes = await findBarcodes(corpusFile(`${sheets}/${name}`), pool)
    const rules: SplitRules = {
      ...(sheet ? { sheets: [sheet] } : {}),
      ...(mode || asn !== undefined ? { numberPrefix: 'ASN' } : {}),
      ...(tag ? { mark: new RegExp(tag) } : {})
    }
    const splits = findSplits(
      codes.map((barcodes, index) => ({ number: index + 1, barcodes })),
      rules
    )
    const number =
      codes
        .flat()
        .map(({ text }) => archiveNumber(text, 'ASN'))
        .find((found) => found !== undefined) ?? null
    const pages = Object.fromEntries(splits.map(({ page, kind }) => [page - 1, kind === 'mark']))
    expect({ name, pages, ...(asn === undefined ? {} : { asn: number }) }).toEqual({
      name,
      pages: separators ?? {},
      ...(asn === undefined ? {} : { asn })
    })
  }
  return expected.length
})
