/** Moves late scans into a tray of their own. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { MailroomRuntime } from './runtime.ts'
import { appendEvents } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import { lateScans } from './late.ts'
import { lockBatch } from './lay-out-batch.ts'
import { logTrayWithin } from './tray.ts'

/**
 * Gives the late scans a tray of their own, stamped now. Both batches are sorted again. Returns the
 * new batch.
 * @throws REASON_REQUIRED, BATCH_UNKNOWN, BATCH_RELEASED, BATCH_UNREAD while its scans are being
 * read, BAD_REQUEST if none came late
 */
export async function partLate(
  runtime: MailroomRuntime,
  batchId: string,
  actor: string,
  reason: string
): Promise<string> {
  const why = requireReason(reason)
  const { id, hand } = await runtime.db
    .transaction()
    .execute((trx) => part(runtime, trx, batchId, actor, why))
  runtime.queues.enqueue('mailroom', hand)
  return id
}

async function part(
  runtime: MailroomRuntime,
  trx: Db,
  batchId: string,
  actor: string,
  why: string
): Promise<{ id: string; hand: string[] }> {
  const batch = await lockBatch(trx, batchId)
  if (batch.release_by) throw new EvenhandError('BATCH_RELEASED')
  const scans = await trx
    .selectFrom('scans')
    .selectAll()
    .where('batch_id', '=', batchId)
    .orderBy('seq')
    .execute()
  const late = lateScans(batch, scans, runtime.agency().mailroom.stamp.lateHours).map(
    ({ id }) => id
  )
  if (late.length === 0) throw new EvenhandError('BAD_REQUEST', 'no scan of this batch came late')
  if (scans.some(({ state }) => state === 'stored' || state === 'reading'))
    throw new EvenhandError('BATCH_UNREAD')
  const { id } = await logTrayWithin(trx, runtime.agency(), {
    actor,
    note: `Late scans of ${batchId}`
  })
  await trx.updateTable('scans').set({ batch_id: id }).where('id', 'in', late).execute()
  await trx.updateTable('letters').set({ batch_id: id }).where('scan_id', 'in', late).execute()
  await trx
    .updateTable('batches')
    .set({ state: 'reading', updated_at: sql`now()` })
    .where((row) =>
      row.or([row('id', '=', id), row.and([row('id', '=', batchId), row('state', '=', 'held')])])
    )
    .execute()
  await appendEvents(trx, [
    { kind: 'batch.parted', actor, data: { batch: batchId, into: id, scans: late, reason: why } },
    { kind: 'batch.finished', actor, data: { batch: id } }
  ])
  return { id, hand: [id, batchId] }
}
