import { setTimeout as pause } from 'node:timers/promises'
import type { Runtime } from '../core/runtime.ts'
import type { IdsJob } from '../platform/queues/job-queues.ts'
import type { Settler } from '../core/settle/settler.ts'
import { anyReady } from '../core/settle/lookups.ts'

/**
 * A set costs some forty statements whatever its size, so one large set after another is better
 * than two small ones in parallel.
 */
const CONCURRENCY = 1
/**
 * Least time between the starts of two sets, in ms. Without load a contact is settled at once.
 * Under load, contacts read in the meantime are settled together, which leaves more database time
 * for reading.
 */
const BETWEEN_SETS_MS = 300

export function startSettle({ queues, db }: Pick<Runtime, 'queues' | 'db'>, settler: Settler) {
  let last = 0
  return queues.work<IdsJob>(
    'settle',
    async (job) => {
      // An earlier set has already settled them.
      if (!(await anyReady(db, job.data.ids))) return
      await pause(Math.max(0, last + BETWEEN_SETS_MS - Date.now()))
      last = Date.now()
      await settler.settle(job.data.ids)
    },
    CONCURRENCY
  )
}
