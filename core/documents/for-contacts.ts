/**
 * Contacts whose documents are all read: they get what was read, and go on to be settled or wait
 * for a transcriber.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { asEvenhandError, EvenhandError, isOurTrouble } from '../../platform/errors.ts'
import { appendEvents } from '../ledger/append.ts'
import { isLastAttempt, type Attempts } from '../../platform/limits/retry-policy.ts'
import type { Log } from '../../platform/logger.ts'
import { doubtOf, quarantine } from '../contacts/quarantine.ts'
import { finishDocuments } from '../contacts/state.ts'
import { compose, type Composed, type ReadDocument } from './compose.ts'
import { insideOf, waitForInside } from './inside.ts'
import { limits } from './limits.ts'
import { Withheld, type ReaderPool } from './pool.ts'
import { orWithheld } from './withheld.ts'
import { findDocuments, readStoredPages } from './store.ts'

/**
 * After this many failures a contact is left to a person; the sweep brings it back between them.
 */
const finishing: Attempts = { attempts: 3 }

export interface FinishRuntime {
  readonly db: Db
  readonly pool: ReaderPool
  readonly log: Log
  /** True while this process ends: what fails then is nobody's fault. */
  readonly stopping: () => boolean
}

/**
 * Finishes the contacts that waited for this document and wait for no other; answers those ready to
 * settle, and the files inside documents that others are found to wait for. One that cannot be
 * finished holds up none of the others.
 * @throws DATABASE_DOWN and the like: the job is tried again
 */
export async function finishContacts(
  runtime: FinishRuntime,
  sha256: string
): Promise<{ ready: string[]; toRead: string[] }> {
  const { db, pool } = runtime
  const { rows } = await sql<{ id: string }>`
    select contacts.id from contacts
      join contact_documents on contact_documents.contact_id = contacts.id
    where contact_documents.sha256 = ${sha256} and contacts.state = 'documents' and not exists (
      select from contact_documents as others join documents using (sha256)
        where others.contact_id = contacts.id and documents.outcome is null)
    order by contacts.ordinal`.execute(db)
  const ready: string[] = []
  const toRead = new Set<string>()
  for (const { id } of rows) {
    const done = await finishContact(db, pool, id).catch((error: unknown) =>
      fail(runtime, id, error)
    )
    if (Array.isArray(done)) for (const hash of done) toRead.add(hash)
    else if (done) ready.push(id)
  }
  return { ready, toRead: [...toRead] }
}

async function fail(
  { db, log, stopping }: FinishRuntime,
  contactId: string,
  error: unknown
): Promise<false> {
  if (isOurTrouble(asEvenhandError(error)) || stopping()) throw error
  const counted = await db
    .updateTable('contacts')
    .set((row) => ({ attempts: row('attempts', '+', 1), updated_at: sql`now()` }))
    .where('id', '=', contactId)
    .where('state', '=', 'documents')
    .returning('attempts')
    .executeTakeFirst()
  const attempts = counted?.attempts ?? 0
  log.error(
    { err: error, contact: contactId, attempts },
    'a contact whose documents are read could not go on'
  )
  if (isLastAttempt(finishing, attempts))
    await quarantine(
      db,
      contactId,
      'documents',
      new EvenhandError('SETTLE_FAILED', 'with what was read of its documents', { cause: error })
    )
  return false
}

/** True when the contact may be settled; what is inside its documents and still to be read. */
async function finishContact(
  db: Db,
  pool: ReaderPool,
  contactId: string
): Promise<boolean | string[]> {
  const contact = await db
    .selectFrom('contacts')
    .select(['envelope', 'unsure'])
    .where('id', '=', contactId)
    .where('state', '=', 'documents')
    .executeTakeFirst()
  if (!contact?.envelope) return false
  const inside = await insideOf(db, contact.envelope.documents)
  const waits = await waitForInside(db, contactId, inside)
  if (waits.length > 0) return waits
  const whole = {
    ...contact.envelope,
    documents: [...contact.envelope.documents, ...inside.documents]
  }
  const composed = compose(whole, await readOf(db, contactId), contact.unsure ?? undefined)
  const language = composed.fromDocuments ? await languageIn(pool, composed.envelope.text) : 'und'
  const envelope = language === 'und' ? composed.envelope : { ...composed.envelope, language }
  return db.transaction().execute((trx) => write(trx, contactId, { ...composed, envelope }))
}

/** What was read of the documents that a contact came with. */
export async function readOf(db: Db, contactId: string): Promise<Map<string, ReadDocument>> {
  const asked = await db
    .selectFrom('contact_documents')
    .select('sha256')
    .where('contact_id', '=', contactId)
    .execute()
  const records = await findDocuments(
    db,
    asked.map(({ sha256 }) => sha256)
  )
  const read = new Map<string, ReadDocument>()
  for (const [sha256, record] of records)
    read.set(sha256, { record, pages: await readStoredPages(db, sha256, { words: false }) })
  return read
}

/**
 * BCP 47, "und" where it cannot be told. Asked of a reader, which may go again: the tables that
 * tell languages take 90 MB.
 */
export async function languageIn(pool: ReaderPool, text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-language-'))
  try {
    const file = path.join(folder, 'text')
    await writeFile(file, text.slice(0, 10_000), { mode: 0o600 })
    const found = await orWithheld(pool.run({ kind: 'language', path: file }, limits.openSeconds))
    return found instanceof Withheld ? 'und' : found.language
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function write(
  trx: Db,
  contactId: string,
  { envelope, unsure, trail }: Composed
): Promise<boolean> {
  const aside = unsure !== undefined
  if (!(await finishDocuments(trx, contactId, { envelope, step: trail, aside }))) return false
  if (aside)
    await appendEvents(trx, [
      {
        kind: 'contact.quarantined',
        contactId,
        actor: 'system:documents',
        data: { code: 'TEXT_UNSURE', ...(await doubtOf(trx, contactId)) }
      }
    ])
  return !aside
}
