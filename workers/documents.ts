import type { DocumentStage } from '../core/documents/stage.ts'
import type { Runtime } from '../core/runtime.ts'
import type { IdsJob } from '../platform/queues/job-queues.ts'

/**
 * Documents read at once, in slices of some pages; their pages share as many readers as there are
 * cores. Further documents wait in the order they came.
 */
const CONCURRENCY = 8

export function startDocuments({ queues }: Pick<Runtime, 'queues'>, stage: DocumentStage) {
  const worker = queues.work<IdsJob>('documents', (job) => stage.read(job.data.ids), CONCURRENCY)
  // A document can be queued again, at the end, only after its present job is over.
  worker.on('completed', (_job, more: string[]) => queues.enqueue('documents', more))
  return worker
}
