/**
 * Exact order under concurrency. Entering a department's line holds a shared lock until commit, taking from it an exclusive
 * one, and the event's turn is drawn inside. So for every take, each entry either committed before it (and has a smaller turn)
 * or began after it (and has a larger one): the ledger's order is the true order.
 */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

/** Advisory locks share one space of numbers per database; this one is ours ("EVLN"). */
const LOCK_SPACE = 0x45564c4e

/** Held until the transaction ends. Departments are locked in one order, so that two callers cannot wait for each other. */
export async function lockForEntry(db: Db, departments: readonly string[]): Promise<void> {
  if (departments.length === 0) return
  await sql`
    select pg_advisory_xact_lock_shared(${LOCK_SPACE}::int, key)
    from (select distinct hashtext(id) as key from unnest(${departments}::text[]) as id order by 1) as keys`.execute(db)
}

/**
 * The same within a statement that ends cases: whoever reads a line's events in order (core/webhooks/store.ts) must not find
 * one appear behind those it has read. `keys` selects the departments' hashes as `key`, in their order.
 */
export function lockLines(keys: ReturnType<typeof sql>): ReturnType<typeof sql> {
  return sql`select pg_advisory_xact_lock_shared(${LOCK_SPACE}::int, key) from (${keys}) as keys`
}

/** Held until the transaction ends; waits for entries under way and keeps new ones out. */
export async function lockForTake(db: Db, department: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK_SPACE}::int, hashtext(${department}))`.execute(db)
}
