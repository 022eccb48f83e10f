import type { MailroomRuntime } from '../core/mailroom/runtime.ts'
import { processBatch } from '../core/mailroom/process-batch.ts'
import type { IdsJob } from '../platform/queues/job-queues.ts'

/**
 * Batches at once. The readers alternate between them page by page, so that a tray of one letter
 * does not wait for one of five hundred pages.
 */
const CONCURRENCY = 4

export function startMailroom(runtime: MailroomRuntime) {
  return runtime.queues.work<IdsJob>(
    'mailroom',
    async (job) => {
      for (const id of job.data.ids) await processBatch(runtime, id)
    },
    CONCURRENCY
  )
}
