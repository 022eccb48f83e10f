import type { Runtime } from '../core/runtime.ts'
import type { IdsJob } from '../platform/queues/job-queues.ts'
import type { Fetcher } from '../core/reading/fetcher.ts'

/**
 * Each job waits for another machine, not for ours. The fetcher limits how many download from one
 * host.
 */
const CONCURRENCY = 16

export function startFetch({ queues }: Pick<Runtime, 'queues'>, fetcher: Fetcher) {
  return queues.work<IdsJob>('fetch', (job) => fetcher.fetch(job.data.ids), CONCURRENCY)
}
