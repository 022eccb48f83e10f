/** Ends the scanning of a batch: from now on it is read, sorted and, where nothing is amiss, released. */
import { sql } from 'kysely'
import type { Ground } from '../ground.ts'
import { appendEvents } from '../ledger.ts'
import { lockBatch } from './load.ts'

/** Does nothing to a batch whose scanning has ended. @throws BATCH_UNKNOWN */
export async function finishScanning({ db, queues }: Pick<Ground, 'db' | 'queues'>, batchId: string, actor: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.state !== 'scanning') return
    await trx.updateTable('batches').set({ state: 'reading', updated_at: sql`now()` }).where('id', '=', batchId).execute()
    await appendEvents(trx, [{ kind: 'batch.finished', actor, data: { batch: batchId } }])
  })
  queues.hand('mailroom', [batchId])
}
