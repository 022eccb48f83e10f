/**
 * Contacts whose text no machine could read surely (handwriting, a faint fax, a silent call): a
 * person gives the text. Nothing was decided by the unsure text, and the arrival, and so the place,
 * is kept.
 */
import { sql } from 'kysely'
import { toEnvelope } from '../contacts/find.ts'
import type { Db } from '../../platform/db/database.ts'
import { giveText } from '../contacts/state.ts'
import type { TrailStep } from '../contacts/tables.ts'
import type { Envelope, EnvelopeDraft } from '../envelope.ts'
import { storableText, storableValue } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { isBlank } from '../../platform/text/visible.ts'

/** Characters a person may type: 25 dense pages. */
export const TRANSCRIPT_LIMIT = 100_000

export interface Transcription {
  readonly contactId: string
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly reason: string
  readonly envelope: Envelope
  /** Of what a machine made of it, 0 to 1; undefined where it made nothing. */
  readonly confidence: number | undefined
}

/** What waits for a transcriber, earliest arrival first, and how many in all. */
export async function listTranscriptions(
  db: Db,
  limit = 100
): Promise<{ total: number; contacts: Transcription[] }> {
  const { total } = await waiting(db)
    .select(({ fn }) => fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await waiting(db)
    .select(columns)
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .limit(limit)
    .execute()
  return { total: Number(total), contacts: rows.map(toTranscription) }
}

/** Undefined where the contact does not wait for a transcriber (any more). */
export async function findTranscription(
  db: Db,
  contactId: string
): Promise<Transcription | undefined> {
  const row = isId(contactId)
    ? await waiting(db).select(columns).where('id', '=', contactId).executeTakeFirst()
    : undefined
  return row && toTranscription(row)
}

const columns = [
  'id',
  'receipt',
  'channel',
  'arrived_at',
  'ordinal',
  'envelope',
  sql<TrailStep>`trail -> -1`.as('last')
] as const

function waiting(db: Db) {
  return db
    .selectFrom('contacts')
    .where('state', '=', 'quarantined')
    .where('quarantine_code', '=', 'TEXT_UNSURE')
    .where('discarded_at', 'is', null)
    .where('envelope', 'is not', null)
}

function toTranscription(row: {
  id: string
  receipt: string
  channel: string
  arrived_at: Date
  ordinal: string
  envelope: object | null
  last: TrailStep
}): Transcription {
  const { confidence } = row.last.evidence
  return {
    contactId: row.id,
    receipt: row.receipt,
    channel: row.channel,
    arrivedAt: row.arrived_at,
    reason: row.last.reason,
    envelope: toEnvelope(row.envelope!, row.arrived_at, row.ordinal),
    confidence: typeof confidence === 'number' ? confidence : undefined
  }
}

export interface Transcript {
  readonly text: string
  /** BCP 47; as it was where it is not given. */
  readonly language?: string
  /** As seen on the paper; as it was where it is not given. */
  readonly sender?: EnvelopeDraft['sender']
}

/**
 * Gives a contact the text that a person read. It goes back to state `read` at its place; the
 * caller hands it to the `settle` queue.
 * @throws TEXT_REQUIRED without a text or with one over TRANSCRIPT_LIMIT; CONTACT_NOT_QUARANTINED
 * where it does not wait for one
 */
export async function transcribe(
  db: Db,
  contactId: string,
  actor: string,
  { text, language, sender }: Transcript
): Promise<void> {
  const typed = storableText(text).trim()
  if (isBlank(typed) || typed.length > TRANSCRIPT_LIMIT) throw new EvenhandError('TEXT_REQUIRED')
  if (!isId(contactId)) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
  await db.transaction().execute(async (trx) => {
    const contact = await trx
      .selectFrom('contacts')
      .select(['envelope', 'quarantine_code'])
      .where('id', '=', contactId)
      .where('state', '=', 'quarantined')
      .forUpdate()
      .executeTakeFirst()
    if (!contact?.envelope || contact.quarantine_code !== 'TEXT_UNSURE')
      throw new EvenhandError('CONTACT_NOT_QUARANTINED')
    const { newText: _, ...given } = contact.envelope
    const envelope = {
      ...given,
      text: typed,
      textFrom: 'transcript',
      ...(language ? { language } : {}),
      ...(sender ? { sender: storableValue(sender) as EnvelopeDraft['sender'] } : {})
    }
    const line: TrailStep = {
      step: 'transcribe',
      verdict: 'transcribed',
      reason: 'a person gave the text',
      evidence: { by: actor, characters: typed.length }
    }
    // Put aside by somebody meanwhile: they said that it needs no case.
    if (!(await giveText(trx, contactId, envelope, line)))
      throw new EvenhandError('CONTACT_NOT_QUARANTINED')
    await appendEvents(trx, [
      { kind: 'contact.transcribed', contactId, actor, data: { characters: typed.length } }
    ])
  })
}
