/**
 * How fast mails are read beside plain mailparser: the same mails, in turns, in one process. Ours
 * also says which kind each is, what is new in it and what came with it, and hashes every file.
 */
import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { simpleParser } from 'mailparser'
import { translate } from '../channels/email/translate.ts'
import type { StoredRaw } from '../core/intake/channel.ts'
import { benchMail } from './mail.ts'
import { ratio, report, result, type BenchReport } from './report.ts'

export interface ParseBenchOptions {
  /** Made-up mails, where no folder is named. */
  readonly contacts: number
  /** A folder of saved mails. */
  readonly mails?: string
  readonly rounds: number
}

const packages = createRequire(import.meta.url)
/** Readings by each before any is counted, so that both are compiled. */
const WARM_UP = 2_000

/** A mail as it lies in storage, where it was hashed when it was accepted. */
type StoredMail = StoredRaw & { readonly bytes: Buffer }

const parsers = {
  ours: (mail: StoredMail) => translate(mail),
  mailparser: ({ bytes }: StoredMail) => simpleParser(bytes)
}
type Parser = keyof typeof parsers

/** A mail that one of them refuses counts too: that is its answer. */
export async function benchParse(
  options: ParseBenchOptions,
  say: (line: string) => void
): Promise<BenchReport> {
  const mails = (options.mails === undefined ? madeUp(options.contacts) : saved(options.mails)).map(
    stored
  )
  say(`${mails.length} mails, ${options.rounds} rounds`)
  for (let read = 0; mails.length > 0 && read < WARM_UP; read++)
    for (const name of names) await time(name, mails[read % mails.length]!)
  const took: Record<Parser, number[]> = { ours: [], mailparser: [] }
  for (let round = 0; round < options.rounds; round++)
    for (const [index, mail] of mails.entries())
      // Whoever comes second finds the bytes in the cache: they take turns at that, too.
      for (const name of (index + round) % 2 === 0 ? names : names.toReversed())
        took[name].push(await time(name, mail))
  const results = names.map((name) => result(name, sum(took[name]) / 1000, took[name]))
  const { version } = packages('mailparser/package.json') as { version: string }
  return report(
    'parse',
    results,
    [ratio('mails a second beside mailparser', sum(took.mailparser), sum(took.ours))],
    { mailparser: version }
  )
}

const names = ['ours', 'mailparser'] as const

function stored(bytes: Buffer): StoredMail {
  return {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: 'message/rfc822',
    sha256: hash('sha256', bytes, 'hex'),
    recipients: [],
    evidence: {}
  }
}

async function time(name: Parser, mail: StoredMail): Promise<number> {
  const before = performance.now()
  await parsers[name](mail).then(
    () => undefined,
    () => undefined
  )
  return performance.now() - before
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

function madeUp(count: number): Buffer[] {
  return Array.from({ length: count }, (_, n) => benchMail(n).bytes)
}

function saved(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(json|md|txt)$/.test(entry.name))
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)))
}
