/** Contacts that wait for a person because a machine must not decide. Their arrival, and so their place, is kept. */
import { sql } from 'kysely'
import type { Db } from './db/database.ts'
import type { TrailStep } from './db/tables.ts'
import type { EnvelopeDocument } from './envelope.ts'
import { EvenhandError } from './errors.ts'
import { isId } from './ids.ts'
import { appendEvents } from './ledger.ts'
import { requireReason } from './line/reasons.ts'
import { fetchedDocuments, releaseFiles } from './reading/remote-store.ts'

/** Sets a contact aside for a person, with the reason in its trail. */
export async function quarantine(db: Db, contactId: string, step: string, error: EvenhandError): Promise<void> {
  const line: TrailStep = { step, verdict: 'quarantined', reason: error.message, evidence: { code: error.code } }
  await db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx.updateTable('contacts')
      .set({ state: 'quarantined', outcome: 'quarantined', quarantine_code: error.code, trail: sql`trail || ${JSON.stringify([line])}::jsonb`, updated_at: sql`now()` })
      .where('id', '=', contactId).where('state', 'in', ['accepted', 'documents', 'read']).executeTakeFirst()
    if (numUpdatedRows > 0n) await appendEvents(trx, [{ kind: 'contact.quarantined', contactId, actor: `system:${step}`, data: { code: error.code } }])
  })
}

export interface Quarantined {
  readonly contactId: string
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly code: string
  readonly reason: string
  readonly rawSha256: string
  readonly bytes: number
}

/** What waits for a person, earliest arrival first, and how many in all. */
export async function listQuarantine(db: Db, limit = 100): Promise<{ total: number; contacts: Quarantined[] }> {
  const waiting = db.selectFrom('contacts').where('state', '=', 'quarantined')
  const { total } = await waiting.select(({ fn }) => fn.countAll<string>().as('total')).executeTakeFirstOrThrow()
  const rows = await waiting.select(['id', 'receipt', 'channel', 'arrived_at', 'quarantine_code', 'raw_sha256', 'raw_bytes', sql<string>`trail -> -1 ->> 'reason'`.as('reason')])
    .orderBy('arrived_at').orderBy('ordinal').limit(limit).execute()
  return {
    total: Number(total),
    contacts: rows.map((row) => ({
      contactId: row.id, receipt: row.receipt, channel: row.channel, arrivedAt: row.arrived_at, code: row.quarantine_code ?? 'INTERNAL', reason: row.reason, rawSha256: row.raw_sha256, bytes: Number(row.raw_bytes)
    }))
  }
}

/**
 * Lets a contact go on to settling. One that could not be read goes on with its original, and what was fetched for it, as its
 * documents, so that a department gets what the machine could not read. One whose files lie with its provider has them fetched
 * first and is read anew, unless that has failed as it did before. Answers once it is ready to settle; the caller hands it to that stage.
 * @throws REASON_REQUIRED, CONTACT_NOT_QUARANTINED
 */
export async function release(db: Db, contactId: string, actor: string, reason: string): Promise<void> {
  const why = requireReason(reason)
  if (!isId(contactId)) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
  await db.transaction().execute(async (trx) => {
    const contact = await trx.selectFrom('contacts').selectAll().where('id', '=', contactId).where('state', '=', 'quarantined').forUpdate().executeTakeFirst()
    if (!contact) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
    const { quarantine: _, ...evidence } = contact.evidence
    const again = !hasRecurred(contact.trail, contact.quarantine_code) && await releaseFiles(trx, contactId)
    const envelope = again ? null : JSON.stringify(contact.envelope ? sureEnvelope(contact.envelope, contact.unsure) : unreadEnvelope(contact, await fetchedDocuments(trx, contactId)))
    const line: TrailStep = { step: 'release', verdict: 'released', reason: why, evidence: { by: actor } }
    await trx.updateTable('contacts').set({
      state: again ? 'accepted' : 'read', outcome: null, quarantine_code: null, attempts: 0, unsure: null, kind: contact.kind ?? 'message', evidence: JSON.stringify(evidence),
      envelope, trail: sql`trail || ${JSON.stringify([line])}::jsonb`, updated_at: sql`now()`
    }).where('id', '=', contactId).execute()
    await appendEvents(trx, [{ kind: 'contact.released', contactId, actor, data: { reason: why } }])
  })
}

/** Trying once more has not helped: the person who releases it again takes it as it is. */
function hasRecurred(trail: readonly TrailStep[], code: string | null): boolean {
  return code !== null && trail.filter(({ evidence }) => evidence['code'] === code).length > 1
}

/** Nothing is decided by a text that no machine could read surely: it goes on as evidence, beside the original. */
function sureEnvelope<E extends { text: string; evidence: Record<string, unknown> }>(envelope: E, unsure: string | null): E {
  return unsure === null ? envelope : { ...envelope, text: '', evidence: { ...envelope.evidence, unsureText: envelope.text } }
}

function unreadEnvelope(contact: { channel: string; recipients: string[]; raw_sha256: string; raw_bytes: number; media_type: string }, fetched: EnvelopeDocument[]): object {
  return {
    channel: contact.channel, sender: { emails: [], phones: [], addresses: [] }, recipients: contact.recipients, text: '', language: 'und', evidence: {},
    documents: [{ name: 'original', mediaType: contact.media_type, bytes: Number(contact.raw_bytes), sha256: contact.raw_sha256, pages: 0 }, ...fetched]
  }
}
