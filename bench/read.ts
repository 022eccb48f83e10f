/**
 * Reading documents, beside the `tesseract` and `ocrmypdf` programs on the same pages in the same
 * run, in turns.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { wordRecall } from '../core/evaluation/documents.ts'
import { ReaderPool } from '../core/documents/pool.ts'
import { readDocument } from '../core/documents/read.ts'
import { benchSheets, imagePdf, type Sheet } from './read-sheets.ts'
import { quantile, ratio, report, round, type BenchReport, type BenchResult } from './report.ts'

const run = promisify(execFile)
// One core each: the engines' threads slow each other down on one page, and a page is what is
// compared.
const oneThread = { env: { ...process.env, OMP_THREAD_LIMIT: '1' }, maxBuffer: 64 * 1024 ** 2 }

export interface ReadBenchOptions {
  /** How often each page is read by each; the median counts. */
  readonly rounds: number
  /** Lengths of the image PDFs that are turned into searchable ones. */
  readonly pages: readonly number[]
}

interface Bench {
  readonly folder: string
  readonly one: ReaderPool
  readonly two: ReaderPool
  readonly corpora: string
  readonly rounds: number
  readonly tesseract: string | undefined
  readonly ocrmypdf: string | undefined
  readonly say: (text: string) => void
}

interface Measured {
  readonly sheet: Sheet
  readonly words: number
  readonly ours: Reading
  readonly theirs: Reading | undefined
}
interface Reading {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly recall: number
}

export async function benchRead(
  { rounds, pages }: ReadBenchOptions,
  say: (text: string) => void
): Promise<BenchReport> {
  const bench: Bench = {
    folder: await mkdtemp(path.join(tmpdir(), 'evenhand-bench-')),
    one: new ReaderPool(1),
    two: new ReaderPool(2),
    corpora: path.resolve(process.env['CORPORA_DIR'] ?? '../shared/corpora'),
    rounds,
    say,
    tesseract: await versionOf('tesseract', 'tesseract-ocr', say),
    ocrmypdf: await versionOf('ocrmypdf', 'ocrmypdf', say)
  }
  try {
    const sheets = await measureSheets(bench)
    const batches = []
    for (const count of pages)
      for (const pool of [bench.one, bench.two])
        batches.push(await measureBatch(bench, count, pool))
    const versions = {
      ...(bench.tesseract ? { tesseract: bench.tesseract } : {}),
      ...(bench.ocrmypdf ? { ocrmypdf: bench.ocrmypdf } : {})
    }
    return report(
      'read',
      [...sheets.results, ...batches.map(({ result }) => result)],
      [...sheets.ratios, ...batches.flatMap(({ ratios }) => ratios)],
      versions
    )
  } finally {
    await Promise.all([bench.one.close(), bench.two.close()])
    await rm(bench.folder, { recursive: true })
  }
}

async function versionOf(
  program: string,
  debianPackage: string,
  say: (text: string) => void
): Promise<string | undefined> {
  const found = await run(program, ['--version']).then(
    ({ stdout, stderr }) => (stdout || stderr).split('\n')[0]!.trim(),
    () => undefined
  )
  if (!found)
    say(
      `${program} is not installed, so nothing is compared with it (Debian, Ubuntu: apt-get install ${debianPackage})`
    )
  return found
}

async function measureSheets(
  bench: Bench
): Promise<{ results: BenchResult[]; ratios: BenchReport['ratios'] }> {
  const measured: Measured[] = []
  const sheets = benchSheets(bench.corpora)
  // The reader's start and the compiling of its engine are not part of a page.
  await readDocument(await sheets[0]!.make(), {}, bench.one)
  for (const sheet of sheets) {
    measured.push(await measureSheet(bench, sheet))
    const { ours, theirs } = measured.at(-1)!
    bench.say(
      `${sheet.set}, ${sheet.name}: ${ours.seconds.toFixed(2)} s${theirs ? `, tesseract ${theirs.seconds.toFixed(2)} s` : ''}`
    )
  }
  const sets = [...new Set(measured.map(({ sheet }) => sheet.set))]
  return {
    results: sets.map((set) =>
      resultOf(
        set,
        measured.filter(({ sheet }) => sheet.set === set),
        bench.one
      )
    ),
    ratios: sets.flatMap((set) =>
      ratiosOf(
        set,
        measured.filter(({ sheet }) => sheet.set === set)
      )
    )
  }
}

async function measureSheet(bench: Bench, sheet: Sheet): Promise<Measured> {
  const file = path.join(bench.folder, 'page')
  await writeFile(file, await sheet.make())
  const truth = await sheet.truth()
  const ours: Reading[] = []
  const theirs: Reading[] = []
  for (let round = 0; round < bench.rounds; round++) {
    ours.push(await readOurs(bench.one, file, truth))
    if (bench.tesseract) theirs.push(await readTheirs(file, truth))
  }
  return {
    sheet,
    words: truth.split(/\s+/).length,
    ours: median(ours),
    theirs: theirs.length > 0 ? median(theirs) : undefined
  }
}

async function readOurs(pool: ReaderPool, file: string, truth: string): Promise<Reading> {
  const before = pool.cpuSeconds
  const { seconds, value } = await timed(() => readDocument(file, {}, pool))
  return {
    seconds,
    cpuSeconds: pool.cpuSeconds - before,
    recall: wordRecall(truth, value.pages.map((page) => page.text).join('\n'))
  }
}

async function readTheirs(file: string, truth: string): Promise<Reading> {
  const { seconds, value } = await timed(() =>
    run('sh', ['-c', 'tesseract "$0" stdout -l eng; times >&2', file], oneThread)
  )
  return { seconds, cpuSeconds: childrenCpu(value.stderr), recall: wordRecall(truth, value.stdout) }
}

function resultOf(name: string, pages: readonly Measured[], pool: ReaderPool): BenchResult {
  const seconds = mean(pages.map(({ ours }) => ours.seconds))
  const sorted = pages.map(({ ours }) => ours.seconds * 1000).toSorted((a, b) => a - b)
  const recall = (pick: (page: Measured) => number | undefined) =>
    round(
      pages.reduce((sum, page) => sum + (pick(page) ?? 0) * page.words, 0) /
        pages.reduce((sum, page) => sum + page.words, 0)
    )
  const compared = pages.every(({ theirs }) => theirs)
  return {
    name,
    n: pages.length,
    seconds: round(seconds),
    perSecond: round(1 / seconds),
    p50Ms: Math.round(quantile(sorted, 0.5)),
    p99Ms: Math.round(quantile(sorted, 0.99)),
    rssMb: Math.round(pool.peakBytes / 1024 ** 2),
    recall: recall(({ ours }) => ours.recall),
    ...(compared ? { tesseractRecall: recall(({ theirs }) => theirs?.recall) } : {})
  }
}

function ratiosOf(set: string, pages: readonly Measured[]): BenchReport['ratios'] {
  if (pages.some(({ theirs }) => !theirs)) return []
  const of = (what: 'seconds' | 'cpuSeconds', name: string) =>
    ratio(
      `${set}: ${name} a page, tesseract`,
      round(mean(pages.map(({ ours }) => ours[what]))),
      round(mean(pages.map(({ theirs }) => theirs![what])))
    )
  return [of('seconds', 'seconds'), of('cpuSeconds', 'processor seconds')]
}

/** A scanned PDF made searchable, by us and then by OCRmyPDF, with as many cores. */
async function measureBatch(
  bench: Bench,
  count: number,
  pool: ReaderPool
): Promise<{ result: BenchResult; ratios: BenchReport['ratios'] }> {
  const file = path.join(bench.folder, `${count}.pdf`)
  await writeFile(file, await imagePdf(bench.corpora, count))
  const name = `${count} pages made searchable, ${pool.size === 1 ? '1 core' : `${pool.size} cores`}`
  const { seconds } = await timed(() => readDocument(file, { searchablePdf: true }, pool))
  const perMinute = round((count * 60) / seconds)
  const theirs = bench.ocrmypdf
    ? await timed(() =>
        run(
          'ocrmypdf',
          [
            '--jobs',
            String(pool.size),
            '--output-type',
            'pdf',
            '-q',
            file,
            path.join(bench.folder, 'theirs.pdf')
          ],
          oneThread
        )
      )
    : undefined
  bench.say(
    `${name}: ${perMinute} a minute${theirs ? `, OCRmyPDF ${round((count * 60) / theirs.seconds)}` : ''}`
  )
  return {
    result: {
      name,
      n: count,
      seconds: round(seconds),
      perSecond: round(count / seconds),
      perMinute,
      rssMb: Math.round(pool.peakBytes / 1024 ** 2)
    },
    ratios: theirs
      ? [
          ratio(
            `${name}: pages a minute, OCRmyPDF`,
            perMinute,
            round((count * 60) / theirs.seconds)
          )
        ]
      : []
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const started = performance.now()
  const value = await work()
  return { seconds: (performance.now() - started) / 1000, value }
}

/** The last line of the shell's `times`: user and system time of its children, as 0m1.230s. */
function childrenCpu(times: string): number {
  const [user, system] = [
    ...times
      .trim()
      .split('\n')
      .at(-1)!
      .matchAll(/(\d+)m([\d.]+)s/g)
  ].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds))
  return (user ?? 0) + (system ?? 0)
}

function median(readings: readonly Reading[]): Reading {
  const middle = (pick: (reading: Reading) => number) =>
    quantile(
      readings.map(pick).toSorted((a, b) => a - b),
      0.5
    )
  return {
    seconds: middle(({ seconds }) => seconds),
    cpuSeconds: middle(({ cpuSeconds }) => cpuSeconds),
    recall: readings[0]!.recall
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
