/** A letter whose pages were corrected after its release: its contact gets the document of the pages that are its own now. */
import { sql } from 'kysely'
import type { TrailStep } from '../db/tables.ts'
import { compose } from '../documents/compose.ts'
import { findDocument, readStoredPages } from '../documents/store.ts'
import type { EnvelopeDocument, EnvelopeDraft } from '../envelope.ts'
import type { Ground } from '../ground.ts'
import { appendEvents } from '../ledger.ts'
import type { LetterFile } from './letter-file.ts'
import type { LetterRow } from './load.ts'
import { keepBlob } from './scans.ts'

/**
 * The original of the contact stays as it was accepted; the envelope shows the corrected document, and its text unless a person typed
 * it. Its place is untouched. False for a contact that is still being read: it is done later.
 */
export async function refreshContact({ db, blobs }: Ground, letter: LetterRow, file: LetterFile, evidence: Record<string, unknown>): Promise<boolean> {
  const hash = await keepBlob(db, blobs, file.bytes)
  const contactId = letter.contact_id!
  const read = await documentOf(db, hash)
  return db.transaction().execute(async (trx) => {
    const contact = await trx.selectFrom('contacts').select(['envelope', 'trail']).where('id', '=', contactId).where('state', 'in', ['read', 'settled', 'quarantined']).forUpdate().executeTakeFirst()
    if (!contact?.envelope) return false
    const document: EnvelopeDocument = { name: file.mediaType === 'application/pdf' ? 'letter.pdf' : 'letter', mediaType: file.mediaType, bytes: file.bytes.length, sha256: hash, pages: file.pages?.length ?? 0 }
    const step: TrailStep = { step: 'mailroom', verdict: 'pages corrected', reason: 'a person moved, joined or turned pages', evidence: { pages: document.pages } }
    const typed = contact.trail.some((line) => line.step === 'transcribe')
    const { envelope } = compose({ ...contact.envelope as EnvelopeDraft, documents: [document], ...(typed ? {} : { text: '' }) }, read)
    await sql`
      update contacts set envelope = ${JSON.stringify({ ...envelope, evidence: { ...envelope.evidence, ...evidence } })}::jsonb, evidence = evidence || ${JSON.stringify(evidence)}::jsonb,
        trail = trail || ${JSON.stringify([step])}::jsonb, updated_at = now() where id = ${contactId}::uuid`.execute(trx)
    await trx.deleteFrom('contact_documents').where('contact_id', '=', contactId).execute()
    if (read.size > 0) await trx.insertInto('contact_documents').values({ contact_id: contactId, sha256: hash }).execute()
    await appendEvents(trx, [{ kind: 'letter.remade', contactId, actor: 'system:mailroom', data: { letter: letter.id, pages: document.pages, sha256: hash } }])
    return true
  })
}

async function documentOf(db: Ground['db'], hash: string): Promise<Map<string, { record: NonNullable<Awaited<ReturnType<typeof findDocument>>>; pages: Awaited<ReturnType<typeof readStoredPages>> }>> {
  const record = await findDocument(db, hash)
  return new Map(record ? [[hash, { record, pages: await readStoredPages(db, hash, { words: false }) }]] : [])
}
