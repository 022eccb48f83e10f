import { setTimeout as pause } from 'node:timers/promises'
import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'
import type { Settler } from '../core/settle/settler.ts'
import { anyReady } from '../core/settle/lookups.ts'

/** A set costs some forty statements, however many contacts it holds: one large set after the other beats two small ones side by side. */
const CONCURRENCY = 1
/**
 * Least time from one set's start to the next's, in ms. With nothing else going on a contact is settled at once; under load, what is read meanwhile is
 * settled together, and the statements saved are read mail.
 */
const BETWEEN_SETS_MS = 300

export function startSettle({ queues, db }: Ground, settler: Settler) {
  let last = 0
  return queues.work<IdsJob>('settle', async (job) => {
    // An earlier set took them along.
    if (!await anyReady(db, job.data.ids)) return
    await pause(Math.max(0, last + BETWEEN_SETS_MS - Date.now()))
    last = Date.now()
    await settler.settle(job.data.ids)
  }, CONCURRENCY)
}
