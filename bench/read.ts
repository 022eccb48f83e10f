/**
 * Reading documents, side by side with the `tesseract` and `ocrmypdf` programs on the same images in the same run, in turns.
 * Prints JSON; progress on stderr. `node bench/read.ts [--rounds n] [--without-ocrmypdf]`. Needs the development corpora.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { PDFDocument } from '@cantoo/pdf-lib'
import sharp from 'sharp'
import { wordRecall } from '../core/documents/evaluate.ts'
import { ReaderPool } from '../core/documents/pool.ts'
import { readDocument } from '../core/documents/read.ts'

const run = promisify(execFile)
const corpora = path.resolve(process.env['CORPORA_DIR'] ?? '../shared/corpora')
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 1
const oneThread = { env: { ...process.env, OMP_THREAD_LIMIT: '1' }, maxBuffer: 64 * 1024 ** 2 }

interface Sheet { readonly set: string, readonly name: string, readonly truth: string, make(): Promise<Buffer> }

const originals = [
  { name: 'letter', image: 'scan/docspell/scanner/jfif.jpg', truth: 'scan/docspell/letter-en.txt' },
  { name: 'two-columns', image: 'scan/ocrmypdf/linn.png', truth: 'scan/ocrmypdf/linn.txt' },
  { name: 'magazine', image: 'scan/tesseract/8071_093.3B.tif', truth: 'scan/tesseract/8071_093.3B.txt' }
]
const faxes = [
  { set: 'fine fax', name: 'two-columns', image: 'fax-tiff/derived/linn_g3_fine' }, { set: 'fine fax', name: 'letter, skewed', image: 'fax-tiff/derived/letter_g4_fine_skew' },
  { set: 'standard fax', name: 'letter', image: 'fax-tiff/derived/letter_g3_standard' }
]

function at(file: string): string {
  return path.join(corpora, file)
}

function scan(dpi: number, { name, image, truth }: typeof originals[number]): Sheet {
  return {
    set: `scan ${dpi} dpi`, name, truth: at(truth), make: async () => {
      const { width } = await sharp(at(image)).metadata()
      return sharp(at(image)).flatten({ background: '#fff' }).greyscale().resize({ width: Math.round(width * dpi / 300) }).withMetadata({ density: dpi }).jpeg({ quality: 85 }).toBuffer()
    }
  }
}

function standardFax({ name, image, truth }: typeof originals[number]): Sheet {
  const size = { width: 1_728, height: 1_145 }
  return {
    set: 'standard fax', name: `${name}, re-encoded`, truth: at(truth), make: async () => {
      const data = await sharp(at(image)).flatten({ background: '#fff' }).greyscale().resize({ ...size, fit: 'fill' }).threshold(160).extractChannel(0).raw().toBuffer()
      return sharp(data, { raw: { ...size, channels: 1 } }).toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1, xres: 204 / 25.4, yres: 98 / 25.4 }).toBuffer()
    }
  }
}

function sheets(): Sheet[] {
  return [
    ...originals.flatMap((original) => [scan(300, original), scan(200, original)]),
    ...faxes.map(({ set, name, image }) => ({ set, name, truth: at(`${image}.txt`), make: () => readFile(at(`${image}.tif`)) })),
    ...originals.slice(0, 2).map(standardFax)
  ]
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number, value: T }> {
  const started = performance.now()
  const value = await work()
  return { seconds: (performance.now() - started) / 1000, value }
}

/** The last line of the shell's `times`: user and system time of its children, as 0m1.230s. */
function childrenCpu(times: string): number {
  const [user, system] = [...times.trim().split('\n').at(-1)!.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds))
  return (user ?? 0) + (system ?? 0)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-bench-'))
const one = new ReaderPool(1)
const two = new ReaderPool(2)
interface Measured { readonly set: string, readonly name: string, readonly seconds: number, readonly nativeSeconds: number, readonly cpuSeconds: number, readonly nativeCpuSeconds: number, readonly recall: number, readonly nativeRecall: number, readonly words: number }
const pages: Measured[] = []
// The readers' start and wasm compilation are not part of a page.
await readDocument(path.join(corpora, 'scan/tesseract/phototest.tif'), {}, one)

for (const sheet of sheets()) {
  const file = path.join(folder, 'page')
  await writeFile(file, await sheet.make())
  const truth = await readFile(sheet.truth, 'utf8')
  const [ours, native, oursCpu, nativeCpu]: [number[], number[], number[], number[]] = [[], [], [], []]
  let [found, nativeFound] = ['', '']
  for (let round = 0; round < rounds; round++) {
    const cpuBefore = one.cpuSeconds
    const us = await timed(() => readDocument(file, {}, one))
    oursCpu.push(one.cpuSeconds - cpuBefore)
    const them = await timed(() => run('sh', ['-c', 'tesseract "$0" stdout -l eng; times >&2', file], oneThread))
    ours.push(us.seconds)
    native.push(them.seconds)
    nativeCpu.push(childrenCpu(them.value.stderr))
    found = us.value.pages.map((page) => page.text).join('\n')
    nativeFound = them.value.stdout
  }
  pages.push({ set: sheet.set, name: sheet.name, seconds: median(ours), nativeSeconds: median(native), cpuSeconds: median(oursCpu), nativeCpuSeconds: median(nativeCpu), recall: wordRecall(truth, found), nativeRecall: wordRecall(truth, nativeFound), words: truth.split(/\s+/).length })
  process.stderr.write(`${JSON.stringify(pages.at(-1))}\n`)
}

function ofSet(set: string): Record<string, number | string> {
  const own = pages.filter((page) => page.set === set)
  const mean = (pick: (page: Measured) => number): number => own.reduce((sum, page) => sum + pick(page), 0) / own.length
  const weighted = (pick: (page: Measured) => number): number => own.reduce((sum, page) => sum + pick(page) * page.words, 0) / own.reduce((sum, page) => sum + page.words, 0)
  return { name: set, n: own.length, seconds: mean((page) => page.seconds), nativeSeconds: mean((page) => page.nativeSeconds), cpuSeconds: mean((page) => page.cpuSeconds), nativeCpuSeconds: mean((page) => page.nativeCpuSeconds), recall: weighted((page) => page.recall), nativeRecall: weighted((page) => page.nativeRecall) }
}

/** One PDF of the letter and the magazine page in turns, each page one JPEG of 300 dpi. */
async function imagePdf(count: number): Promise<string> {
  const pdf = await PDFDocument.create()
  for (let number = 0; number < count; number++) {
    const { image } = originals[number % 2 ? 2 : 0]!
    const picture = await pdf.embedJpg(await sharp(path.join(corpora, image)).greyscale().jpeg({ quality: 80 }).toBuffer())
    const page = pdf.addPage([picture.width * 0.24, picture.height * 0.24])
    page.drawImage(picture, { x: 0, y: 0, width: page.getWidth(), height: page.getHeight() })
  }
  const file = path.join(folder, `${count}.pdf`)
  await writeFile(file, await pdf.save())
  return file
}

const batches = []
for (const [count, pool] of [[4, one], [4, two], [8, two]] as const) {
  const file = await imagePdf(count)
  const us = await timed(() => readDocument(file, { searchablePdf: true }, pool))
  const them = process.argv.includes('--without-ocrmypdf') ? undefined : await timed(() => run('ocrmypdf', ['--jobs', String(pool.size), '--output-type', 'pdf', '-q', file, path.join(folder, 'theirs.pdf')], oneThread))
  batches.push({ name: `${count} pages, ${pool.size} core${pool.size > 1 ? 's' : ''}`, n: count, seconds: us.seconds, perMinute: count * 60 / us.seconds, ocrmypdfPerMinute: them && count * 60 / them.seconds, made: Boolean(us.value.searchablePdf) })
  process.stderr.write(`${JSON.stringify(batches.at(-1))}\n`)
}
await Promise.all([one.close(), two.close()])
await rm(folder, { recursive: true })

const results = [...new Set(pages.map((page) => page.set))].map(ofSet)
process.stdout.write(`${JSON.stringify({
  bench: 'read', machine: { cpu: cpus()[0]?.model, cores: cpus().length, memoryMib: Math.round(totalmem() / 1024 ** 2) },
  versions: { node: process.version, tesseract: (await run('tesseract', ['--version'])).stdout.split('\n')[0] },
  results: [...results, ...batches], pages, poolPeakMib: Math.round(two.peakBytes / 1024 ** 2),
  ratios: [
    ...results.map(({ name, seconds, nativeSeconds }) => ({ name: `${name}: seconds a page, native tesseract`, ours: seconds, theirs: nativeSeconds, ratio: Number(seconds) / Number(nativeSeconds) })),
    ...results.map(({ name, cpuSeconds, nativeCpuSeconds }) => ({ name: `${name}: processor seconds a page, native tesseract`, ours: cpuSeconds, theirs: nativeCpuSeconds, ratio: Number(cpuSeconds) / Number(nativeCpuSeconds) })),
    ...batches.filter((batch) => batch.ocrmypdfPerMinute).map(({ name, perMinute, ocrmypdfPerMinute }) => ({ name: `${name}: pages a minute, ocrmypdf`, ours: perMinute, theirs: ocrmypdfPerMinute, ratio: perMinute / (ocrmypdfPerMinute ?? 1) }))
  ]
}, undefined, 2)}\n`)
