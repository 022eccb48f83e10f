import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Refused } from './refused.ts'

/**
 * `best`: the accurate network, from npm, always there. `fast`: the small network (a third less
 * time), there where the operating system's tesseract data is installed (Debian: tesseract-ocr-eng,
 * -spa), since npm carries no such data.
 */
export type Network = 'best' | 'fast'

const require = createRequire(import.meta.url)
const languageCode = /^[a-z]{3}(_[a-z]+)?$/i

/**
 * The unpacked traineddata of a language; the fast one falls back to the best. @throws Refused when
 * the language is not installed.
 */
export function languageData(language: string, network: Network): Uint8Array {
  const file = languageFile(language, network)
  const data = readFileSync(file)
  return file.endsWith('.gz') ? gunzipSync(data) : data
}

/**
 * Links to the languages' data in one folder, which is how tesseract.js takes it. @throws Refused
 * when a language is not installed.
 */
export async function linkLanguages(
  folder: string,
  languages: readonly string[],
  network: Network
): Promise<void> {
  for (const language of languages)
    await symlink(languageFile(language, network), path.join(folder, `${language}.traineddata`))
}

function languageFile(language: string, network: Network): string {
  if (!languageCode.test(language))
    throw new Refused('was to be read in a language that is not known')
  const file =
    (network === 'fast' ? systemData(language) : undefined) ??
    npmData(language) ??
    systemData(language)
  if (file === undefined)
    throw new Refused(`was to be read in "${language}", whose data is not installed`)
  return file
}

/** True where a language's data is here, of either network. */
export function isInstalled(language: string): boolean {
  return (
    languageCode.test(language) &&
    (npmData(language) !== undefined || systemData(language) !== undefined)
  )
}

/** True where every language has the small network installed. */
export function hasFast(languages: readonly string[]): boolean {
  return languages.every(
    (language) => languageCode.test(language) && systemData(language) !== undefined
  )
}

function npmData(language: string): string | undefined {
  try {
    const folder = path.dirname(require.resolve(`@tesseract.js-data/${language}/package.json`))
    const packed = path.join(folder, '4.0.0_best_int', `${language}.traineddata.gz`)
    return existsSync(packed) ? packed : undefined
  } catch {
    return undefined
  }
}

function systemData(language: string): string | undefined {
  return systemFolders()
    .map((folder) => path.join(folder, `${language}.traineddata`))
    .find((file) => existsSync(file))
}

function systemFolders(): string[] {
  const root = '/usr/share/tesseract-ocr'
  const versions = existsSync(root) ? readdirSync(root).toSorted().toReversed() : []
  const given = process.env['TESSDATA_PREFIX']
  return [
    ...(given ? [given] : []),
    ...versions.map((version) => path.join(root, version, 'tessdata')),
    '/usr/share/tessdata',
    '/opt/homebrew/share/tessdata'
  ]
}
