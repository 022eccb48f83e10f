import type { Ground } from '../core/ground.ts'
import { workOnBatch } from '../core/mailroom/work.ts'
import type { IdsJob } from '../core/queues.ts'

/** Batches at once: the readers take their pages in turn, so that a tray of one letter does not wait for one of five hundred pages. */
const CONCURRENCY = 4

export function startMailroom(ground: Ground) {
  return ground.queues.work<IdsJob>('mailroom', async (job) => {
    for (const id of job.data.ids) await workOnBatch(ground, id)
  }, CONCURRENCY)
}
