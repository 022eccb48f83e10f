import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'
import type { Reader } from '../core/reading/reader.ts'

/** Two sets at once, so that threads have work while the other set's results are written. */
const CONCURRENCY = 2

export function startRead({ queues }: Ground, reader: Reader) {
  return queues.work<IdsJob>('read', (job) => reader.read(job.data.ids), CONCURRENCY)
}
