/**
 * The engine that comes along: tesseract.js, which picks the build for what the processor can do.
 * Core and language data are files of this machine, so that nothing is fetched and nothing kept.
 * Its worker is a thread of the reader, and dies with it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import tesseract from 'tesseract.js'
import { hasFast, linkLanguages, type Network } from './language-data.ts'
import { toPgm, type Raster } from './raster.ts'
import { readTsv, type Recognised } from './tsv.ts'

const { createWorker, OEM, PSM } = tesseract

interface Started {
  readonly languages: string
  readonly worker: Promise<tesseract.Worker>
}
/**
 * tesseract.js takes a sign of EXIF for one anywhere in the first 500 bytes: without this, the grey
 * of a few pixels could turn a page.
 */
const farFromPixels = `#${' '.repeat(500)}\n`
const started = new Map<string, Started>()

export async function recogniseInWasm(
  raster: Raster,
  network: Network,
  languages: readonly string[]
): Promise<Recognised> {
  const worker = await workerFor(
    network === 'fast' && hasFast(languages) ? 'fast' : 'best',
    languages
  )
  const { data } = await worker.recognize(
    toPgm(raster, farFromPixels),
    {},
    { text: false, tsv: true }
  )
  return readTsv(data.tsv ?? '')
}

/** One worker per network, kept as long as the reader lives and the languages stay the same. */
async function workerFor(
  network: Network,
  languages: readonly string[]
): Promise<tesseract.Worker> {
  const wanted = languages.join('+')
  const known = started.get(network)
  if (known?.languages === wanted) return known.worker
  const worker = startWorker(network, languages)
  started.set(network, { languages: wanted, worker })
  await known?.worker.then(
    (old) => old.terminate(),
    () => {}
  )
  return worker
}

async function startWorker(
  network: Network,
  languages: readonly string[]
): Promise<tesseract.Worker> {
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-languages-'))
  // Without a handler of errors it throws them where nobody can catch them; and a start that failed
  // never ends by itself.
  const failed = Promise.withResolvers<never>()
  try {
    await linkLanguages(folder, languages, network)
    const options = {
      langPath: folder,
      gzip: false,
      cacheMethod: 'none',
      errorHandler: failed.reject
    }
    const worker = await Promise.race([
      createWorker([...languages], OEM.LSTM_ONLY, options),
      failed.promise
    ])
    await worker.setParameters({ tessedit_pageseg_mode: PSM.AUTO })
    return worker
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
