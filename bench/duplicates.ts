/** Cost of one contact's look-up as stored contacts grow, against PostgreSQL; prints JSON. Usage: node bench/duplicates.ts [1000,10000,100000] */
import { cpus } from 'node:os'
import { randomUUID } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { comparable } from '../core/duplicates/comparable.ts'
import { findNeighbours } from '../core/duplicates/find.ts'
import type { SameParty } from '../core/duplicates/judge.ts'
import { rememberMatter } from '../core/duplicates/store.ts'
import { sketch } from '../core/duplicates/sketch.ts'
import { openBenchGround } from './ground.ts'
import { ocrNoise, seeded } from './ocr-noise.ts'

const LOOKUPS = 300
const BATCH = 500
const start = Date.UTC(2026, 0, 1)

// Letters of common words in chance order, one in ten a form letter: many share phrases, few share text.
const words = ('the street light road water bill council please repair since last week children school park noise night dog bin bus stop tree permit office letter '
  + 'answer neighbour house garden fence winter snow ice bridge river traffic crossing accident hospital library saturday morning evening meeting vote tax').split(' ')
const form = Array.from({ length: 90 }, (_, i) => words[(i * 7) % words.length]).join(' ')

function letterText(no: number): string {
  const random = seeded(no + 1)
  const own = Array.from({ length: 90 }, () => words[Math.floor(random() * words.length)]).join(' ')
  return no % 10 === 0 ? `${form} ${own.slice(0, 80)}` : `${own} number ${no}`
}

const ids = new Map<string, number>()

async function fill(db: Kysely<unknown>, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, to - first) }, (_, i) => ({ no: first + i, id: randomUUID() }))
    for (const { no, id } of batch) ids.set(id, no)
    const keys = batch.flatMap(({ no, id }) => [...sketch(comparable(letterText(no)).letters)].map((key) => ({ id, key })))
    await sql`insert into duplicate_matters (contact_id, arrived_at)
      select * from unnest(${batch.map(({ id }) => id)}::uuid[], ${batch.map(({ no }) => new Date(start + no * 1000))}::timestamptz[])`.execute(db)
    await sql`insert into duplicate_keys (key, no) select key, no from unnest(${keys.map(({ id }) => id)}::uuid[], ${keys.map(({ key }) => key)}::int4[]) as made(id, key)
      join duplicate_matters on contact_id = made.id`.execute(db)
  }
}

interface Measured { readonly name: string, readonly n: number, readonly p50Ms: number, readonly p99Ms: number, readonly foundShare: number, readonly rememberP50Ms: number }

async function measure(db: Kysely<unknown>, n: number): Promise<Measured> {
  const random = seeded(n)
  const [finds, stores] = [[] as number[], [] as number[]]
  let found = 0
  for (let i = -20; i < LOOKUPS; i++) {
    // A scanned copy, 3 % of its letters wrong, of one of the letters that are nobody else's.
    const original = Math.floor(random() * n / 10) * 10 + 1
    const matter = { contactId: randomUUID(), arrivedAt: new Date(start + n * 1000), text: comparable(ocrNoise(letterText(original), 0.03, i + 1000)) }
    const began = performance.now()
    const neighbours = await findNeighbours(db, matter, { texts: readTexts, parties: nobodyKnown, ownEarlier: [], windowHours: 504 })
    const looked = performance.now()
    await db.transaction().execute(async (transaction) => rememberMatter(transaction, matter))
    if (i < 0) continue
    finds.push(looked - began)
    stores.push(performance.now() - looked)
    if (neighbours[0]?.verdict.kind === 'likely' && ids.get(neighbours[0].contactId) === original) found += 1
  }
  return { name: 'find', n, p50Ms: quantile(finds, 0.5), p99Ms: quantile(finds, 0.99), foundShare: found / LOOKUPS, rememberP50Ms: quantile(stores, 0.5) }
}

async function readTexts(contactIds: readonly string[]): Promise<Map<string, string>> {
  return new Map(contactIds.flatMap((id) => ids.has(id) ? [[id, letterText(ids.get(id) as number)]] : []))
}

async function nobodyKnown(): Promise<Map<string, SameParty>> {
  return new Map()
}

function quantile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b)
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100) / 100
}

const sizes = (process.argv[2] ?? '1000,10000,100000').split(',').map(Number)
const { ground, close } = await openBenchGround('postgres')
const db = ground.db as unknown as Kysely<unknown>
try {
  const results: Measured[] = []
  let stored = 0
  for (const size of sizes) {
    await fill(db, stored, size)
    stored = size
    await sql`vacuum analyze`.execute(db)
    results.push(await measure(db, size))
  }
  const [first, last] = [results[0], results.at(-1)]
  const ratios = first && last ? [{ name: `p50 ${first.n} → ${last.n}`, ours: last.p50Ms, theirs: first.p50Ms, ratio: Math.round(last.p50Ms / first.p50Ms * 100) / 100 }] : []
  console.info(JSON.stringify({ bench: 'duplicates', machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`, versions: process.versions.node, results, ratios }, null, 2))
} finally {
  await close()
}
