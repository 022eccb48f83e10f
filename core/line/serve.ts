/** The ways back into a line. Each keeps the arrival, so the place is the one the case always had. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { EvenhandError } from '../errors.ts'
import { isId } from '../ids.ts'
import { appendEvents } from '../ledger.ts'
import { lockForEntry } from './locks.ts'
import { optionalReason, requireReason } from './reasons.ts'

interface HeldCase {
  readonly id: string
  readonly department: string
  readonly contact_id: string
  readonly taken_by: string | null
}

/** Puts a case back at its place; answers whose line. @throws CASE_UNKNOWN, CASE_NOT_TAKEN */
export function giveBack(db: Db, caseId: string, actor: string, reason: string): Promise<string> {
  return backToLine(db, caseId, actor, 'case.returned', optionalReason(reason))
}

/**
 * Puts a case back at its place and lets this actor's takes go past it for as long as it stands in this line and anything
 * else waits. Named, reasoned and counted. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN
 */
export function pass(db: Db, caseId: string, actor: string, reason: string): Promise<string> {
  return backToLine(db, caseId, actor, 'case.passed', requireReason(reason))
}

async function backToLine(db: Db, caseId: string, actor: string, kind: 'case.returned' | 'case.passed', reason: string): Promise<string> {
  return db.transaction().execute(async (trx) => {
    const held = await hold(trx, caseId, actor)
    await putBack(trx, held)
    if (kind === 'case.passed') {
      await trx.insertInto('case_passes').values({ case_id: caseId, actor, reason }).onConflict((conflict) => conflict.columns(['case_id', 'actor']).doUpdateSet({ reason })).execute()
    }
    await appendEvents(trx, [{ kind, department: held.department, caseId, actor, data: { reason } }])
    return held.department
  })
}

/**
 * Puts a case whose lease ran out back at its place; answers whose line, or undefined when it has been served or taken anew
 * meanwhile. The ledger names the sweep: the holder did nothing.
 */
export async function giveBackExpired(db: Db, caseId: string): Promise<string | undefined> {
  return db.transaction().execute(async (trx) => {
    const expired = await trx.selectFrom('cases').select(['id', 'department', 'contact_id', 'taken_by'])
      .where('id', '=', caseId).where('state', '=', 'taken').where('lease_until', '<', sql<Date>`now()`).forUpdate().executeTakeFirst()
    if (!expired) return undefined
    await putBack(trx, expired)
    await appendEvents(trx, [{ kind: 'case.returned', department: expired.department, caseId, actor: 'system:sweep', data: { reason: 'the lease ran out', holder: expired.taken_by } }])
    return expired.department
  })
}

async function putBack(trx: Db, { id, department }: HeldCase): Promise<void> {
  await lockForEntry(trx, [department])
  await trx.updateTable('cases').set({ state: 'waiting', taken_by: null, taken_at: null, lease_until: null, updated_at: sql`now()` }).where('id', '=', id).execute()
}

/** Moves a case to another department's line at the place its arrival earned there. @throws CASE_UNKNOWN, CASE_NOT_TAKEN */
export async function transfer(db: Db, caseId: string, actor: string, to: string, reason: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const held = await hold(trx, caseId, actor)
    // Both lines: the one it leaves hears of it too, in its own order (core/webhooks/store.ts).
    await lockForEntry(trx, [held.department, to])
    await refuseSecondCase(trx, held, to)
    await trx.updateTable('cases').set({ department: to, state: 'waiting', taken_by: null, taken_at: null, lease_until: null, updated_at: sql`now()` }).where('id', '=', caseId).execute().catch(secondCase)
    await trx.deleteFrom('case_passes').where('case_id', '=', caseId).execute()
    await appendEvents(trx, [{ kind: 'case.transferred', department: to, caseId, actor, data: { from: held.department, reason: optionalReason(reason), ...await arrivalOf(trx, caseId) } }])
  })
}

/** Puts an ended case back into its line, at its original place. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_CLOSED */
export async function reopen(db: Db, caseId: string, actor: string, reason: string): Promise<string> {
  const why = requireReason(reason)
  return db.transaction().execute(async (trx) => {
    const found = await lockCase(trx, caseId)
    if (found.state !== 'closed' && found.state !== 'handed-off') throw new EvenhandError('CASE_NOT_CLOSED')
    await reopenLocked(trx, caseId, found.department, actor, why)
    return found.department
  })
}

/** The reopening itself, for a caller that has found the case ended and holds its row. */
export async function reopenLocked(trx: Db, caseId: string, department: string, actor: string, reason: string): Promise<void> {
  await lockForEntry(trx, [department])
  await trx.updateTable('cases').set({ state: 'waiting', outcome: null, updated_at: sql`now()` }).where('id', '=', caseId).execute()
  await appendEvents(trx, [{ kind: 'case.reopened', department, caseId, actor, data: { reason, ...await arrivalOf(trx, caseId) } }])
}

/** Cases whose holder let the lease run out, oldest lease first: what the sweep gives back. */
export async function findExpired(db: Db, limit = 500): Promise<string[]> {
  const rows = await db.selectFrom('cases').select('id').where('state', '=', 'taken').where('lease_until', '<', sql<Date>`now()`).orderBy('lease_until').limit(limit).execute()
  return rows.map(({ id }) => id)
}

async function hold(trx: Db, caseId: string, actor: string): Promise<HeldCase> {
  const found = await lockCase(trx, caseId)
  if (found.state !== 'taken' || found.taken_by !== actor) throw new EvenhandError('CASE_NOT_TAKEN')
  return found
}

async function lockCase(trx: Db, caseId: string) {
  if (!isId(caseId)) throw new EvenhandError('CASE_UNKNOWN')
  const found = await trx.selectFrom('cases').select(['id', 'department', 'contact_id', 'taken_by', 'state']).where('id', '=', caseId).forUpdate().executeTakeFirst()
  if (!found) throw new EvenhandError('CASE_UNKNOWN')
  return found
}

/** A contact addressed to two departments has a case in each; moving one onto the other would make two of the same. */
async function refuseSecondCase(trx: Db, held: HeldCase, to: string): Promise<void> {
  const other = await trx.selectFrom('cases').select('id').where('contact_id', '=', held.contact_id).where('department', '=', to).where('id', '<>', held.id).executeTakeFirst()
  if (other) throw new EvenhandError('CASE_ALREADY_THERE')
}

/** The other case came there in the same instant, so that refuseSecondCase could not see it; the unique key did. */
function secondCase(error: unknown): never {
  throw (error as { code?: unknown }).code === '23505' ? new EvenhandError('CASE_ALREADY_THERE') : error
}

async function arrivalOf(trx: Db, caseId: string): Promise<{ arrivedAt: string; ordinal: number }> {
  const { arrived_at: at, ordinal } = await trx.selectFrom('cases').select([sql<string>`to_char(arrived_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as('arrived_at'), 'ordinal']).where('id', '=', caseId).executeTakeFirstOrThrow()
  return { arrivedAt: at, ordinal: Number(ordinal) }
}
