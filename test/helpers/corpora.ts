/**
 * The corpora: real mail, scans, faxes, people and requests, read in place and never copied.
 * CORPORA_DIR names their folder. A test that needs a part of them says how many cases it ran;
 * where that part is absent it is shown as skipped, with the reason.
 */
import { test } from '@jest/globals'
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const corpora = path.resolve(process.env['CORPORA_DIR'] ?? '../shared/corpora')

export function hasCorpus(name: string): boolean {
  return existsSync(path.join(corpora, name))
}

export function corpusFile(name: string): string {
  return path.join(corpora, name)
}

export function readCorpus(name: string): string {
  return readFileSync(corpusFile(name), 'utf8')
}

/**
 * Files of a folder whose names match, in the order of their names; none where the folder is
 * absent.
 */
export function listCorpus(folder: string, wanted: RegExp): string[] {
  if (!hasCorpus(folder)) return []
  return readdirSync(corpusFile(folder))
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => path.join(folder, name))
}

/**
 * A test on parts of the corpora. `run` answers how many cases it looked at: none is a failure, as
 * a test that looked at nothing proves nothing. Each count goes to the file that CORPORA_COUNTS
 * names, where `.ci/run` compares it with test/corpora-cases.json.
 */
export function corpusTest(
  needs: readonly string[],
  name: string,
  run: () => number | Promise<number>,
  timeout?: number
): void {
  const absent = needs.filter((part) => !hasCorpus(part))
  if (absent.length > 0) {
    test.skip(`${name} [skipped: ${absent.join(', ')} is not in the corpora, ${corpora}]`, () =>
      undefined)
    return
  }
  test(name, async () => countCases(name, await run()), timeout)
}

/** Says how many cases a test on the corpora looked at. */
export function countCases(name: string, cases: number): void {
  if (!(cases > 0)) throw new Error(`"${name}" looked at no case`)
  process.stderr.write(`corpora: ${name}: ${cases} cases\n`)
  const file = process.env['CORPORA_COUNTS']
  if (file) appendFileSync(file, `${JSON.stringify({ name, cases })}\n`)
}
