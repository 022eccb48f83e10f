/** A letter whose pages were corrected after its release: its contact gets the document of the pages that are its own now. */
import { sql } from 'kysely'
import { sha256 } from '../blobs.ts'
import type { EnvelopeDocument } from '../envelope.ts'
import type { Ground } from '../ground.ts'
import { appendEvents } from '../ledger.ts'
import type { TrailStep } from '../db/tables.ts'
import type { LetterFile } from './letter-file.ts'
import type { LetterRow } from './load.ts'
import { keepBlob } from './scans.ts'

/**
 * The original of the contact stays as it was accepted; the envelope shows the corrected document, and its text unless a person typed
 * it. Its place is untouched. False for a contact that is still being read: it is done later.
 */
export async function refreshContact({ db, blobs }: Ground, letter: LetterRow, file: LetterFile, evidence: Record<string, unknown>): Promise<boolean> {
  await keepBlob(db, blobs, file.bytes)
  const document: EnvelopeDocument = {
    name: file.mediaType === 'application/pdf' ? 'letter.pdf' : 'letter', mediaType: file.mediaType, bytes: file.bytes.length, sha256: sha256(file.bytes), pages: file.pages?.length ?? 0
  }
  const text = file.pages?.map(({ page }) => page.text).join('\n\n') ?? ''
  const step: TrailStep = { step: 'mailroom', verdict: 'pages corrected', reason: 'a person moved, joined or turned pages', evidence: { pages: document.pages } }
  return db.transaction().execute(async (trx) => {
    const { numAffectedRows } = await sql`
      update contacts set envelope = envelope || jsonb_build_object('documents', ${JSON.stringify([document])}::jsonb)
          || case when trail @> '[{"step": "transcribe"}]' then '{}' else jsonb_build_object('text', ${text}::text) end,
        evidence = evidence || ${JSON.stringify(evidence)}::jsonb, trail = trail || ${JSON.stringify([step])}::jsonb, updated_at = now()
      where id = ${letter.contact_id}::uuid and envelope is not null`.execute(trx)
    if (!numAffectedRows) return false
    await appendEvents(trx, [{ kind: 'letter.remade', contactId: letter.contact_id!, actor: 'system:mailroom', data: { letter: letter.id, pages: document.pages, sha256: document.sha256 } }])
    return true
  })
}
