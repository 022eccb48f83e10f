import { sql } from 'kysely'
import { askByKeys, askMakersByKeys } from './looks-due.ts'
import type { Person } from './person.ts'
import { indexKeys, protectPerson, type Protection } from './protect.ts'
import type { Db } from '../../platform/db/database.ts'

/** One row of an agency's register: comparable, and as written for people to read. */
export interface RegisterRow {
  readonly externalId: string
  readonly person: Person
  /** What the agency may show: names, mail addresses, phones and addresses as they were written. */
  readonly shown: {
    readonly names: readonly string[]
    readonly emails: readonly string[]
    readonly phones: readonly string[]
    readonly addresses: readonly string[]
  }
}

export interface ImportProgress {
  readonly added: number
  readonly updated: number
  readonly unchanged: number
}

/**
 * Rows written per statement: 64-row and larger sets are where PostgreSQL's insert rate levels off.
 */
const BATCH = 500

/**
 * Brings rows of one source into the register. A row seen before (same source and external id)
 * updates its constituent and keeps its id; rows that say the same leave no trace. Each batch is
 * one transaction, so an import that ends midway can simply be run again.
 */
export async function importRows(
  db: Db,
  source: string,
  rows: Iterable<RegisterRow>,
  protection: Protection = { kind: 'plain' },
  onProgress: (progress: ImportProgress) => void = () => {}
): Promise<ImportProgress> {
  let progress: ImportProgress = { added: 0, updated: 0, unchanged: 0 }
  for (const batch of batches(rows)) {
    const done = await db
      .transaction()
      .execute((trx) => importBatch(trx, source, batch, protection))
    progress = {
      added: progress.added + done.added,
      updated: progress.updated + done.updated,
      unchanged: progress.unchanged + done.unchanged
    }
    onProgress(progress)
  }
  return progress
}

function* batches(rows: Iterable<RegisterRow>): Generator<RegisterRow[]> {
  // The last row of an external id wins within a batch; one statement cannot touch a row twice.
  let batch = new Map<string, RegisterRow>()
  for (const row of rows) {
    batch.set(row.externalId, row)
    if (batch.size < BATCH) continue
    yield [...batch.values()]
    batch = new Map()
  }
  if (batch.size > 0) yield [...batch.values()]
}

async function importBatch(
  trx: Db,
  source: string,
  batch: readonly RegisterRow[],
  protection: Protection
): Promise<ImportProgress> {
  const entries = batch.map((row) => entryOf(row, protection))
  const known = await knownIds(
    trx,
    source,
    batch.map((row) => row.externalId)
  )
  const fresh = entries.filter(({ row }) => !known.has(row.externalId))
  const old = entries
    .filter(({ row }) => known.has(row.externalId))
    .map((entry) => ({ ...entry, id: known.get(entry.row.externalId)! }))
  const added = await addConstituents(trx, source, fresh, protection.kind)
  const changed = await updateConstituents(trx, old, protection.kind)
  const arrived = fresh.map((entry) => ({ ...entry, id: added.get(entry.row.externalId)! }))
  const news = [...arrived, ...old.filter(({ id }) => changed.has(id))]
  await writeKeys(trx, news)
  await askByKeys(
    trx,
    news.flatMap(({ indexed }) => indexed),
    'a register was imported'
  )
  await askMakersByKeys(
    trx,
    news.flatMap(({ indexed }) => indexed),
    'a register was imported'
  )
  if (protection.kind === 'plain') {
    await dropUnsaid(trx, source, old)
    await writeShown(trx, source, [...arrived, ...old])
  } else await dropShown(trx, old)
  return { added: fresh.length, updated: changed.size, unchanged: old.length - changed.size }
}

interface Entry {
  readonly row: RegisterRow
  readonly kind: 'person' | 'organisation'
  readonly comparable: string
  readonly indexed: readonly bigint[]
  /** As PostgreSQL writes an array, so that arrays of arrays need no shape. */
  readonly keys: string
}

function entryOf(row: RegisterRow, protection: Protection): Entry {
  const indexed = indexKeys(row.person, protection)
  return {
    row,
    kind: kindOf(row.person),
    comparable: JSON.stringify(protectPerson(row.person, protection)),
    indexed,
    keys: `{${indexed.join()}}`
  }
}

function kindOf(person: Person): 'person' | 'organisation' {
  return person.names.length === 0 && person.organisations.length > 0 ? 'organisation' : 'person'
}

async function knownIds(
  trx: Db,
  source: string,
  externalIds: readonly string[]
): Promise<Map<string, string>> {
  const { rows } = await sql<{ external_id: string; constituent_id: string }>`
    select external_id, constituent_id::text from constituent_sources where source = ${source}
      and external_id = any(${externalIds})
  `.execute(trx)
  return new Map(rows.map((row) => [row.external_id, row.constituent_id]))
}

async function addConstituents(
  trx: Db,
  source: string,
  entries: readonly Entry[],
  kept: Protection['kind']
): Promise<Map<string, string>> {
  if (entries.length === 0) return new Map()
  // Ids are drawn first and kept in order, so that each external id is paired with its own.
  const { rows } = await sql<{ external_id: string; constituent_id: string }>`
    with given as (
      select nextval(pg_get_serial_sequence('constituents', 'id')) as id, e.*
        from unnest(${entries.map(({ row }) => row.externalId)}::text[],
        ${entries.map(({ kind }) => kind)}::text[],
        ${entries.map(({ comparable }) => comparable)}::jsonb[],
        ${entries.map(({ keys }) => keys)}::text[]) as e (external_id, kind, comparable, keys)
    ), made as (
      insert into constituents (id, kind, comparable, keys, hashed) overriding system value
        select id, kind, comparable, keys::bigint[], ${kept === 'hashed'} from given
    )
    insert into constituent_sources (source, external_id, constituent_id)
      select ${source}, external_id, id from given returning external_id, constituent_id::text
  `.execute(trx)
  return new Map(rows.map((row) => [row.external_id, row.constituent_id]))
}

interface Known extends Entry {
  readonly id: string
}

/** Ids of those that changed; their old keys are gone. */
async function updateConstituents(
  trx: Db,
  entries: readonly Known[],
  kept: Protection['kind']
): Promise<Set<string>> {
  if (entries.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    with given as (
      select e.id, e.kind, e.comparable, e.keys::bigint[] as keys, c.keys as old_keys
      from unnest(${entries.map(({ id }) => id)}::bigint[],
        ${entries.map(({ kind }) => kind)}::text[],
        ${entries.map(({ comparable }) => comparable)}::jsonb[],
        ${entries.map(({ keys }) => keys)}::text[]) as e (id, kind, comparable, keys)
      join constituents c on c.id = e.id where (c.comparable, c.kind, c.keys) is distinct
        from (e.comparable, e.kind, e.keys::bigint[])
    ), dropped as (
      delete from constituent_keys k using given, unnest(given.old_keys) as o (key)
        where k.key = o.key and k.constituent_id = given.id and not k.key = any(given.keys)
    )
    update constituents c set comparable = given.comparable, kind = given.kind, keys = given.keys,
      hashed = ${kept === 'hashed'}, updated_at = now()
    from given where c.id = given.id returning c.id::text
  `.execute(trx)
  return new Set(rows.map((row) => row.id))
}

async function writeKeys(trx: Db, entries: readonly Known[]): Promise<void> {
  if (entries.length === 0) return
  // In the index's order, which makes neighbouring inserts of neighbouring pages.
  await sql`
    insert into constituent_keys (key, constituent_id)
    select k.key, e.id from unnest(${entries.map(({ id }) => id)}::bigint[],
      ${entries.map(({ keys }) => keys)}::text[]) as e (id, keys),
      unnest(e.keys::bigint[]) as k (key)
    order by 1, 2 on conflict do nothing
  `.execute(trx)
}

/** The tables of what may be read of constituents, by the field of a person. */
export const shownTables = {
  names: 'constituent_names',
  emails: 'constituent_emails',
  phones: 'constituent_phones',
  addresses: 'constituent_addresses'
} as const
const fieldsShown = ['names', 'emails', 'phones', 'addresses'] as const

/** A register that was imported in readable form before. */
async function dropShown(trx: Db, entries: readonly Known[]): Promise<void> {
  if (entries.length === 0) return
  for (const table of Object.values(shownTables))
    await sql`delete from ${sql.table(table)}
        where constituent_id = any(${entries.map(({ id }) => id)}::bigint[])`.execute(trx)
}

/** The readable values of constituents, table by table, as columns of owners and values. */
function* shownValues(entries: readonly Known[]) {
  for (const field of fieldsShown) {
    const pairs = entries.flatMap(({ row, id }) =>
      row.shown[field].map((value) => [id, value] as const)
    )
    yield {
      table: sql.table(shownTables[field]),
      owners: pairs.map(([id]) => id),
      values: pairs.map(([, value]) => value)
    }
  }
}

/** What the source no longer says goes; what it still says keeps the time it was first seen. */
async function dropUnsaid(trx: Db, source: string, entries: readonly Known[]): Promise<void> {
  if (entries.length === 0) return
  const ids = [...new Set(entries.map(({ id }) => id))]
  for (const { table, owners, values } of shownValues(entries))
    await sql`
      delete from ${table} t where source = ${source} and constituent_id = any(${ids}::bigint[])
        and not exists (select from unnest(${owners}::bigint[], ${values}::text[]) as e (id, value)
          where e.id = t.constituent_id and e.value = t.value)
    `.execute(trx)
}

async function writeShown(trx: Db, source: string, entries: readonly Known[]): Promise<void> {
  for (const { table, owners, values } of shownValues(entries)) {
    if (owners.length === 0) continue
    await sql`
      insert into ${table} (constituent_id, value, source)
      select e.id, e.value, ${source}
        from unnest(${owners}::bigint[], ${values}::text[]) as e (id, value) on conflict do nothing
    `.execute(trx)
  }
}
