import os from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import { candidateIndex, type CandidateIndex, type MatchVerdict } from '../core/matching/candidates.ts'
import { trainOnRegister } from '../core/matching/models.ts'
import { importRows } from '../core/matching/register.ts'
import { corrupted, personOfResident, randomFrom, residentOf, rowOfResident, type Resident } from './match-people.ts'

export interface MatchBenchOptions {
  /** Register sizes, growing; each adds to the one before. */
  readonly sizes: readonly number[]
  readonly queries: number
  /** Queries against `pg_trgm`, which is slow. */
  readonly baselineQueries: number
  readonly onProgress: (message: string) => void
}

export interface BenchResult {
  readonly name: string
  /** Rows imported, or queries asked. */
  readonly n: number
  readonly seconds: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly rssMb: number
  readonly found?: number
  readonly foundFirst?: number
  readonly wronglyLinked?: number
}

export interface MatchBench {
  readonly bench: 'match'
  readonly machine: { readonly cpus: number, readonly model: string, readonly memoryGb: number }
  readonly versions: { readonly node: string, readonly postgres: string }
  readonly results: readonly BenchResult[]
  readonly ratios: readonly { readonly name: string, readonly ours: number, readonly theirs: number, readonly ratio: number }[]
}

/**
 * Match step against a growing register of made-up residents: cost per contact, and how often the right person comes first, on corrupted
 * queries. PostgreSQL's `pg_trgm` similarity follows in the same run, on the same register and corruptions, but on the name alone, on
 * fewer queries, and not interleaved: its share found is no like-for-like figure. The database must be empty and migrated.
 */
export async function benchMatch(db: Kysely<unknown>, options: MatchBenchOptions): Promise<MatchBench> {
  const results: BenchResult[] = []
  const ratios: { name: string, ours: number, theirs: number, ratio: number }[] = []
  await prepareBaseline(db)
  let held = 0
  for (const size of options.sizes) {
    results.push(await grow(db, held, size, options.onProgress))
    held = size
    const index = candidateIndex(db, await trainOnRegister(db))
    const ours = await measure(`match ${size}`, size, options.queries, (shown, target) => askIndex(index, shown, target))
    const theirs = await measure(`pg_trgm ${size}`, size, options.baselineQueries, (shown, target) => askTrigrams(db, shown, target))
    results.push(ours, theirs)
    ratios.push({ name: `p99 at ${size}`, ours: ours.p99Ms, theirs: theirs.p99Ms, ratio: ours.p99Ms / theirs.p99Ms })
  }
  return { bench: 'match', machine: machine(), versions: { node: process.version, postgres: await postgresVersion(db) }, results, ratios: [...ratios, ...growth(results)] }
}

function growth(results: readonly BenchResult[]): MatchBench['ratios'] {
  const ours = results.filter(({ name }) => name.startsWith('match '))
  const [first, last] = [ours[0], ours.at(-1)]
  if (!first || !last || first === last) return []
  return [
    { name: `p50 growth ${first.name} to ${last.name}`, ours: last.p50Ms, theirs: first.p50Ms, ratio: last.p50Ms / first.p50Ms },
    { name: `p99 growth ${first.name} to ${last.name}`, ours: last.p99Ms, theirs: first.p99Ms, ratio: last.p99Ms / first.p99Ms }
  ]
}

async function prepareBaseline(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db)
  await sql`create table bench_people (id bigint primary key, name text not null)`.execute(db)
}

async function grow(db: Kysely<unknown>, from: number, to: number, onProgress: (message: string) => void): Promise<BenchResult> {
  const started = performance.now()
  function* rows() {
    for (let index = from; index < to; index++) yield rowOfResident(index)
  }
  await importRows(db, 'bench', rows(), undefined, ({ added }) => { if (added % 20_000 === 0) onProgress(`imported ${from + added}`) })
  const seconds = (performance.now() - started) / 1000
  await sql`insert into bench_people select constituent_id, value from constituent_names on conflict do nothing`.execute(db)
  await sql`create index if not exists bench_people_name on bench_people using gin (name gin_trgm_ops)`.execute(db)
  for (const table of ['constituents', 'constituent_keys', 'constituent_sources', 'bench_people']) await sql`vacuum analyze ${sql.table(table)}`.execute(db)
  return { name: `import to ${to}`, n: to - from, seconds, perSecond: (to - from) / seconds, p50Ms: 0, p99Ms: 0, rssMb: rss() }
}

interface Answer { readonly found: boolean, readonly first: boolean, readonly wronglyLinked: boolean }
type Ask = (shown: Partial<Resident>, target: string) => Promise<Answer>

async function measure(name: string, size: number, queries: number, ask: Ask): Promise<BenchResult> {
  const next = randomFrom(size)
  const times: number[] = []
  const counts = { found: 0, first: 0, wronglyLinked: 0 }
  // The first tenth warms caches and compilers and is not counted.
  for (let query = -Math.ceil(queries / 10); query < queries; query++) {
    const target = Math.floor(next() * size)
    const shown = corrupted(residentOf(target), next)
    const started = performance.now()
    const answer = await ask(shown, String(target))
    if (query < 0) continue
    times.push(performance.now() - started)
    counts.found += Number(answer.found)
    counts.first += Number(answer.first)
    counts.wronglyLinked += Number(answer.wronglyLinked)
    if (query % 500 === 0) await pause(0)
  }
  const seconds = times.reduce((sum, time) => sum + time, 0) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))]!
  return { name, n: queries, seconds, perSecond: queries / seconds, p50Ms: at(0.5), p99Ms: at(0.99), rssMb: rss(), found: counts.found / queries, foundFirst: counts.first / queries, wronglyLinked: counts.wronglyLinked / queries }
}

// Constituents are made in the order of the residents, so resident n has id n + 1.
async function askIndex(index: CandidateIndex, shown: Partial<Resident>, target: string): Promise<Answer> {
  const ids = idsOf(await index.findCandidates(personOfResident(shown)))
  const wanted = String(Number(target) + 1)
  return { found: ids.list.includes(wanted), first: ids.list[0] === wanted, wronglyLinked: ids.linked !== undefined && ids.linked !== wanted }
}

function idsOf(verdict: MatchVerdict): { list: string[], linked?: string } {
  if (verdict.kind === 'linked') return { list: [verdict.candidate, ...verdict.others].map((candidate) => candidate.constituentId), linked: verdict.candidate.constituentId }
  return { list: verdict.kind === 'possible' ? verdict.candidates.map((candidate) => candidate.constituentId) : [] }
}

async function askTrigrams(db: Kysely<unknown>, shown: Partial<Resident>, target: string): Promise<Answer> {
  const name = `${shown.given ?? ''} ${shown.family ?? ''}`.trim()
  const { rows } = await sql<{ id: string }>`
    select id::text from bench_people where name % ${name} order by similarity(name, ${name}) desc limit 10
  `.execute(db)
  const wanted = String(Number(target) + 1)
  return { found: rows.some((row) => row.id === wanted), first: rows[0]?.id === wanted, wronglyLinked: false }
}

function machine(): MatchBench['machine'] {
  const cpus = os.cpus()
  return { cpus: cpus.length, model: cpus[0]?.model ?? 'unknown', memoryGb: Math.round(os.totalmem() / 1024 ** 3) }
}

async function postgresVersion(db: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(db)
  return rows[0]!.version
}

function rss(): number {
  return Math.round(process.memoryUsage.rss() / 1024 ** 2)
}
