/**
 * How many of the words that are read are right, and how many of the right ones are found, on the
 * pages of the development corpora that have a transcription, beside the `tesseract` program where
 * it is installed: `node bench/read-words.ts [folder…]`. Takes minutes.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { wordPrecision, wordRecall } from '../core/evaluation/documents.ts'
import { ReaderPool } from '../core/documents/pool.ts'
import { readDocument } from '../core/documents/read.ts'
import { round } from './report.ts'

const run = promisify(execFile)
const corpora = path.resolve(process.env['CORPORA_DIR'] ?? '../shared/corpora')
const folders =
  process.argv.length > 2
    ? process.argv.slice(2)
    : [
        'scan/sroie-receipts',
        'scan/ocrmypdf',
        'scan/tesseract',
        'scan/docspell/camera',
        'scan/docspell/scanner',
        'fax-tiff/derived'
      ]

/**
 * The transcription of a file: beside it under its own name, or the one its folder's pages share.
 */
function truthOf(file: string): string | undefined {
  const stem = file.replace(/\.[^.]+$/, '')
  if (existsSync(`${stem}.boxes.csv`))
    return readFileSync(`${stem}.boxes.csv`, 'utf8')
      .split(/\r?\n/)
      .map((line) => line.split(',').slice(8).join(','))
      .join('\n')
  const name = path.basename(file)
  const shared = name.startsWith('photo')
    ? 'phototest.gold.txt'
    : /^(linn|ccitt|jbig2|skew|rotated_skew|poster)\./.test(name)
      ? 'linn.txt'
      : /scanner|camera/.test(file)
        ? '../letter-en.txt'
        : undefined
  const found = [`${stem}.txt`, ...(shared ? [path.join(path.dirname(file), shared)] : [])].find(
    (place) => existsSync(place)
  )
  return found && readFileSync(found, 'utf8')
}

async function theirsOf(file: string): Promise<string | undefined> {
  if (file.endsWith('.pdf')) return undefined
  return run('tesseract', [file, 'stdout', '-l', 'eng'], {
    env: { ...process.env, OMP_THREAD_LIMIT: '1' },
    maxBuffer: 64 * 1024 ** 2
  }).then(
    ({ stdout }) => stdout,
    () => undefined
  )
}

const pool = new ReaderPool()
const results = []
for (const folder of folders) {
  for (const name of readdirSync(path.join(corpora, folder))
    .filter((name) => /\.(pdf|tiff?|png|jpe?g)$/i.test(name))
    .sort()) {
    const file = path.join(corpora, folder, name)
    const truth = truthOf(file)
    if (!truth) continue
    const { pages, outcome } = await readDocument(file, {}, pool)
    const text = pages.map((page) => page.text).join('\n')
    const theirs = await theirsOf(file)
    const figures = (found: string) => ({
      precision: round(wordPrecision(truth, found)),
      recall: round(wordRecall(truth, found))
    })
    results.push({
      file: `${folder}/${name}`,
      outcome,
      confidence: round(
        pages.reduce((sum, page) => sum + page.confidence, 0) / Math.max(1, pages.length)
      ),
      ...figures(text),
      ...(theirs === undefined ? {} : { tesseract: figures(theirs) })
    })
    process.stderr.write(`${JSON.stringify(results.at(-1))}\n`)
  }
}
await pool.close()
const compared = results.filter(({ tesseract }) => tesseract)
process.stdout.write(
  `${JSON.stringify({ bench: 'read-words', results, compared: compared.length, lessPrecise: compared.filter(({ precision, tesseract }) => precision < tesseract!.precision).map(({ file }) => file) }, undefined, 2)}\n`
)
