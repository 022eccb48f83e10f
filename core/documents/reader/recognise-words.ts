import { execFile } from 'node:child_process'
import { limits } from '../limits.ts'
import type { Network } from './language-data.ts'
import { toPgm, type Raster } from './raster.ts'
import { recogniseInWasm } from './tesseract-worker.ts'
import { readTsv, type Recognised } from './tsv.ts'

export interface Engine {
  readonly engine: 'wasm' | 'native'
  readonly languages: readonly string[]
}

/** Recognises the words of an upright picture. Boxes are in the picture's pixels. */
export function recogniseWords(
  raster: Raster,
  network: Network,
  { engine, languages }: Engine
): Promise<Recognised> {
  return engine === 'native'
    ? recogniseNatively(raster, languages)
    : recogniseInWasm(raster, network, languages)
}

/**
 * The installed `tesseract` program: same faces, its own data. @throws the error of starting it
 * when it is not installed.
 */
function recogniseNatively(raster: Raster, languages: readonly string[]): Promise<Recognised> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: limits.pageSeconds * 1000,
      killSignal: 'SIGKILL',
      maxBuffer: 16 * 1024 ** 2,
      encoding: 'utf8'
    } as const
    const child = execFile(
      'tesseract',
      [
        'stdin',
        'stdout',
        '-l',
        languages.join('+'),
        '--dpi',
        String(Math.round(raster.dpi)),
        '--psm',
        '3',
        'tsv'
      ],
      options,
      (error, stdout) => {
        if (error) reject(error)
        else resolve(readTsv(stdout))
      }
    )
    child.stdin?.on('error', () => {})
    child.stdin?.end(toPgm(raster))
  })
}
