import type { DocumentStage } from '../core/documents/stage.ts'
import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'

/** Documents that take pages in turns; their pages share as many readers as there are cores. More wait in the order they came. */
const CONCURRENCY = 8

export function startDocuments({ queues }: Ground, stage: DocumentStage) {
  const worker = queues.work<IdsJob>('documents', (job) => stage.read(job.data.ids), CONCURRENCY)
  // Only once its job is over can a document be handed in again, at the end of the queue.
  worker.on('completed', (_job, more: string[]) => queues.hand('documents', more))
  return worker
}
