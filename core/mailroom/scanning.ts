/** Ends the scanning of a batch. It is then read, sorted and, if nothing is wrong, released. */
import { sql } from 'kysely'
import type { MailroomRuntime } from './runtime.ts'
import { appendEvents } from '../ledger/append.ts'
import { lockBatch } from './lay-out-batch.ts'

/** Does nothing if the batch's scanning has already ended. @throws BATCH_UNKNOWN */
export async function finishScanning(
  { db, queues }: Pick<MailroomRuntime, 'db' | 'queues'>,
  batchId: string,
  actor: string
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.state !== 'scanning') return
    await trx
      .updateTable('batches')
      .set({ state: 'reading', updated_at: sql`now()` })
      .where('id', '=', batchId)
      .execute()
    await appendEvents(trx, [{ kind: 'batch.finished', actor, data: { batch: batchId } }])
  })
  queues.enqueue('mailroom', [batchId])
}
