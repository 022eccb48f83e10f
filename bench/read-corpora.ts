/**
 * Reads every file of the development corpora and prints how each ended. Takes minutes: `node
 * bench/read-corpora.ts [folder…]`.
 */
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { ReaderPool } from '../core/documents/pool.ts'
import { readDocument } from '../core/documents/read.ts'
import { findSplits } from '../core/documents/separators.ts'

const corpora = path.resolve(process.env['CORPORA_DIR'] ?? '../shared/corpora')
const folders =
  process.argv.length > 2 ? process.argv.slice(2) : ['barcode', 'fax-tiff', 'scan', 'pdf']
const isDocument = /\.(pdf|tiff?|png|jpe?g|fuzz)$/i

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile() && (isDocument.test(file) || !path.extname(file)))
    .sort()
}

const pool = new ReaderPool()
const results = []
for (const folder of folders) {
  const ends = {
    folder,
    files: 0,
    read: 0,
    withheld: 0,
    pages: 0,
    pagesWithheld: 0,
    seconds: 0,
    slowest: { file: '', seconds: 0 },
    withoutBarcodeButSplit: 0,
    reasons: {} as Record<string, number>
  }
  for (const file of filesIn(path.join(corpora, folder))) {
    const result = await readDocument(file, { barcodes: true }, pool)
    ends.files++
    ends[result.outcome]++
    ends.pages += result.pages.length
    ends.pagesWithheld += result.pages.filter((page) => page.withheld).length
    ends.seconds += result.seconds
    if (result.seconds > ends.slowest.seconds)
      ends.slowest = { file: path.relative(corpora, file), seconds: result.seconds }
    if (result.reason) ends.reasons[result.reason] = (ends.reasons[result.reason] ?? 0) + 1
    if (folder !== 'barcode' && findSplits(result.pages).length > 0) ends.withoutBarcodeButSplit++
    process.stderr.write(
      `${result.outcome} ${result.seconds} s ${path.relative(corpora, file)} ${result.reason ?? ''}\n`
    )
  }
  results.push(ends)
}
await pool.close()
process.stdout.write(
  `${JSON.stringify({ bench: 'read-corpora', results, poolPeakMib: Math.round(pool.peakBytes / 1024 ** 2) }, undefined, 2)}\n`
)
