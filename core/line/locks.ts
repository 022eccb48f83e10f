/**
 * Exact order under concurrency. A transaction that enters a case into a line holds a shared lock
 * until commit; one that takes from the line holds an exclusive lock. The event's turn is drawn
 * while the lock is held. So for every take, each entry either committed before it and has a
 * smaller turn, or began after it and has a larger one: the ledger's order is the true order.
 */
import type { RawBuilder } from 'kysely'
import { lockKeys, lockNames } from '../../platform/db/advisory-locks.ts'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { departmentOf } from './view.ts'

/**
 * Locks lines for entering, until the transaction ends. Departments are locked in one fixed order,
 * so that two callers cannot wait for each other.
 */
export async function lockForEntry(db: Db, departments: readonly string[]): Promise<void> {
  await lockNames(db, 'line', departments, 'shared')
}

/** As `lockLinesOf`, of one case, with a line that it or a part of it goes to. */
export async function lockLineOf(trx: Db, caseId: string, into?: string): Promise<string> {
  return (await lockLinesOf(trx, [caseId], into === undefined ? [] : [into]))[0]!
}

/**
 * Runs `work` in a transaction that holds the lock of a case's line; answers the line's department.
 * @throws CASE_UNKNOWN, and what `work` throws
 */
export function inLineOf(
  db: Db,
  caseId: string,
  work: (trx: Db, department: string) => Promise<void>
): Promise<string> {
  return db.transaction().execute(async (trx) => {
    const department = await lockLineOf(trx, caseId)
    await work(trx, department)
    return department
  })
}

/**
 * Locks the lines that cases are in, before their rows, as takes do, so that none of them deadlock;
 * answers their departments. Whoever writes a row checks that it is still there.
 * @throws CASE_UNKNOWN
 */
export async function lockLinesOf(
  trx: Db,
  caseIds: readonly string[],
  others: readonly string[] = []
): Promise<string[]> {
  const departments: string[] = []
  for (const caseId of caseIds) {
    const department = isId(caseId) ? await departmentOf(trx, caseId) : undefined
    if (department === undefined) throw new EvenhandError('CASE_UNKNOWN')
    departments.push(department)
  }
  await lockForEntry(trx, [...departments, ...others])
  return departments
}

/**
 * The same as part of a statement that ends cases. Whoever reads a line's events in order
 * (core/webhooks/store.ts) must never see an event appear before one already read. `keys` selects
 * the departments' hashes as `key`, in lock order.
 */
export function lockLines(keys: RawBuilder<unknown>): RawBuilder<unknown> {
  return lockKeys('line', keys, 'shared')
}

/**
 * Locks a line for taking, until the transaction ends. Waits for entries under way and keeps new
 * ones out.
 */
export async function lockForTake(db: Db, department: string): Promise<void> {
  await lockNames(db, 'line', [department], 'exclusive')
}
