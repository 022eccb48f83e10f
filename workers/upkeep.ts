import { sweep, type SweptRuntime } from './recovery-sweep.ts'

const SWEEP_EVERY_MS = 5_000

/**
 * All processes of one installation ask for a sweep under the same name in the same period, so that
 * only one runs it.
 */
export function startUpkeep(runtime: SweptRuntime) {
  const { queues, log } = runtime
  const ask = () => {
    const period = Math.floor(Date.now() / SWEEP_EVERY_MS)
    queues
      .queue('upkeep')
      .add(
        'sweep',
        {},
        { jobId: `sweep-${period}`, removeOnComplete: { count: 20 }, removeOnFail: { count: 20 } }
      )
      .catch((error: unknown) => log.debug({ err: error }, 'the sweep could not be asked for'))
  }
  const worker = queues.work(
    'upkeep',
    async () => {
      const done = await sweep(runtime)
      if (Object.values(done).some((count) => count > 0)) log.debug(done, 'swept')
    },
    1
  )
  ask()
  const clock = setInterval(ask, SWEEP_EVERY_MS)
  return {
    close: async () => {
      clearInterval(clock)
      await worker.close()
    }
  }
}
