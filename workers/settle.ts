import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'
import type { Settler } from '../core/settle/settler.ts'

const CONCURRENCY = 2

export function startSettle({ queues }: Ground, settler: Settler) {
  return queues.work<IdsJob>('settle', (job) => settler.settle(job.data.ids), CONCURRENCY)
}
