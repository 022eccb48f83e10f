import type { Ground } from '../core/ground.ts'
import type { IdsJob } from '../core/queues.ts'
import { tellDepartment } from '../core/webhooks/deliver.ts'

/** Departments told side by side; each of them hears one thing at a time. It mostly waits for others' answers. */
const CONCURRENCY = 8

/** Ids are those of departments. */
export function startWebhooks(ground: Ground) {
  return ground.queues.work<IdsJob>('webhooks', async (job) => {
    await Promise.all([...new Set(job.data.ids)].map((department) => tellDepartment(ground, department)))
  }, CONCURRENCY)
}
