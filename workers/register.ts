/**
 * Upkeep of the register: applies privacy mode, and learns the weights of matching again once the
 * register has grown.
 */
import { recognitionOf } from '../config/schema.ts'
import type { Runtime } from '../core/runtime.ts'
import { trainIfGrown } from '../core/matching/models.ts'
import { protectMentions, protectRegister } from '../core/people/protect-register.ts'
import { protectionOf } from '../core/people/recognition.ts'
import { unlessLocked } from '../platform/db/advisory-locks.ts'

const EVERY_MS = 60_000

type TendedRuntime = Pick<Runtime, 'db' | 'agency' | 'secret' | 'log'>

/**
 * Runs at once, because the configuration may have changed while nothing ran, and then every
 * minute.
 */
export function startRegister(runtime: TendedRuntime) {
  const { log } = runtime
  let stopping = false
  const once = () =>
    tend(runtime, () => stopping).catch((error: unknown) =>
      log.warn({ err: error }, 'the register could not be looked after; it is tried again')
    )
  let running = once()
  const clock = setInterval(() => {
    running = running.then(once)
  }, EVERY_MS)
  return {
    async close() {
      stopping = true
      clearInterval(clock)
      await running
    }
  }
}

async function tend(runtime: TendedRuntime, stopping: () => boolean): Promise<void> {
  await unlessLocked(runtime.db, 'registerUpkeep', async () => {
    await protectAll(runtime, stopping)
    if (!stopping() && (await trainIfGrown(runtime.db)))
      runtime.log.info('the weights of matching were learnt anew from the register')
  })
}

async function protectAll(
  { db, agency, secret, log }: TendedRuntime,
  stopping: () => boolean
): Promise<void> {
  const protection = protectionOf({ agency, secret })
  const { country } = recognitionOf(agency().departments)
  for (let batch = -1; batch !== 0 && !stopping();)
    batch = await protectMentions(db, { protection, country })
  let changed = 0
  for (let batch = -1; batch !== 0 && !stopping();) {
    batch = await protectRegister(db, protection)
    changed += batch
  }
  if (changed > 0)
    log.info(
      { constituents: changed },
      'what the register held in readable form is now kept as hashes only'
    )
}
