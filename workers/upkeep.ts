import type { Ground } from '../core/ground.ts'
import { sweep } from '../core/sweep.ts'

const SWEEP_EVERY_MS = 5_000

/** Processes of one installation ask for a sweep by the same name in the same period, so one of them runs it. */
export function startUpkeep(ground: Ground) {
  const { queues, log } = ground
  const ask = () => {
    const period = Math.floor(Date.now() / SWEEP_EVERY_MS)
    queues.queue('upkeep').add('sweep', {}, { jobId: `sweep-${period}`, removeOnComplete: { count: 20 }, removeOnFail: { count: 20 } })
      .catch((error: unknown) => log.debug({ err: error }, 'the sweep could not be asked for'))
  }
  const worker = queues.work('upkeep', async () => {
    const done = await sweep(ground)
    if (Object.values(done).some((count) => count > 0)) log.debug(done, 'swept')
  }, 1)
  ask()
  const clock = setInterval(ask, SWEEP_EVERY_MS)
  return { close: async () => { clearInterval(clock); await worker.close() } }
}
