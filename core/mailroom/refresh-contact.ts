/**
 * Updates the contact of a letter whose pages were corrected after release: it gets a document of
 * the letter's present pages.
 */
import { addToTrail } from '../contacts/state.ts'
import type { TrailStep } from '../contacts/tables.ts'
import { compose } from '../documents/compose.ts'
import { findDocument, readStoredPages } from '../documents/store.ts'
import type { EnvelopeDocument, EnvelopeDraft } from '../envelope.ts'
import type { MailroomRuntime } from './runtime.ts'
import { appendEvents } from '../ledger/append.ts'
import type { LetterFile } from './letter-file.ts'
import type { LetterRow } from './lay-out-batch.ts'
import { keepBlob } from './scans.ts'

/**
 * The contact's original stays as accepted. The envelope shows the corrected document and its text,
 * unless a person typed the text. The place in line does not change. Returns false if the contact
 * is still being read; it is then done later.
 */
export async function refreshContact(
  { db, blobs }: MailroomRuntime,
  letter: LetterRow,
  file: LetterFile,
  evidence: Record<string, unknown>
): Promise<boolean> {
  const hash = await keepBlob(db, blobs, file.bytes)
  const contactId = letter.contact_id!
  const read = await documentOf(db, hash)
  return db.transaction().execute(async (trx) => {
    const contact = await trx
      .selectFrom('contacts')
      .select(['envelope', 'trail'])
      .where('id', '=', contactId)
      .where('state', 'in', ['read', 'settled', 'quarantined'])
      .forUpdate()
      .executeTakeFirst()
    if (!contact?.envelope) return false
    const document: EnvelopeDocument = {
      name: file.mediaType === 'application/pdf' ? 'letter.pdf' : 'letter',
      mediaType: file.mediaType,
      bytes: file.bytes.length,
      sha256: hash,
      pages: file.pages?.length ?? 0
    }
    const step: TrailStep = {
      step: 'mailroom',
      verdict: 'pages corrected',
      reason: 'a person moved, joined or turned pages',
      evidence: { pages: document.pages }
    }
    const typed = contact.trail.some((line) => line.step === 'transcribe')
    const { envelope } = compose(
      {
        ...(contact.envelope as EnvelopeDraft),
        documents: [document],
        ...(typed ? {} : { text: '' })
      },
      read
    )
    const said = await addToTrail(trx, contactId, step, {
      envelope: { ...envelope, evidence: { ...envelope.evidence, ...evidence } },
      evidence
    })
    await trx.deleteFrom('contact_documents').where('contact_id', '=', contactId).execute()
    if (read.size > 0)
      await trx
        .insertInto('contact_documents')
        .values({ contact_id: contactId, sha256: hash })
        .execute()
    await appendEvents(trx, [
      {
        kind: 'letter.remade',
        contactId,
        actor: 'system:mailroom',
        data: { letter: letter.id, pages: document.pages, sha256: hash, said }
      }
    ])
    return true
  })
}

async function documentOf(
  db: MailroomRuntime['db'],
  hash: string
): Promise<
  Map<
    string,
    {
      record: NonNullable<Awaited<ReturnType<typeof findDocument>>>
      pages: Awaited<ReturnType<typeof readStoredPages>>
    }
  >
> {
  const record = await findDocument(db, hash)
  return new Map(
    record?.outcome
      ? [[hash, { record, pages: await readStoredPages(db, hash, { words: false }) }]]
      : []
  )
}
