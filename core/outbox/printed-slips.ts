/**
 * A receipt on paper, for people who cannot be reached by the channel they used: its contents, and
 * the record that it was handed over.
 */
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { appendEvents } from '../ledger/append.ts'
import { parseReceipt } from '../contacts/receipts.ts'
import { subjectOf } from '../contacts/shown.ts'
import { FILED } from '../line/answered.ts'
import { SPENT } from './reply-budget.ts'
import { viewStatus, type StatusView } from '../contacts/resident-status.ts'
import { channelsWith } from '../intake/traits.ts'

export interface Slip extends StatusView {
  readonly receipt: string
  readonly contactId: string
  readonly channel: string
  /** Language to print it in; "und" if it is not known. */
  readonly language: string
  /** Whether the sender has got the receipt, as far as we know. */
  readonly told: 'sent' | 'filed' | 'by-slip' | 'not-yet' | 'unreachable'
}

/** Undefined if the receipt is malformed or unknown. */
export async function findSlip(db: Db, agency: Agency, typed: string): Promise<Slip | undefined> {
  const receipt = parseReceipt(typed)
  const status = receipt && (await viewStatus(db, agency, receipt))
  if (!receipt || !status) return undefined
  const {
    rows: [row]
  } = await sql<{
    id: string
    channel: string
    language: string | null
    outbound: string | null
    filed: boolean | null
    slip: boolean
  }>`
    select contacts.id, contacts.channel, envelope ->> 'language' as language, (select state
      from outbound where contact_id = contacts.id and kind = 'acknowledgement') as outbound,
      (select delivery = ${FILED} from outbound where contact_id = contacts.id
        and kind = 'acknowledgement') as filed,
      exists (select 1 from events where contact_id = contacts.id and kind = 'receipt.sent'
        and data ->> 'by' = 'slip') as slip
    from contacts where receipt = ${receipt}`.execute(db)
  if (!row) return undefined
  return {
    ...status,
    receipt,
    contactId: row.id,
    channel: row.channel,
    language: row.language ?? 'und',
    told: toldBy(row)
  }
}

function toldBy({
  outbound,
  filed,
  slip
}: {
  outbound: string | null
  filed: boolean | null
  slip: boolean
}): Slip['told'] {
  if (slip) return 'by-slip'
  if (outbound === 'sent') return filed ? 'filed' : 'sent'
  return outbound === 'undeliverable' || outbound === 'failed' ? 'unreachable' : 'not-yet'
}

/**
 * Records that the slip was handed over or mailed. Repeating the call records nothing more. @throws
 * RECEIPT_UNKNOWN
 */
export async function recordSlip(db: Db, contactId: string, actor: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const found = await trx
      .selectFrom('contacts')
      .select('id')
      .where('id', '=', contactId)
      .forNoKeyUpdate()
      .executeTakeFirst()
    if (!found) throw new EvenhandError('RECEIPT_UNKNOWN')
    const { rows: before } =
      await sql`select 1 from events where contact_id = ${contactId} and kind = 'receipt.sent'
          and data ->> 'by' = 'slip'`.execute(trx)
    if (before.length > 0) return
    await trx
      .updateTable('outbound')
      .set({ state: 'sent', reason: null, sent_at: sql`now()` })
      .where('contact_id', '=', contactId)
      .where('kind', '=', 'acknowledgement')
      .where('state', 'in', ['undeliverable', 'failed'])
      .execute()
    await appendEvents(trx, [{ kind: 'receipt.sent', contactId, actor, data: { by: 'slip' } }])
  })
}

export interface WaitingSlip {
  readonly receipt: string
  /** Its subject, or else its first words; empty where it has neither. */
  readonly subject: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly reason: string
}

/** Channels whose users expect an answer on paper, or may have no other address. */
const paperChannels = channelsWith(({ medium }) => medium !== 'typed')

/**
 * Contacts whose senders could not be sent the receipt, or were not because too many receipts went
 * to that address that day. Earliest arrival first, with their number.
 */
export async function listWaitingSlips(
  db: Db,
  limit = 100
): Promise<{ total: number; slips: WaitingSlip[] }> {
  const waiting = db
    .selectFrom('outbound')
    .innerJoin('contacts', 'contacts.id', 'outbound.contact_id')
    .where('outbound.kind', '=', 'acknowledgement')
    .where('outbound.state', 'in', ['undeliverable', 'failed'])
    .where((where) =>
      where.or([
        where('contacts.channel', 'in', paperChannels),
        where('outbound.reason', 'like', `%${SPENT}`)
      ])
    )
  const { total } = await waiting
    .select(({ fn }) => fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await waiting
    .select(['contacts.receipt', 'contacts.channel', 'contacts.arrived_at', 'outbound.reason'])
    .select(subjectOf.as('subject'))
    .orderBy('contacts.arrived_at')
    .orderBy('contacts.ordinal')
    .limit(limit)
    .execute()
  return {
    total: Number(total),
    slips: rows.map((row) => ({
      receipt: row.receipt,
      subject: row.subject,
      channel: row.channel,
      arrivedAt: row.arrived_at,
      reason: row.reason ?? 'unknown'
    }))
  }
}
