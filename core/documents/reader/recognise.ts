import { execFile } from 'node:child_process'
import loadCore, { type TessBaseApi, type TesseractModule } from 'tesseract.js-core/tesseract-core-simd-lstm.js'
import { limits } from '../limits.ts'
import { hasFast, languageData, type Network } from './language-data.ts'
import { toPgm, type Raster } from './raster.ts'
import { readTsv, type Recognised } from './tsv.ts'

export interface Engine {
  readonly engine: 'wasm' | 'native'
  readonly languages: readonly string[]
}

interface Loaded { readonly module: TesseractModule, readonly api: TessBaseApi }
const loaded = new Map<string, Promise<Loaded>>()
const lstmOnly = 1

/** Recognises the words of an upright picture. Boxes are in the picture's pixels. */
export function recognise(raster: Raster, network: Network, { engine, languages }: Engine): Promise<Recognised> {
  return engine === 'native' ? recogniseNatively(raster, languages) : recogniseInWasm(raster, network, languages)
}

async function recogniseInWasm(raster: Raster, network: Network, languages: readonly string[]): Promise<Recognised> {
  const { module, api } = await apiFor(network === 'fast' && hasFast(languages) ? 'fast' : 'best', languages)
  module.FS.writeFile('/input', toPgm(raster))
  if (api.SetImageFile(1, 0) !== 0) throw new Error('tesseract takes no picture')
  api.Recognize(null)
  const tsv = api.GetTSVText(0)
  api.Clear()
  return readTsv(tsv)
}

/** One wasm instance per network and set of languages, kept as long as the reader lives. */
function apiFor(network: Network, languages: readonly string[]): Promise<Loaded> {
  const key = `${network} ${languages.join('+')}`
  const known = loaded.get(key) ?? startApi(network, languages)
  loaded.set(key, known)
  return known
}

function silent(): void {}

async function startApi(network: Network, languages: readonly string[]): Promise<Loaded> {
  const module = await loadCore({ TesseractProgress: silent, print: silent, printErr: silent })
  for (const language of languages) module.FS.writeFile(`/${language}.traineddata`, languageData(language, network))
  const api = new module.TessBaseAPI()
  if (api.Init('/', languages.join('+'), lstmOnly) !== 0) throw new Error('tesseract does not start')
  for (const language of languages) module.FS.unlink(`/${language}.traineddata`)
  api.SetVariable('tessedit_pageseg_mode', '3')
  return { module, api }
}

/** The installed `tesseract` program: same faces, its own data. @throws the error of starting it when it is not installed. */
function recogniseNatively(raster: Raster, languages: readonly string[]): Promise<Recognised> {
  return new Promise((resolve, reject) => {
    const options = { timeout: limits.pageSeconds * 1000, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 ** 2, encoding: 'utf8' } as const
    const child = execFile('tesseract', ['stdin', 'stdout', '-l', languages.join('+'), '--dpi', String(Math.round(raster.dpi)), '--psm', '3', 'tsv'], options, (error, stdout) => {
      if (error) reject(error)
      else resolve(readTsv(stdout))
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(toPgm(raster))
  })
}
