import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'
import type { Settler } from '../core/settle/settler.ts'

/** A set costs a dozen statements, however many contacts it holds: one large set after the other beats two small ones side by side. */
const CONCURRENCY = 1

export function startSettle({ queues }: Ground, settler: Settler) {
  return queues.work<IdsJob>('settle', (job) => settler.settle(job.data.ids), CONCURRENCY)
}
