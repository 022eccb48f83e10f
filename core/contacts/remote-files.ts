/**
 * Which remote files of a contact are stored, awaited, or given up. Their addresses are not stored,
 * because the channel can name them again.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { addToTrail } from './state.ts'
import type { TrailStep } from './tables.ts'
import type { EnvelopeDocument } from '../envelope.ts'
import { storableText } from '../../platform/text/storable.ts'
import { appendEvents } from '../ledger/append.ts'

export interface StoredFile {
  readonly contactId: string
  readonly number: number
  readonly name: string
  readonly state: 'held' | 'waiting' | 'fetched' | 'missing'
  readonly sha256: string | null
  readonly mediaType: string | null
  readonly reason: string | null
  readonly attempts: number
}

const columns = [
  'contact_id as contactId',
  'number',
  'name',
  'state',
  'sha256',
  'media_type as mediaType',
  'reason',
  'attempts'
] as const

/** The state of the contacts' files, by contact, in the channel's order. */
export async function findFiles(
  db: Db,
  contactIds: readonly string[]
): Promise<Map<string, StoredFile[]>> {
  if (contactIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('remote_files')
    .select(columns)
    .where('contact_id', 'in', contactIds)
    .orderBy('contact_id')
    .orderBy('number')
    .execute()
  return Map.groupBy(rows, (row) => row.contactId)
}

/**
 * Records which files to fetch. Held are those of a contact that a person must release first.
 */
export async function noteFiles(
  db: Db,
  contactId: string,
  names: readonly string[],
  state: 'waiting' | 'held'
): Promise<void> {
  await sql`
    insert into remote_files (contact_id, number, name, state)
    select ${contactId}, number - 1, name, ${state}
      from unnest(${names.map((name) => storableText(name).slice(0, 200).toWellFormed())}::text[])
      with ordinality as given (name, number)
    on conflict do nothing`.execute(db)
}

/**
 * Seconds. A claim is renewed while its process lives; after a kill another process may claim the
 * files after this time.
 */
const CLAIM_SECONDS = 30
export const RENEW_EVERY_MS = 10_000

/** Claims the contacts' due files, so that no other process fetches them. */
export async function claimDue(
  db: Db,
  contactIds: readonly string[]
): Promise<Map<string, StoredFile[]>> {
  const { rows } = await sql<StoredFile>`
    update remote_files set due_at = now() + make_interval(secs => ${CLAIM_SECONDS}),
      updated_at = now()
    where (contact_id, number) in (
      select contact_id, number from remote_files where contact_id = any(${contactIds}::uuid[])
        and state = 'waiting' and due_at <= now() for update skip locked)
    returning contact_id as "contactId", number, name, state, sha256, media_type as "mediaType",
      reason, attempts`.execute(db)
  return Map.groupBy(rows, (row) => row.contactId)
}

/** Extends the claim on files being fetched. */
export async function renewClaim(
  db: Db,
  contactId: string,
  numbers: readonly number[]
): Promise<void> {
  await db
    .updateTable('remote_files')
    .set({ due_at: sql`now() + make_interval(secs => ${CLAIM_SECONDS})` })
    .where('contact_id', '=', contactId)
    .where('number', 'in', numbers)
    .where('state', '=', 'waiting')
    .execute()
}

export type Fate = { readonly number: number } & (
  | { readonly state: 'fetched'; readonly sha256: string; readonly mediaType: string }
  | { readonly state: 'missing'; readonly reason: string }
  | { readonly state: 'waiting'; readonly reason: string; readonly retrySeconds: number }
)

/**
 * Records the results for a contact's files. Returns true if none is awaited any more and the
 * contact can be read.
 */
export async function recordFates(
  db: Db,
  contactId: string,
  fates: readonly Fate[]
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    // The contact is locked, so that of two processes that each finish a file exactly one sees the
    // last one finish.
    await trx
      .selectFrom('contacts')
      .select('id')
      .where('id', '=', contactId)
      .forNoKeyUpdate()
      .execute()
    for (const fate of fates) await recordFate(trx, contactId, fate)
    const files = (await findFiles(trx, [contactId])).get(contactId) ?? []
    const complete =
      fates.some(({ state }) => state !== 'waiting') &&
      files.every(({ state }) => state !== 'waiting')
    if (complete) await recordComplete(trx, contactId, files)
    return complete
  })
}

async function recordFate(trx: Db, contactId: string, fate: Fate): Promise<void> {
  await trx
    .updateTable('remote_files')
    .set((row) => ({
      state: fate.state,
      attempts: row('attempts', '+', 1),
      updated_at: sql`now()`,
      sha256: fate.state === 'fetched' ? fate.sha256 : null,
      media_type: fate.state === 'fetched' ? fate.mediaType : null,
      reason: fate.state === 'fetched' ? null : fate.reason,
      ...(fate.state === 'waiting'
        ? { due_at: sql<Date>`now() + make_interval(secs => ${fate.retrySeconds})` }
        : {})
    }))
    .where('contact_id', '=', contactId)
    .where('number', '=', fate.number)
    .where('state', '=', 'waiting')
    .execute()
}

async function recordComplete(
  trx: Db,
  contactId: string,
  files: readonly StoredFile[]
): Promise<void> {
  const missing = files.filter(({ state }) => state === 'missing')
  const step: TrailStep = {
    step: 'fetch',
    verdict: missing.length === 0 ? 'fetched' : 'missing',
    evidence: { files: files.length, missing: missing.length },
    reason:
      missing.length === 0
        ? "the provider's files are here"
        : `${missing.length} of the provider's ${files.length} files could not be had: ${missing[0]!.reason}`
  }
  await addToTrail(trx, contactId, step)
  const data = {
    files: files.map((file) => (file.sha256 ? { sha256: file.sha256 } : { missing: file.reason }))
  }
  await appendEvents(trx, [{ kind: 'contact.fetched', contactId, actor: 'system:fetch', data }])
}

/**
 * Fetched files as documents of a contact that no machine could read. The size of files outside the
 * database is given as 0, because it is not measured here.
 */
export async function fetchedDocuments(db: Db, contactId: string): Promise<EnvelopeDocument[]> {
  const { rows } = await sql<{ name: string; mediaType: string; bytes: number; sha256: string }>`
    select name, media_type as "mediaType", coalesce(length(blobs.content), 0)::int as bytes,
      sha256 from remote_files left join blobs using (sha256)
    where contact_id = ${contactId} and state = 'fetched' order by number`.execute(db)
  return rows.map((row) => ({ ...row, pages: 0 }))
}

/**
 * Counts a failure to find out a contact's files. Returns the count, or undefined if the contact no
 * longer waits to be read.
 */
export async function countUnreadable(db: Db, contactId: string): Promise<number | undefined> {
  const counted = await db
    .updateTable('contacts')
    .set((row) => ({ attempts: row('attempts', '+', 1) }))
    .where('id', '=', contactId)
    .where('state', '=', 'accepted')
    .returning('attempts')
    .executeTakeFirst()
  return counted?.attempts
}

/** Awaited files are not fetched until a person releases their contact. */
export async function holdFiles(db: Db, contactId: string): Promise<void> {
  await db
    .updateTable('remote_files')
    .set({ state: 'held', updated_at: sql`now()` })
    .where('contact_id', '=', contactId)
    .where('state', '=', 'waiting')
    .execute()
}

/**
 * Makes held files due after a person has released their contact. Returns whether there were any.
 */
export async function releaseFiles(trx: Db, contactId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('remote_files')
    .set({ state: 'waiting', due_at: sql`now()`, updated_at: sql`now()` })
    .where('contact_id', '=', contactId)
    .where('state', '=', 'held')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Contacts with files that have been due for the given number of seconds. */
export async function findDueFiles(db: Db, forSeconds: number, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom('remote_files')
    .select('contact_id')
    .distinct()
    .where('state', '=', 'waiting')
    .where('due_at', '<', sql<Date>`now() - make_interval(secs => ${forSeconds})`)
    .limit(most)
    .execute()
  return rows.map((row) => row.contact_id)
}
