import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'
import type { Reader } from '../core/reading/reader.ts'

/** Sets at once: threads have work while the results of other sets are written, and a slow contact holds up only its own set. */
const CONCURRENCY = 8

export function startRead({ queues }: Ground, reader: Reader) {
  return queues.work<IdsJob>('read', (job) => reader.read(job.data.ids), CONCURRENCY)
}
