/** Whether scans and faxes can be read: the engine, and data for the agency's languages. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Agency } from '../../config/agency.ts'
import type { Settings } from '../../config/settings.ts'
import { ocrLanguages, tesseractCode, unreadLanguages } from '../../core/documents/languages.ts'
import { fail, ok, warn, type Check } from './check.ts'

const run = promisify(execFile)

export async function checkReading(
  settings: Settings,
  agency: Agency | undefined
): Promise<Check[]> {
  const tags = agency?.departments.agency.languages ?? ['en']
  return settings.OCR_ENGINE === 'native' ? checkNative(tags) : checkOwn(tags)
}

function checkOwn(tags: readonly string[]): Check[] {
  const missing = unreadLanguages(tags)
  const read = ok(
    'reading',
    `scans and faxes are read by the engine that comes along, in ${ocrLanguages(tags).join(', ')}`
  )
  return [
    read,
    ...missing.map((tag) =>
      warn('reading', `letters in "${tag}" cannot be read by machine`, dataAdvice(tag))
    )
  ]
}

async function checkNative(tags: readonly string[]): Promise<Check[]> {
  const listed = await run('tesseract', ['--list-langs'], {
    timeout: 10_000,
    env: process.env
  }).then(
    ({ stdout, stderr }) => `${stdout}\n${stderr}`.split('\n'),
    () => undefined
  )
  if (!listed)
    return [
      fail(
        'reading',
        'OCR_ENGINE is native, and there is no program "tesseract"',
        'Install it (Debian, Ubuntu: apt-get install tesseract-ocr), or unset OCR_ENGINE to use the engine that comes along.'
      )
    ]
  const missing = tags.filter((tag) => !listed.includes(tesseractCode(tag) ?? '-'))
  return [
    ok('reading', 'scans and faxes are read by the installed tesseract'),
    ...missing.map((tag) =>
      warn('reading', `the installed tesseract has no data for "${tag}"`, dataAdvice(tag))
    )
  ]
}

function dataAdvice(tag: string): string {
  const code = tesseractCode(tag)
  return code
    ? `Install its data (Debian, Ubuntu: apt-get install tesseract-ocr-${code.replace('_', '-')}).`
    : 'Such letters wait for a transcriber; nothing is lost.'
}
