/**
 * Contacts that wait for a person because a machine must not decide. They keep their arrival, and
 * so their place.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import * as contactState from './state.ts'
import type { TrailStep } from './tables.ts'
import type { EnvelopeDocument } from '../envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import { fetchedDocuments, releaseFiles } from './remote-files.ts'

/**
 * Mark (hash) of what a machine was unsure about, for the ledger. If there was nothing, a release
 * treats the contact's text as sure.
 */
export const doubtMark = sql<string>`said_mark(receipt, jsonb_build_array(unsure))`.as('doubt')

export function doubtOf(trx: Db, contactId: string): Promise<{ doubt: string }> {
  return trx
    .selectFrom('contacts')
    .select(doubtMark)
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
}

/** Sets a contact aside for a person, with the reason in its trail. */
export async function quarantine(
  db: Db,
  contactId: string,
  step: TrailStep['step'],
  error: EvenhandError
): Promise<void> {
  const line: TrailStep = {
    step,
    verdict: 'quarantined',
    reason: error.message,
    evidence: { code: error.code }
  }
  await db.transaction().execute(async (trx) => {
    if (!(await contactState.quarantine(trx, contactId, error.code, line))) return
    await appendEvents(trx, [
      {
        kind: 'contact.quarantined',
        contactId,
        actor: `system:${step}`,
        data: { code: error.code, ...(await doubtOf(trx, contactId)) }
      }
    ])
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

/** Contacts that wait for a person, earliest arrival first, and how many in all. */
export async function listQuarantine(
  db: Db,
  limit = 100
): Promise<{ total: number; contacts: Quarantined[] }> {
  const waiting = db
    .selectFrom('contacts')
    .where('state', '=', 'quarantined')
    .where('discarded_at', 'is', null)
  const { total } = await waiting
    .select(({ fn }) => fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await waiting
    .select([
      'id',
      'receipt',
      'channel',
      'arrived_at',
      'quarantine_code',
      'raw_sha256',
      'raw_bytes',
      sql<string>`trail -> -1 ->> 'reason'`.as('reason')
    ])
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .limit(limit)
    .execute()
  return {
    total: Number(total),
    contacts: rows.map((row) => ({
      contactId: row.id,
      receipt: row.receipt,
      channel: row.channel,
      arrivedAt: row.arrived_at,
      code: row.quarantine_code ?? 'INTERNAL',
      reason: row.reason,
      rawSha256: row.raw_sha256,
      bytes: Number(row.raw_bytes)
    }))
  }
}

/**
 * Lets a contact continue to settling. If it could not be read, its original and the fetched files
 * become its documents, so that a department gets what the machine could not read. If its files are
 * still with its provider, they are fetched first and it is read again, unless that has already
 * failed the same way. Returns once it is ready to settle; the caller passes it to that stage.
 * @param seen number of trail steps when a person saw it, if one did
 * @throws REASON_REQUIRED, CONTACT_CHANGED, CONTACT_NOT_QUARANTINED
 */
export async function releaseContact(
  db: Db,
  contactId: string,
  actor: string,
  reason: string,
  seen?: number
): Promise<void> {
  const why = requireReason(reason)
  if (!isId(contactId)) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
  await db.transaction().execute(async (trx) => {
    const contact = await trx
      .selectFrom('contacts')
      .selectAll()
      .where('id', '=', contactId)
      .where('state', '=', 'quarantined')
      .forUpdate()
      .executeTakeFirst()
    if (!contact)
      throw new EvenhandError(seen === undefined ? 'CONTACT_NOT_QUARANTINED' : 'CONTACT_CHANGED')
    if (seen !== undefined && contact.trail.length !== seen)
      throw new EvenhandError('CONTACT_CHANGED')
    const { quarantine: _, ...evidence } = contact.evidence
    const again =
      !hasRecurred(contact.trail, contact.quarantine_code) && (await releaseFiles(trx, contactId))
    const envelope = again
      ? null
      : contact.envelope
        ? sureEnvelope(contact.envelope, contact.unsure)
        : unreadEnvelope(contact, await fetchedDocuments(trx, contactId))
    const line: TrailStep = {
      step: 'release',
      verdict: 'released',
      reason: why,
      evidence: { by: actor }
    }
    await contactState.leaveQuarantine(trx, contactId, {
      to: again ? 'accepted' : 'read',
      kind: contact.kind ?? 'message',
      evidence,
      envelope,
      step: line
    })
    await appendEvents(trx, [{ kind: 'contact.released', contactId, actor, data: { reason: why } }])
  })
}

/** True if another try did not help; a person who releases it again takes it as it is. */
function hasRecurred(trail: readonly TrailStep[], code: string | null): boolean {
  return code !== null && trail.filter(({ evidence }) => evidence['code'] === code).length > 1
}

/**
 * A text that no machine could read with certainty must not decide anything. It is moved to the
 * evidence, beside the original.
 */
function sureEnvelope<
  E extends { text: string; newText?: string | undefined; evidence: Record<string, unknown> }
>(envelope: E, unsure: string | null): E | Omit<E, 'newText'> {
  if (unsure === null) return envelope
  const { newText: _, ...rest } = envelope
  return { ...rest, text: '', evidence: { ...envelope.evidence, unsureText: envelope.text } }
}

function unreadEnvelope(
  contact: {
    channel: string
    recipients: string[]
    raw_sha256: string
    raw_bytes: number
    media_type: string
  },
  fetched: EnvelopeDocument[]
): object {
  return {
    channel: contact.channel,
    sender: { emails: [], phones: [], addresses: [] },
    recipients: contact.recipients,
    text: '',
    language: 'und',
    evidence: {},
    documents: [
      {
        name: 'original',
        mediaType: contact.media_type,
        bytes: Number(contact.raw_bytes),
        sha256: contact.raw_sha256,
        pages: 0
      },
      ...fetched
    ]
  }
}

export async function isQuarantined(db: Db, contactId: string): Promise<boolean> {
  const found = await db
    .selectFrom('contacts')
    .select('id')
    .where('id', '=', contactId)
    .where('state', '=', 'quarantined')
    .executeTakeFirst()
  return found !== undefined
}
