/** The index in PostgreSQL: a contact's look-up reads a bounded number of index entries, however many contacts are stored. */
import { sql, type Kysely } from 'kysely'
import { CANDIDATES, leastShared, NEWEST_PER_KEY } from './key-index.ts'
import { placeKeys, type Place } from './place.ts'
import { sketch } from './sketch.ts'
import type { Comparable } from './comparable.ts'

export interface StoredMatter {
  readonly contactId: string
  readonly arrivedAt: Date
  readonly place?: Place | undefined
  readonly category?: string | undefined
}

export interface NewMatter extends StoredMatter {
  readonly text: Comparable
}

/** Keys of a place are told from keys of words by this bit pattern; a clash only costs one needless comparison. */
const PLACE_SALT = 0x5bd1e995

/**
 * Holds off other transactions settling the same or nearly the same text, until this one ends, so that two copies arriving at once
 * see each other. Different texts do not wait. Call it first in the settling transaction.
 */
export async function holdText(db: Kysely<unknown>, text: Comparable): Promise<void> {
  await holdTexts(db, [text])
}

/** The same for a set of texts, in one order, so that two sets cannot wait for each other. */
export async function holdTexts(db: Kysely<unknown>, texts: readonly Comparable[]): Promise<void> {
  // Equal texts share their smallest keys; alike ones share each with the probability of their resemblance.
  const keys = texts.flatMap(lowestKeys)
  if (keys.length === 0) return
  await sql`
    select pg_advisory_xact_lock(${LOCK_SPACE}::int, lock)
    from (select distinct key & ${LOCKS - 1} as lock from unnest(${keys}::int4[]) as key order by 1) as locks`.execute(db)
}

/** Keys share so many locks, so that a set of hundreds stays far below what PostgreSQL can hold. */
const LOCKS = 1024

const LOCK_SPACE = 0x64757065

function lowestKeys(text: Comparable): number[] {
  return [...sketchOf(text)].slice(0, 2)
}

/** Remembers a contact for later look-ups; again is a no-op. */
export async function rememberMatter(db: Kysely<unknown>, matter: NewMatter): Promise<void> {
  await rememberMatters(db, [matter])
}

/** Remembers a set of contacts, in the order given. */
export async function rememberMatters(db: Kysely<unknown>, matters: readonly NewMatter[]): Promise<void> {
  if (matters.length === 0) return
  const column = <T>(pick: (matter: NewMatter) => T) => matters.map(pick)
  const keysOf = ({ text, place }: NewMatter) => [...new Set([...sketchOf(text), ...saltedPlaceKeys(place, 'own')])]
  await sql`
    with given as (
      select * from unnest(${column(({ contactId }) => contactId)}::uuid[], ${column(({ arrivedAt }) => arrivedAt)}::timestamptz[], ${column(({ place }) => place?.lat ?? null)}::float8[],
        ${column(({ place }) => place?.long ?? null)}::float8[], ${column(({ category }) => category ?? null)}::text[], ${column((matter) => `{${keysOf(matter).join()}}`)}::text[])
        with ordinality as g (contact_id, arrived_at, lat, long, category, keys, n)
    ), matter as (
      insert into duplicate_matters (contact_id, arrived_at, lat, long, category, keys) select contact_id, arrived_at, lat, long, category, keys::int4[] from given order by n
      on conflict (contact_id) do nothing returning no, keys)
    insert into duplicate_keys (key, no) select key, no from matter, unnest(keys) as key order by 1, 2`.execute(db)
}

const sketches = new WeakMap<Comparable, Int32Array>()

/** The text's sketch, made once. */
export function sketchOf(text: Comparable): Int32Array {
  const known = sketches.get(text) ?? sketch(text.letters)
  sketches.set(text, known)
  return known
}

/** The newest holders of each key, at most `NEWEST_PER_KEY`, in one statement for a whole set. */
export async function holdersOf(db: Kysely<unknown>, keys: readonly number[]): Promise<Map<number, string[]>> {
  const holders = new Map<number, string[]>()
  if (keys.length === 0) return holders
  const { rows } = await sql<{ key: number; no: string }>`
    select wanted.key, held.no from unnest(${keys}::int4[]) as wanted (key)
    cross join lateral (select no from duplicate_keys where key = wanted.key order by no desc limit ${NEWEST_PER_KEY}) as held`.execute(db)
  for (const { key, no } of rows) {
    const known = holders.get(key)
    if (known) known.push(no)
    else holders.set(key, [no])
  }
  return holders
}

/** Known contacts by their numbers in this index. */
export async function mattersByNo(db: Kysely<unknown>, nos: readonly string[]): Promise<Map<string, StoredMatter>> {
  if (nos.length === 0) return new Map()
  const { rows } = await sql<MatterRow & { no: string }>`select no::text, contact_id, arrived_at, lat, long, category from duplicate_matters where no = any(${nos}::bigint[])`.execute(db)
  return new Map(rows.map((row) => [row.no, toMatter(row)]))
}

/** Earlier contacts that share wording or place with this one, most shared keys first; at most 2 × `CANDIDATES`. */
export async function findMatters(db: Kysely<unknown>, matter: NewMatter, windowHours: number): Promise<StoredMatter[]> {
  const words = [...sketch(matter.text.letters)]
  const byWords = await holders(db, matter, words, leastShared(words), windowHours)
  const byPlace = matter.place ? await holders(db, matter, saltedPlaceKeys(matter.place, 'near'), 1, windowHours) : []
  return [...new Map([...byWords, ...byPlace].map((found) => [found.contactId, found])).values()]
}

/** Known contacts by id, for comparing a person's own earlier ones whatever their words. Unknown ids are left out. */
export async function readMatters(db: Kysely<unknown>, contactIds: readonly string[]): Promise<StoredMatter[]> {
  const { rows } = await sql<MatterRow>`
    select contact_id, arrived_at, lat, long, category from duplicate_matters where contact_id = any(${contactIds}::uuid[])`.execute(db)
  return rows.map(toMatter)
}

/** Forgets a contact (retention). Its links and membership are rows of their own. */
export async function forgetMatter(db: Kysely<unknown>, contactId: string): Promise<void> {
  await sql`delete from duplicate_matters where contact_id = ${contactId}`.execute(db)
}

/** Forgets what arrived before a time, once no window reaches it, the earliest first and at most so many; returns how many. */
export async function forgetBefore(db: Kysely<unknown>, before: Date, most: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from duplicate_matters where no in (select no from duplicate_matters where arrived_at < ${before} order by arrived_at limit ${most})`.execute(db)
  return Number(numAffectedRows ?? 0)
}

interface MatterRow {
  contact_id: string
  arrived_at: Date
  lat: number | null
  long: number | null
  category: string | null
}

function toMatter(row: MatterRow): StoredMatter {
  const place = row.lat === null || row.long === null ? undefined : { lat: row.lat, long: row.long }
  return { contactId: row.contact_id, arrivedAt: row.arrived_at, place, category: row.category ?? undefined }
}

// At most NEWEST_PER_KEY index entries are read of each key: a phrase in every letter costs no more than a rare one.
async function holders(db: Kysely<unknown>, matter: NewMatter, keys: readonly number[], least: number, windowHours: number): Promise<StoredMatter[]> {
  const { rows } = await sql<MatterRow>`
    with shared as (
      select held.no, count(*) as keys from unnest(${keys}::int4[]) as wanted(key)
      cross join lateral (select no from duplicate_keys where key = wanted.key order by no desc limit ${NEWEST_PER_KEY}) as held
      group by held.no having count(*) >= ${least} order by keys desc, held.no desc limit ${CANDIDATES})
    select contact_id, arrived_at, lat, long, category from shared join duplicate_matters using (no)
    where contact_id <> ${matter.contactId} and arrived_at >= ${matter.arrivedAt}::timestamptz - make_interval(hours => ${Math.ceil(windowHours)})
    order by shared.keys desc, no desc`.execute(db)
  return rows.map(toMatter)
}

/** Keys of a place, kept apart from keys of words. */
export function saltedPlaceKeys(place: Place | undefined, around: 'own' | 'near'): number[] {
  return place ? placeKeys(place, around).map((key) => key ^ PLACE_SALT) : []
}
