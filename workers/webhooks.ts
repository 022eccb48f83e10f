import type { Runtime } from '../core/runtime.ts'
import type { IdsJob } from '../platform/queues/job-queues.ts'
import { tellDepartment } from '../core/webhooks/deliver.ts'

/**
 * Departments told at once; each gets one request at a time. The work is mostly waiting for
 * answers.
 */
const CONCURRENCY = 8

/** Ids are those of departments. */
export function startWebhooks(runtime: Runtime) {
  return runtime.queues.work<IdsJob>(
    'webhooks',
    async (job) => {
      await Promise.all(
        [...new Set(job.data.ids)].map((department) => tellDepartment(runtime, department))
      )
    },
    CONCURRENCY
  )
}
