/** The register's own upkeep: privacy mode carried through, and the weights of matching learnt again once the register has grown. */
import { sql } from 'kysely'
import { anyTables } from '../core/db/database.ts'
import type { Ground } from '../core/ground.ts'
import { trainIfGrown } from '../core/matching/models.ts'
import { protectRegister } from '../core/people/protect-register.ts'
import { protectionOf } from '../core/people/recognition.ts'

const EVERY_MS = 60_000
/** "EVRG": whoever holds it does the work, others leave it to them. */
const LOCK = 0x45565247

/** Starts at once, for a configuration changed while nothing ran, then looks every minute. */
export function startRegister(ground: Ground) {
  const { log } = ground
  let stopping = false
  const once = () => tend(ground, () => stopping).catch((error: unknown) => log.warn({ err: error }, 'the register could not be looked after; it is tried again'))
  let running = once()
  const clock = setInterval(() => { running = running.then(once) }, EVERY_MS)
  return {
    async close() {
      stopping = true
      clearInterval(clock)
      await running
    }
  }
}

async function tend(ground: Ground, stopping: () => boolean): Promise<void> {
  await ground.db.connection().execute(async (held) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_lock(${LOCK}) as mine`.execute(held)
    if (!rows[0]!.mine) return
    try {
      await protectAll(ground, stopping)
      if (!stopping() && await trainIfGrown(anyTables(ground.db))) ground.log.info('the weights of matching were learnt anew from the register')
    } finally {
      await sql`select pg_advisory_unlock(${LOCK})`.execute(held)
    }
  })
}

async function protectAll({ db, agency, secret, log }: Ground, stopping: () => boolean): Promise<void> {
  let changed = 0
  for (let batch = -1; batch !== 0 && !stopping();) {
    batch = await protectRegister(db, protectionOf({ agency, secret }))
    changed += batch
  }
  if (changed > 0) log.info({ constituents: changed }, 'what the register held in readable form is now kept as hashes only')
}
