/**
 * The index in PostgreSQL. A look-up reads a bounded number of entries, however many contacts are
 * stored.
 */
import { sql } from 'kysely'
import { NEWEST_PER_KEY } from './key-index.ts'
import { locationKeys, type Location } from './location.ts'
import { sketch } from './sketch.ts'
import type { Comparable } from './comparable.ts'
import { paperText, type Content } from './content.ts'
import { NO_BYTES } from '../envelope.ts'
import { lockNumbers } from '../../platform/db/advisory-locks.ts'
import type { Db } from '../../platform/db/database.ts'

export interface IndexedContact {
  readonly contactId: string
  readonly arrivedAt: Date
  readonly location?: Location | undefined
  readonly category?: string | undefined
}

export interface ComparedContact extends IndexedContact {
  readonly text: Comparable
  readonly content: Content
}

/**
 * Bit patterns that separate keys of places and of files' bytes from keys of words. A clash costs
 * one needless comparison.
 */
const LOCATION_SALT = 0x5bd1e995
const FILE_SALT = 0x1b873593
/** Files of a contact by which it can be found. */
const FILES = 16

/**
 * Locks texts until the transaction ends, so that other transactions settling the same or nearly
 * the same texts wait, and two copies arriving at once see each other. Different texts do not wait.
 * Locks are taken in one order, so that two sets cannot wait for each other. Call it first in the
 * settling transaction.
 */
export async function lockTexts(db: Db, texts: readonly Comparable[]): Promise<void> {
  // Equal texts have the same smallest keys. Similar ones share each key with a probability equal
  // to their resemblance.
  await lockNumbers(db, 'text', texts.flatMap(lowestKeys))
}

function lowestKeys(text: Comparable): number[] {
  return [...sketchOf(text)].slice(0, 2)
}

/**
 * Stores a set of contacts for later look-ups, in the given order. Storing one again does nothing.
 */
export async function indexContacts(db: Db, contacts: readonly ComparedContact[]): Promise<void> {
  if (contacts.length === 0) return
  const column = <T>(pick: (contact: ComparedContact) => T) => contacts.map(pick)
  const keysOf = (contact: ComparedContact) => [
    ...new Set([
      ...sketchOf(contact.text),
      ...paperSketchOf(contact),
      ...fileKeys(contact),
      ...saltedLocationKeys(contact.location, 'own')
    ])
  ]
  await sql`
    with given as (
      select * from unnest(${column(({ contactId }) => contactId)}::uuid[],
        ${column(({ arrivedAt }) => arrivedAt)}::timestamptz[],
        ${column(({ location }) => location?.lat ?? null)}::float8[],
        ${column(({ location }) => location?.long ?? null)}::float8[],
          ${column(({ category }) => category ?? null)}::text[],
          ${column((contact) => `{${keysOf(contact).join()}}`)}::text[])
        with ordinality as g (contact_id, arrived_at, lat, long, category, keys, n)
    ), contact as (
      insert into duplicate_contacts (contact_id, arrived_at, lat, long, category, keys)
        select contact_id, arrived_at, lat, long, category, keys::int4[] from given order by n
      on conflict (contact_id) do nothing returning no, keys)
    insert into duplicate_keys (key, no) select key, no from contact, unnest(keys) as key
      order by 1, 2`.execute(db)
}

const sketches = new WeakMap<Comparable, Int32Array>()

/** The text's sketch, computed once. */
export function sketchOf(text: Comparable): Int32Array {
  const known = sketches.get(text) ?? sketch(text.letters)
  sketches.set(text, known)
  return known
}

/** The sketch of papers that came together with words. */
export function paperSketchOf({ content }: Pick<ComparedContact, 'content'>): Int32Array {
  const text = content.words && content.papers.length > 0 ? paperText(content) : undefined
  return text ? sketchOf(text) : new Int32Array()
}

/** Keys by which identical files are found, also those without text. */
export function fileKeys({ content }: Pick<ComparedContact, 'content'>): number[] {
  return content.papers
    .filter(({ sha256 }) => sha256 !== NO_BYTES)
    .slice(0, FILES)
    .map(({ sha256 }) => Number.parseInt(sha256.slice(0, 8), 16) ^ FILE_SALT)
}

/**
 * The newest entries for each key, at most `NEWEST_PER_KEY`, in one statement for a whole set. A
 * phrase that is in every letter costs no more than a rare one.
 */
export async function holdersOf(db: Db, keys: readonly number[]): Promise<Map<number, string[]>> {
  const holders = new Map<number, string[]>()
  if (keys.length === 0) return holders
  const { rows } = await sql<{ key: number; no: string }>`
    select wanted.key, held.no from unnest(${keys}::int4[]) as wanted (key)
    cross join lateral (select no from duplicate_keys where key = wanted.key order by no desc
      limit ${NEWEST_PER_KEY}) as held`.execute(db)
  for (const { key, no } of rows) {
    const known = holders.get(key)
    if (known) known.push(no)
    else holders.set(key, [no])
  }
  return holders
}

/** Indexed contacts by their numbers in this index. */
export async function indexedByNo(
  db: Db,
  nos: readonly string[]
): Promise<Map<string, IndexedContact>> {
  if (nos.length === 0) return new Map()
  const { rows } = await sql<
    IndexRow & { no: string }
  >`select no::text, contact_id, arrived_at, lat, long, category from duplicate_contacts
      where no = any(${nos}::bigint[])`.execute(db)
  return new Map(rows.map((row) => [row.no, toIndexed(row)]))
}

/**
 * Indexed contacts by id, for comparing with a person's own earlier ones whatever their words.
 * Unknown ids are left out.
 */
export async function readIndexed(
  db: Db,
  contactIds: readonly string[]
): Promise<IndexedContact[]> {
  const { rows } = await sql<IndexRow>`
    select contact_id, arrived_at, lat, long, category from duplicate_contacts
      where contact_id = any(${contactIds}::uuid[])`.execute(db)
  return rows.map(toIndexed)
}

/**
 * Deletes entries that arrived before a time that no window reaches any more, earliest first and at
 * most `most`. Returns how many.
 */
export async function forgetBefore(db: Db, before: Date, most: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from duplicate_contacts where no in (select no from duplicate_contacts
      where arrived_at < ${before} order by arrived_at limit ${most})`.execute(db)
  return Number(numAffectedRows ?? 0)
}

interface IndexRow {
  contact_id: string
  arrived_at: Date
  lat: number | null
  long: number | null
  category: string | null
}

function toIndexed(row: IndexRow): IndexedContact {
  const location =
    row.lat === null || row.long === null ? undefined : { lat: row.lat, long: row.long }
  return {
    contactId: row.contact_id,
    arrivedAt: row.arrived_at,
    location,
    category: row.category ?? undefined
  }
}

/** Keys of a place, salted so that they differ from keys of words. */
export function saltedLocationKeys(
  location: Location | undefined,
  around: 'own' | 'near'
): number[] {
  return location ? locationKeys(location, around).map((key) => key ^ LOCATION_SALT) : []
}
