import type { Runtime } from '../core/runtime.ts'
import type { IdsJob } from '../platform/queues/job-queues.ts'
import type { Reader } from '../core/reading/reader.ts'

/**
 * Jobs at once: far more than there are readers. Contacts take turns by origin only after their job
 * has begun; with eight jobs, fifty slow contacts of one sender delayed everybody by ten seconds. A
 * waiting contact costs a row in memory, never an original.
 */
const CONCURRENCY = 200

export function startRead({ queues }: Pick<Runtime, 'queues'>, reader: Reader) {
  return queues.work<IdsJob>('read', (job) => reader.read(job.data.ids), CONCURRENCY)
}
