import type { Runtime } from '../core/runtime.ts'
import type { IdsJob } from '../platform/queues/job-queues.ts'
import type { Reader } from '../core/reading/reader.ts'

/**
 * A separate lane for contacts that were too slow among others. It reads one at a time, so that
 * they never use more than one core.
 */
export function startSlow({ queues }: Pick<Runtime, 'queues'>, reader: Reader) {
  return queues.work<IdsJob>('slow', (job) => reader.readSlowly(job.data.ids), 1)
}
