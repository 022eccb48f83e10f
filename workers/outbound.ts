import type { Acknowledger } from '../core/acknowledge.ts'
import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'

/** Nobody's place depends on it: it takes what time reading and settling leave. */
const CONCURRENCY = 1

export function startOutbound({ queues }: Ground, acknowledger: Acknowledger) {
  return queues.work<IdsJob>('outbound', (job) => acknowledger.acknowledge(job.data.ids), CONCURRENCY)
}
