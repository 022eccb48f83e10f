/**
 * Documents that an older reader read are read again in the background, a few at a time, where
 * somebody still works with them. A place in line, a department and what a person typed stay.
 */
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { addToTrail } from '../contacts/state.ts'
import type { TrailStep } from '../contacts/tables.ts'
import type { EnvelopeDocument, EnvelopeDraft } from '../envelope.ts'
import { appendEvents } from '../ledger/append.ts'
import { compose, type ReadDocument } from './compose.ts'
import { READER_VERSION } from './store.ts'

/**
 * Opens at most `most` documents of open cases to be read again, the earliest arrivals first.
 * Letters of the mailroom are laid out of scans that were read, and stay as these were.
 */
export async function askAgain(db: Db, most: number, version = READER_VERSION): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`
    update documents set outcome = null, reader_version = ${version}::int, attempts = 0,
      updated_at = now()
    where outcome is not null and sha256 in (
      select documents.sha256 from cases join case_contacts on case_contacts.case_id = cases.id
        join contacts on contacts.id = case_contacts.contact_id
        join contact_documents on contact_documents.contact_id = contacts.id
        join documents on documents.sha256 = contact_documents.sha256
      where cases.state not in ('closed', 'handed-off', 'joined') and contacts.state = 'settled'
        and documents.reader_version < ${version} and documents.outcome is not null
        and not documents.pages_only
        and not exists (select from letters where letters.contact_id = contacts.id)
      group by documents.sha256 order by min(contacts.ordinal) limit ${most})
    returning sha256`.execute(db)
  return rows.map(({ sha256 }) => sha256)
}

/**
 * Gives contacts that are settled what was read again of a document. Their text changes only where
 * it is the documents' own words; nothing is decided again.
 */
export async function renewContacts(
  trx: Db,
  sha256: string,
  readOf: (contactId: string) => Promise<ReadonlyMap<string, ReadDocument>>
): Promise<void> {
  const contacts = await trx
    .selectFrom('contacts')
    .innerJoin('contact_documents', 'contact_documents.contact_id', 'contacts.id')
    .select(['contacts.id', 'envelope', 'trail'])
    .where('sha256', '=', sha256)
    .where('state', '=', 'settled')
    .orderBy('contacts.id')
    .forUpdate('contacts')
    .execute()
  for (const { id, envelope, trail } of contacts) {
    if (!envelope) continue
    const typed = trail.some(({ step }) => step === 'transcribe')
    const renewed = renew(envelope, await readOf(id), typed)
    if (!isDeepStrictEqual(renewed, envelope)) await write(trx, id, renewed)
  }
}

function renew<E extends EnvelopeDraft>(
  envelope: E,
  read: ReadonlyMap<string, ReadDocument>,
  typed: boolean
): E {
  const own = typed ? undefined : ownWords(envelope)
  const given = {
    ...envelope,
    text: own ?? envelope.text,
    documents: envelope.documents.map((document) =>
      read.has(document.sha256) ? asSent(document) : document
    )
  }
  const { documents, text } = compose(given, read).envelope
  const isRead = own !== undefined && text.trim() !== own
  return { ...envelope, documents, text: isRead ? text : envelope.text }
}

const ofReaders = new Set(['text', 'confidence', 'source', 'unreadPages', 'missing', 'withheld'])

/** Without what a reader said of it. */
function asSent(document: EnvelopeDocument): EnvelopeDocument {
  const sent = Object.entries(document).filter(([name]) => !ofReaders.has(name))
  return Object.fromEntries(sent) as EnvelopeDocument
}

/** What its writer said beside the documents; undefined where the text is not the documents'. */
function ownWords({ text, textFrom, documents }: EnvelopeDraft): string | undefined {
  const found = documents.flatMap((document) => document.text ?? []).join('\n\n')
  return textFrom === 'documents' && found !== '' && text.startsWith(found)
    ? text.slice(found.length).trim()
    : undefined
}

async function write(trx: Db, contactId: string, envelope: object): Promise<void> {
  const step: TrailStep = {
    step: 'documents',
    verdict: 'read again',
    reason: 'a newer reader reads more of its documents, or says more of what it cannot read',
    evidence: { reader: READER_VERSION }
  }
  const said = await addToTrail(trx, contactId, step, { envelope })
  await appendEvents(trx, [
    {
      kind: 'contact.reread',
      contactId,
      actor: 'system:documents',
      data: { reader: READER_VERSION, said }
    }
  ])
}
