import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import {
  candidateIndex,
  type CandidateIndex,
  type MatchVerdict
} from '../core/matching/candidates.ts'
import { trainOnRegister } from '../core/matching/models.ts'
import { importRows } from '../core/matching/register.ts'
import { ratio, report, round, type BenchReport, type BenchResult } from './report.ts'
import {
  corrupted,
  personOfResident,
  residentOf,
  rowOfResident,
  type Resident
} from './match-people.ts'
import type { Db } from '../platform/db/database.ts'
import { seeded } from './random.ts'

export interface MatchBenchOptions {
  /** Register sizes, growing; each adds to the one before. */
  readonly sizes: readonly number[]
  readonly queries: number
  /** Queries against `pg_trgm`, which is slow. */
  readonly baselineQueries: number
  readonly onProgress: (message: string) => void
}

/**
 * Match step against a growing register of made-up residents: cost per contact, and how often the
 * right person comes first, on corrupted queries. PostgreSQL's `pg_trgm` similarity follows in the
 * same run, on the same register and corruptions, but on the name alone, on fewer queries, and not
 * interleaved: its share found is no like-for-like figure. The database must be empty and migrated.
 */
export async function benchMatch(db: Db, options: MatchBenchOptions): Promise<BenchReport> {
  const results: BenchResult[] = []
  const ratios: BenchReport['ratios'][number][] = []
  await prepareBaseline(db)
  let held = 0
  for (const size of options.sizes) {
    results.push(await grow(db, held, size, options.onProgress))
    held = size
    const index = candidateIndex(db, await trainOnRegister(db))
    const ours = await measure(`match ${size}`, size, options.queries, (shown, target) =>
      askIndex(index, shown, target)
    )
    const theirs = await measure(
      `pg_trgm ${size}`,
      size,
      options.baselineQueries,
      (shown, target) => askTrigrams(db, shown, target)
    )
    results.push(ours, theirs)
    options.onProgress(
      `${ours.name}: p99 ${ours.p99Ms} ms, found ${ours['found']}; ${theirs.name}: p99 ${theirs.p99Ms} ms, found ${theirs['found']}`
    )
    ratios.push(ratio(`p99 at ${size}, ours ÷ pg_trgm`, ours.p99Ms!, theirs.p99Ms!))
  }
  return report('match', results, [...ratios, ...growth(results)], {
    postgres: await postgresVersion(db)
  })
}

function growth(results: readonly BenchResult[]): BenchReport['ratios'] {
  const ours = results.filter(({ name }) => name.startsWith('match '))
  const [first, last] = [ours[0], ours.at(-1)]
  if (!first || !last || first === last) return []
  return [
    ratio(`p50 growth ${first.name} to ${last.name}`, last.p50Ms!, first.p50Ms!),
    ratio(`p99 growth ${first.name} to ${last.name}`, last.p99Ms!, first.p99Ms!)
  ]
}

async function prepareBaseline(db: Db): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db)
  await sql`create table bench_people (id bigint primary key, name text not null)`.execute(db)
}

async function grow(
  db: Db,
  from: number,
  to: number,
  onProgress: (message: string) => void
): Promise<BenchResult> {
  const started = performance.now()
  function* rows() {
    for (let index = from; index < to; index++) yield rowOfResident(index)
  }
  await importRows(db, 'bench', rows(), undefined, ({ added }) => {
    if (added % 20_000 === 0) onProgress(`imported ${from + added}`)
  })
  const seconds = (performance.now() - started) / 1000
  await sql`insert into bench_people select constituent_id, value from constituent_names
      on conflict do nothing`.execute(db)
  await sql`create index if not exists bench_people_name on bench_people using gin (name
      gin_trgm_ops)`.execute(db)
  for (const table of ['constituents', 'constituent_keys', 'constituent_sources', 'bench_people'])
    await sql`vacuum analyze ${sql.table(table)}`.execute(db)
  return {
    name: `import to ${to}`,
    n: to - from,
    seconds: round(seconds),
    perSecond: Math.round((to - from) / seconds),
    rssMb: rss(),
    databaseMb: await databaseMb(db)
  }
}

interface Answer {
  readonly found: boolean
  readonly first: boolean
  readonly wronglyLinked: boolean
}
type Ask = (shown: Partial<Resident>, target: string) => Promise<Answer>

async function measure(
  name: string,
  size: number,
  queries: number,
  ask: Ask
): Promise<BenchResult> {
  const next = seeded(size)
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
  const at = (part: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))]!
  const share = (count: number): number => round(count / queries)
  return {
    name,
    n: queries,
    seconds: round(seconds),
    perSecond: Math.round(queries / seconds),
    p50Ms: round(at(0.5)),
    p99Ms: round(at(0.99)),
    rssMb: rss(),
    found: share(counts.found),
    foundFirst: share(counts.first),
    wronglyLinked: share(counts.wronglyLinked)
  }
}

// Constituents are made in the order of the residents, so resident n has id n + 1.
async function askIndex(
  index: CandidateIndex,
  shown: Partial<Resident>,
  target: string
): Promise<Answer> {
  const ids = idsOf(await index.findCandidates(personOfResident(shown)))
  const wanted = String(Number(target) + 1)
  return {
    found: ids.list.includes(wanted),
    first: ids.list[0] === wanted,
    wronglyLinked: ids.linked !== undefined && ids.linked !== wanted
  }
}

function idsOf(verdict: MatchVerdict): { list: string[]; linked?: string } {
  if (verdict.kind === 'linked')
    return {
      list: [verdict.candidate, ...verdict.others].map((candidate) => candidate.constituentId),
      linked: verdict.candidate.constituentId
    }
  return {
    list:
      verdict.kind === 'possible'
        ? verdict.candidates.map((candidate) => candidate.constituentId)
        : []
  }
}

async function askTrigrams(db: Db, shown: Partial<Resident>, target: string): Promise<Answer> {
  const name = `${shown.given ?? ''} ${shown.family ?? ''}`.trim()
  const { rows } = await sql<{ id: string }>`
    select id::text from bench_people where name % ${name} order by similarity(name, ${name}) desc
      limit 10
  `.execute(db)
  const wanted = String(Number(target) + 1)
  return {
    found: rows.some((row) => row.id === wanted),
    first: rows[0]?.id === wanted,
    wronglyLinked: false
  }
}

/** Of the register and its index, the baseline's table aside. */
async function databaseMb(db: Db): Promise<number> {
  const { rows } = await sql<{
    bytes: string
  }>`select sum(pg_total_relation_size(oid)) as bytes from pg_class
      where relname like 'constituent%' and relkind = 'r'`.execute(db)
  return Math.round(Number(rows[0]!.bytes) / 1024 ** 2)
}

async function postgresVersion(db: Db): Promise<string> {
  const { rows } = await sql<{
    version: string
  }>`select current_setting('server_version') as version`.execute(db)
  return rows[0]!.version
}

function rss(): number {
  return Math.round(process.memoryUsage.rss() / 1024 ** 2)
}
