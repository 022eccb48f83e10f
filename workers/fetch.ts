import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'
import type { Fetcher } from '../core/reading/fetcher.ts'

/** Each waits on somebody else's machine, not on ours; how many may pull from one host is the fetcher's to bound. */
const CONCURRENCY = 16

export function startFetch({ queues }: Ground, fetcher: Fetcher) {
  return queues.work<IdsJob>('fetch', (job) => fetcher.fetch(job.data.ids), CONCURRENCY)
}
