/**
 * Cost of settling's duplicate lookup for one contact as stored contacts grow, its remembering
 * included; prints JSON. Usage: node bench/duplicates.ts [1000,10000,100000]
 */
import { cpus } from 'node:os'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { comparable } from '../core/duplicates/comparable.ts'
import { contentOf } from '../core/duplicates/content.ts'
import { sketch } from '../core/duplicates/sketch.ts'
import type { WrittenContact } from '../core/duplicates/texts.ts'
import { openRecognition } from '../core/people/recognition.ts'
import { findDuplicates, type DuplicateLookupContext } from '../core/settle/duplicate-lookup.ts'
import type { ReadyContact } from '../core/settle/lookups.ts'
import { openBenchRuntime } from './runtime.ts'
import { ocrNoise } from './ocr-noise.ts'
import { seeded } from './random.ts'
import type { Db } from '../platform/db/database.ts'

const LOOKUPS = 300
const BATCH = 500
const start = Date.UTC(2026, 0, 1)

// Letters of common words in chance order, one in ten a form letter: many share phrases, few share
// text.
const words = (
  'the street light road water bill council please repair since last week children school park noise night dog bin bus stop tree permit office letter ' +
  'answer neighbour house garden fence winter snow ice bridge river traffic crossing accident hospital library saturday morning evening meeting vote tax'
).split(' ')
const form = Array.from({ length: 90 }, (_, i) => words[(i * 7) % words.length]).join(' ')

function letterText(no: number): string {
  const random = seeded(no + 1)
  const own = Array.from({ length: 90 }, () => words[Math.floor(random() * words.length)]).join(' ')
  return no % 10 === 0 ? `${form} ${own.slice(0, 80)}` : `${own} number ${no}`
}

const ids = new Map<string, number>()

async function fill(db: Db, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, to - first) }, (_, i) => ({
      no: first + i,
      id: randomUUID()
    }))
    for (const { no, id } of batch) ids.set(id, no)
    const keys = batch.flatMap(({ no, id }) =>
      [...sketch(comparable(letterText(no)).letters)].map((key) => ({ id, key }))
    )
    await sql`insert into duplicate_contacts (contact_id, arrived_at)
      select * from unnest(${batch.map(({ id }) => id)}::uuid[],
        ${batch.map(({ no }) => new Date(start + no * 1000))}::timestamptz[])`.execute(db)
    await sql`insert into duplicate_keys (key, no) select key, no
        from unnest(${keys.map(({ id }) => id)}::uuid[],
        ${keys.map(({ key }) => key)}::int4[]) as made(id, key)
      join duplicate_contacts on contact_id = made.id`.execute(db)
  }
}

interface Measured {
  readonly name: string
  readonly n: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly foundShare: number
}

async function measure(db: Db, n: number, context: DuplicateLookupContext): Promise<Measured> {
  const random = seeded(n)
  const times: number[] = []
  let found = 0
  for (let i = -20; i < LOOKUPS; i++) {
    // A scanned copy, 3 % of its letters wrong, of one of the letters that are nobody else's.
    const original = Math.floor((random() * n) / 10) * 10 + 1
    const contact = arrival(n, ocrNoise(letterText(original), 0.03, i + 1000))
    const { matches, ms } = await look(db, contact, context)
    if (i < 0) continue
    times.push(ms)
    const [first] = matches.get(contact.id) ?? []
    if (first && ids.get(first.otherId) === original) found += 1
  }
  return {
    name: 'find',
    n,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    foundShare: found / LOOKUPS
  }
}

/** Taken back afterwards: a letter copied twice would be a campaign, which suggests nothing. */
async function look(db: Db, contact: ReadyContact, context: DuplicateLookupContext) {
  const trx = await db.startTransaction().execute()
  try {
    const began = performance.now()
    const { matches } = await findDuplicates(trx, [contact], context)
    return { matches, ms: performance.now() - began }
  } finally {
    await trx.rollback().execute()
  }
}

const copies = new Map<string, string>()

function arrival(ordinal: number, text: string): ReadyContact {
  const id = randomUUID()
  copies.set(id, text)
  const arrivedAt = new Date(start + ordinal * 1000)
  return {
    id,
    channel: 'postal',
    receipt: '',
    arrivedAt,
    arrivedAtText: arrivedAt.toISOString(),
    ordinal,
    rawSha256: '',
    kind: 'message',
    tokens: [],
    language: 'en',
    quarantine: undefined,
    said: null,
    report: undefined,
    routing: { recipients: [], answers: {}, subject: '', text }
  }
}

/** The letters stand in no table of contacts: what is measured grows with the index alone. */
const texts: DuplicateLookupContext['texts'] = {
  read: async (_, contactIds) =>
    new Map(
      contactIds.flatMap((id) => {
        const text = copies.get(id) ?? (ids.has(id) ? letterText(ids.get(id)!) : undefined)
        return text === undefined ? [] : [[id, written(id, text)]]
      })
    )
}

function written(contactId: string, text: string): WrittenContact {
  return {
    contactId,
    text: comparable(text),
    content: contentOf(text),
    sender: undefined,
    location: undefined,
    category: undefined
  }
}

function quantile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b)
  return (
    Math.round(
      (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100
    ) / 100
  )
}

const sizes = (process.argv[2] ?? '1000,10000,100000').split(',').map(Number)
const { runtime, close } = await openBenchRuntime('postgres')
const { db } = runtime
try {
  const context = { ...(await openRecognition(runtime)()), texts }
  const results: Measured[] = []
  let stored = 0
  for (const size of sizes) {
    await fill(db, stored, size)
    stored = size
    await sql`vacuum analyze`.execute(db)
    results.push(await measure(db, size, context))
  }
  const [first, last] = [results[0], results.at(-1)]
  const ratios =
    first && last
      ? [
          {
            name: `p50 ${first.n} → ${last.n}`,
            ours: last.p50Ms,
            theirs: first.p50Ms,
            ratio: Math.round((last.p50Ms / first.p50Ms) * 100) / 100
          }
        ]
      : []
  console.info(
    JSON.stringify(
      {
        bench: 'duplicates',
        machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
        versions: process.versions.node,
        results,
        ratios
      },
      null,
      2
    )
  )
} finally {
  await close()
}
