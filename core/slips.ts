/** A receipt on paper, for whoever cannot be told by the channel they used: what stands on it, and that it was handed over. */
import { sql } from 'kysely'
import type { Agency } from '../config/agency.ts'
import type { Db } from './db/database.ts'
import { EvenhandError } from './errors.ts'
import { appendEvents } from './ledger.ts'
import { parseReceipt } from './receipts.ts'
import { viewStatus, type StatusView } from './status.ts'

export interface Slip extends StatusView {
  readonly receipt: string
  readonly contactId: string
  readonly channel: string
  /** To print it in; "und" where it is not known. */
  readonly language: string
  /** Whether the sender has their receipt, as far as we know. */
  readonly told: 'sent' | 'by-slip' | 'not-yet' | 'owed'
}

/** Undefined for a receipt that is malformed or unknown. */
export async function findSlip(db: Db, agency: Agency, typed: string): Promise<Slip | undefined> {
  const receipt = parseReceipt(typed)
  const status = receipt && await viewStatus(db, agency, receipt)
  if (!receipt || !status) return undefined
  const { rows: [row] } = await sql<{ id: string; channel: string; language: string | null; outbound: string | null; slip: boolean }>`
    select contacts.id, contacts.channel, envelope ->> 'language' as language, (select state from outbound where contact_id = contacts.id and kind = 'acknowledgement') as outbound,
      exists (select 1 from events where contact_id = contacts.id and kind = 'receipt.sent' and data ->> 'by' = 'slip') as slip
    from contacts where receipt = ${receipt}`.execute(db)
  if (!row) return undefined
  return { ...status, receipt, contactId: row.id, channel: row.channel, language: row.language ?? 'und', told: toldBy(row) }
}

function toldBy({ outbound, slip }: { outbound: string | null; slip: boolean }): Slip['told'] {
  if (slip) return 'by-slip'
  if (outbound === 'sent') return 'sent'
  return outbound === 'undeliverable' || outbound === 'failed' ? 'owed' : 'not-yet'
}

/** Puts on record that the slip was handed over or mailed; once, however often it is said. @throws RECEIPT_UNKNOWN */
export async function recordSlip(db: Db, contactId: string, actor: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const found = await trx.selectFrom('contacts').select('id').where('id', '=', contactId).forNoKeyUpdate().executeTakeFirst()
    if (!found) throw new EvenhandError('RECEIPT_UNKNOWN')
    const { rows: before } = await sql`select 1 from events where contact_id = ${contactId} and kind = 'receipt.sent' and data ->> 'by' = 'slip'`.execute(trx)
    if (before.length > 0) return
    await trx.updateTable('outbound').set({ state: 'sent', reason: null, sent_at: sql`now()` }).where('contact_id', '=', contactId).where('kind', '=', 'acknowledgement').where('state', 'in', ['undeliverable', 'failed']).execute()
    await appendEvents(trx, [{ kind: 'receipt.sent', contactId, actor, data: { by: 'slip' } }])
  })
}

export interface OwedSlip {
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly reason: string
}

/** Channels that people expect an answer on paper from, or that may know no other way back. */
const paperChannels = ['postal', 'fax', 'phone']

/** Contacts whose senders nobody could tell, earliest arrival first, and how many there are. */
export async function listOwedSlips(db: Db, limit = 100): Promise<{ total: number; slips: OwedSlip[] }> {
  const owed = db.selectFrom('outbound').innerJoin('contacts', 'contacts.id', 'outbound.contact_id')
    .where('outbound.kind', '=', 'acknowledgement').where('outbound.state', 'in', ['undeliverable', 'failed']).where('contacts.channel', 'in', paperChannels)
  const { total } = await owed.select(({ fn }) => fn.countAll<string>().as('total')).executeTakeFirstOrThrow()
  const rows = await owed.select(['contacts.receipt', 'contacts.channel', 'contacts.arrived_at', 'outbound.reason']).orderBy('contacts.arrived_at').orderBy('contacts.ordinal').limit(limit).execute()
  return { total: Number(total), slips: rows.map((row) => ({ receipt: row.receipt, channel: row.channel, arrivedAt: row.arrived_at, reason: row.reason ?? 'unknown' })) }
}
