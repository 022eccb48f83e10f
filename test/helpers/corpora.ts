import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const folder = process.env['CORPORA_DIR'] ?? '../shared/corpora'

/** The files of a list that are there to be read. */
export function presentCorpora(...names: string[]): string[] {
  return names.filter((name) => existsSync(path.join(folder, name)))
}

export function readCorpus(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8')
}
