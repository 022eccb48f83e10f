/** Search over growing numbers of contacts: cost of each kind of question, and whether planted words are found. */
import { sql } from 'kysely'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { indexDue } from '../core/search/index-due.ts'
import { searchCases, type SearchFilter } from '../core/search/search.ts'
import { corrupted, residentOf, type Resident } from './match-people.ts'
import { seeded } from './random.ts'
import {
  pump,
  quantile,
  ratio,
  report,
  result,
  round,
  type BenchReport,
  type BenchResult
} from './report.ts'
import { openBenchRuntime } from './runtime.ts'

export interface SearchBenchOptions {
  /** Contacts stored, growing. */
  readonly sizes: readonly number[]
  /** Questions of each kind. */
  readonly queries: number
}

/** Contacts written by one statement. */
const SET = 2_000
/** Words of a message; a mail of the corpora has 90 in the middle. */
const WORDS = 90
const DEPARTMENTS = ['general', 'streets', 'water', 'parks']

/** Target: p95 of at most 300 ms at a million contacts, and every planted word found. */
export async function benchSearch(
  { sizes, queries }: SearchBenchOptions,
  say: (text: string) => void
): Promise<BenchReport> {
  const { runtime, close } = await openBenchRuntime('postgres')
  const results: BenchResult[] = []
  try {
    let there = 0
    for (const size of sizes) {
      results.push(await grow(runtime, there, size, say))
      there = size
      for (const kind of kinds) {
        results.push(await ask(runtime, kind, size, queries))
        say(`${results.at(-1)!.name}: p95 ${results.at(-1)!['p95Ms']} ms`)
      }
    }
    return report('search', results, growth(results, sizes))
  } finally {
    await close()
  }
}

interface Kind {
  readonly name: string
  /** The question about the contact of that number. */
  readonly typed: (no: number) => string
  readonly filter?: SearchFilter
  /** Whether it names one contact, which must then be among the hits. */
  readonly needle: boolean
}

const kinds: readonly Kind[] = [
  { name: 'a planted word', typed: (no) => planted(no), needle: true },
  { name: 'a name', typed: (no) => nameOf(resident(no)), needle: false },
  { name: 'a name misspelled', typed: (no) => nameOf(misspelled(no)), needle: false },
  { name: 'a mail address', typed: (no) => resident(no).email, needle: true },
  { name: 'the commonest word', typed: () => word(0), needle: false },
  {
    name: 'two common words',
    typed: (no) => `${word(no % 20)} ${word(20 + (no % 50))}`,
    needle: false
  },
  {
    name: 'a common word in one department',
    typed: (no) => word(no % 20),
    filter: { departments: ['parks'] },
    needle: false
  },
  { name: 'a word that is nowhere', typed: (no) => `xq${no}zz`, needle: false }
]

async function ask(
  { db }: Pick<Runtime, 'db'>,
  { name, typed, filter, needle }: Kind,
  size: number,
  queries: number
): Promise<BenchResult> {
  const random = seeded(size)
  let found = 0
  const { latencies, seconds } = await pump(queries, 1, async () => {
    const no = Math.floor(random() * size)
    const { hits } = await searchCases(db, typed(no), { languages: ['en', 'es'], ...filter })
    if (hits.some(({ receipt }) => receipt === `bench-${no}`)) found++
  })
  const sorted = latencies.toSorted((a, b) => a - b)
  return result(`${name}, ${size} contacts`, seconds, latencies, {
    contacts: size,
    p95Ms: round(quantile(sorted, 0.95)),
    ...(needle ? { needles: queries, found } : {})
  })
}

async function grow(
  runtime: OpenRuntime,
  from: number,
  to: number,
  say: (text: string) => void
): Promise<BenchResult> {
  for (let no = from; no < to; no += SET) {
    await fill(runtime, no, Math.min(to, no + SET))
    if (no % 50_000 === 0) say(`search: ${no} contacts written`)
  }
  const started = performance.now()
  const latencies: number[] = []
  for (let done = 0, set = 1; set > 0; done += set) {
    const before = performance.now()
    set = await indexDue(runtime.db, SET)
    latencies.push((performance.now() - before) / Math.max(1, set))
    if (done % 50_000 === 0) say(`search: ${done} indexed`)
  }
  await sql`vacuum analyze search_entries, cases, case_contacts, contacts`.execute(runtime.db)
  return result(`indexing up to ${to}`, (performance.now() - started) / 1000, latencies, {
    contacts: to,
    perContactMs: round((performance.now() - started) / (to - from))
  })
}

/** Contacts in line as settling makes them, by one statement a table. */
async function fill({ db }: Pick<Runtime, 'db'>, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  await db.transaction().execute(async (trx) => {
    await sql`
      insert into contacts (id, channel, source, external_id, receipt, raw_sha256, raw_bytes,
        media_type, recipients, evidence, state, outcome, envelope)
      select gen_random_uuid(), 'email', 'bench', n::text, 'bench-' || n, repeat('0', 64), 1,
        'message/rfc822', '{}', '{}', 'settled', 'case', envelope
      from unnest(${numbers}::bigint[],
        ${numbers.map((no) => JSON.stringify(envelope(no)))}::jsonb[])
        as given (n, envelope)`.execute(trx)
    await sql`
      with made as (
        insert into cases (id, contact_id, department, state, arrived_at, ordinal, channel, receipt,
          language)
        select gen_random_uuid(), id, (${DEPARTMENTS}::text[])[1 + external_id::bigint % 4],
          'waiting', arrived_at, ordinal, channel, receipt, 'en' from contacts
        where source = 'bench' and external_id = any(${numbers.map(String)}::text[])
        returning id, contact_id)
      insert into case_contacts (case_id, contact_id, role, reason)
        select id, contact_id, 'first', 'bench' from made`.execute(trx)
  })
}

function envelope(no: number): object {
  const random = seeded(no)
  const { email, phone } = resident(no)
  const words = Array.from({ length: WORDS }, () => word(Math.floor(20_000 * random() ** 4)))
  words[Math.floor(random() * WORDS)] = planted(no)
  return {
    channel: 'email',
    sender: { name: nameOf(resident(no)), emails: [email], phones: [phone], addresses: [] },
    recipients: [],
    subject: words.slice(0, 5).join(' '),
    text: words.join(' '),
    language: 'en',
    documents: [],
    evidence: {}
  }
}

const resident = residentOf
const misspelled = (no: number) => corrupted(resident(no), seeded(no))
const nameOf = ({ given = '', family = '' }: Partial<Resident>) => `${given} ${family}`
const planted = (no: number) => `${no.toString(36)}qzx`

const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo za'.split(' ')
/** A made-up word of a vocabulary in which the first are by far the commonest. */
function word(rank: number): string {
  const at = (place: number) => syllables[Math.floor(rank / 20 ** place) % 20]!
  return `${at(0)}${at(1)}${at(2)}${at(3)}`
}

function growth(results: readonly BenchResult[], sizes: readonly number[]): BenchReport['ratios'] {
  const [first, last] = [sizes[0]!, sizes.at(-1)!]
  if (first === last) return []
  return kinds.flatMap(({ name }) => {
    const at = (size: number) => results.find((one) => one.name === `${name}, ${size} contacts`)
    const [small, large] = [at(first), at(last)]
    return small && large
      ? [ratio(`p50 of ${name}, ${last} against ${first}`, large.p50Ms!, small.p50Ms!)]
      : []
  })
}
