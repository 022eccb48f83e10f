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
  // Equal texts share their smallest keys; alike ones share each with the probability of their resemblance. Ascending, so no deadlock.
  for (const key of lowestKeys(text)) await sql`select pg_advisory_xact_lock(${LOCK_SPACE}, ${key})`.execute(db)
}

const LOCK_SPACE = 0x64757065

function lowestKeys(text: Comparable): number[] {
  return [...sketch(text.letters)].slice(0, 2)
}

/** Remembers a contact for later look-ups; again is a no-op. */
export async function rememberMatter(db: Kysely<unknown>, matter: NewMatter): Promise<void> {
  const keys = [...new Set([...sketch(matter.text.letters), ...saltedPlaceKeys(matter.place, 'own')])]
  await sql`
    with matter as (
      insert into duplicate_matters (contact_id, arrived_at, lat, long, category)
      values (${matter.contactId}, ${matter.arrivedAt}, ${matter.place?.lat ?? null}, ${matter.place?.long ?? null}, ${matter.category ?? null})
      on conflict (contact_id) do nothing returning no)
    insert into duplicate_keys (key, no) select key, no from matter, unnest(${keys}::int4[]) as key`.execute(db)
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

/** Forgets all that arrived before a time, once no window reaches it; returns how many. */
export async function forgetBefore(db: Kysely<unknown>, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`delete from duplicate_matters where arrived_at < ${before}`.execute(db)
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

function saltedPlaceKeys(place: Place | undefined, around: 'own' | 'near'): number[] {
  return place ? placeKeys(place, around).map((key) => key ^ PLACE_SALT) : []
}
