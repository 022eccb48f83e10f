import type { OutboxDispatcher } from '../core/outbox/dispatcher.ts'
import type { Runtime } from '../core/runtime.ts'
import type { IdsJob } from '../platform/queues/job-queues.ts'

/**
 * Nobody's place depends on this stage, so it uses only the time that reading and settling leave.
 */
const CONCURRENCY = 1

export function startOutbound({ queues }: Pick<Runtime, 'queues'>, acknowledger: OutboxDispatcher) {
  return queues.work<IdsJob>(
    'outbound',
    (job) => acknowledger.acknowledge(job.data.ids),
    CONCURRENCY
  )
}
