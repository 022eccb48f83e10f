/**
 * The ways back into a line for a case that somebody holds. The case keeps its arrival and so its
 * place.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { appendEvents, type LedgerEvent } from '../ledger/append.ts'
import { putBackInLine } from './back-in-line.ts'
import { lockForEntry } from './locks.ts'
import { optionalReason, requireReason } from './reasons.ts'

interface TakenCase {
  readonly id: string
  readonly department: string
  readonly contact_id: string
  readonly taken_by: string | null
  /** Which of the cases that its contact was split into. */
  readonly part: number
}

/**
 * Puts a case back at its place. Returns the department. @throws REASON_REQUIRED, CASE_UNKNOWN,
 * CASE_NOT_TAKEN
 */
export async function giveBack(
  db: Db,
  caseId: string,
  actor: string,
  reason: string
): Promise<string> {
  return backToLine(db, caseId, actor, 'case.returned', requireReason(reason))
}

/**
 * Puts a case back at its place. This actor's takes skip it for as long as it stands in this line
 * and anything else waits. The ledger records who passed it and why, and passes are counted.
 * @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN
 */
export async function pass(db: Db, caseId: string, actor: string, reason: string): Promise<string> {
  return backToLine(db, caseId, actor, 'case.passed', requireReason(reason))
}

async function backToLine(
  db: Db,
  caseId: string,
  actor: string,
  kind: 'case.returned' | 'case.passed',
  reason: string
): Promise<string> {
  return db.transaction().execute(async (trx) => {
    const held = await requireTaken(trx, caseId, actor)
    await putBack(trx, held)
    if (kind === 'case.passed') {
      await trx
        .insertInto('case_passes')
        .values({ case_id: caseId, actor, reason })
        .onConflict((conflict) => conflict.columns(['case_id', 'actor']).doUpdateSet({ reason }))
        .execute()
    }
    await appendEvents(trx, [
      { kind, department: held.department, caseId, actor, data: { reason } }
    ])
    return held.department
  })
}

/**
 * Puts a case whose lease ran out back at its place. Returns the department, or undefined if the
 * case was served or taken again in the meantime. The ledger names the sweep as the actor, because
 * the holder did nothing.
 */
export async function giveBackExpired(db: Db, caseId: string): Promise<string | undefined> {
  return db.transaction().execute(async (trx) => {
    const expired = await trx
      .selectFrom('cases')
      .select(['id', 'department', 'contact_id', 'taken_by', 'part'])
      .where('id', '=', caseId)
      .where('state', '=', 'taken')
      .where('lease_until', '<', sql<Date>`now()`)
      .forUpdate()
      .executeTakeFirst()
    if (!expired) return undefined
    await putBack(trx, expired)
    await appendEvents(trx, [expiredEvent(expired.department, caseId, expired.taken_by)])
    return expired.department
  })
}

/**
 * The same for every such case of a department whose line the caller has locked. A case that
 * somebody is acting on right now is skipped: they hold its row and wait for the line.
 */
export async function returnExpired(trx: Db, department: string): Promise<string[]> {
  const expired = await putBackInLine(trx, sql`department = ${department} and lease_until < now()`)
  await appendEvents(
    trx,
    expired.map(({ caseId, holder }) => expiredEvent(department, caseId, holder))
  )
  return expired.map(({ caseId }) => caseId)
}

function expiredEvent(department: string, caseId: string, holder: string | null): LedgerEvent {
  return {
    kind: 'case.returned',
    department,
    caseId,
    actor: 'system:sweep',
    data: { reason: 'the lease ran out', holder }
  }
}

async function putBack(trx: Db, { id, department }: TakenCase): Promise<void> {
  await lockForEntry(trx, [department])
  await putBackInLine(trx, sql`id = ${id}`)
}

/**
 * Moves a case to another department's line, at the place that its arrival gives it there. @throws
 * CASE_UNKNOWN, CASE_NOT_TAKEN
 */
export async function transfer(
  db: Db,
  caseId: string,
  actor: string,
  to: string,
  reason: string
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const held = await requireTaken(trx, caseId, actor)
    // A transfer to the same line would be giving the case back without a reason.
    if (held.department === to) throw new EvenhandError('CASE_ALREADY_THERE')
    // Both lines are locked: the one it leaves gets an event too, in its own order
    // (core/webhooks/store.ts).
    await lockForEntry(trx, [held.department, to])
    await refuseSecondCase(trx, held, to)
    await putBackInLine(trx, sql`id = ${caseId}`, { into: to }).catch(secondCase)
    await trx.deleteFrom('case_passes').where('case_id', '=', caseId).execute()
    await appendEvents(trx, [
      {
        kind: 'case.transferred',
        department: to,
        caseId,
        actor,
        data: {
          from: held.department,
          reason: optionalReason(reason),
          ...(await arrivalOf(trx, caseId))
        }
      }
    ])
  })
}

/** Cases whose lease has run out, oldest lease first. The sweep gives them back. */
export async function findExpired(db: Db, limit = 500): Promise<string[]> {
  const rows = await db
    .selectFrom('cases')
    .select('id')
    .where('state', '=', 'taken')
    .where('lease_until', '<', sql<Date>`now()`)
    .orderBy('lease_until')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

async function requireTaken(trx: Db, caseId: string, actor: string): Promise<TakenCase> {
  const found = await lockCase(trx, caseId)
  if (found.state !== 'taken' || found.taken_by !== actor) throw new EvenhandError('CASE_NOT_TAKEN')
  return found
}

async function lockCase(trx: Db, caseId: string) {
  if (!isId(caseId)) throw new EvenhandError('CASE_UNKNOWN')
  const found = await trx
    .selectFrom('cases')
    .select(['id', 'department', 'contact_id', 'taken_by', 'state', 'part'])
    .where('id', '=', caseId)
    .forUpdate()
    .executeTakeFirst()
  if (!found) throw new EvenhandError('CASE_UNKNOWN')
  return found
}

/**
 * A contact addressed to two departments has a case in each. Moving one case into the other's line
 * would put the same matter there twice.
 */
async function refuseSecondCase(trx: Db, held: TakenCase, to: string): Promise<void> {
  const other = await trx
    .selectFrom('cases')
    .select('id')
    .where('contact_id', '=', held.contact_id)
    .where('department', '=', to)
    .where('part', '=', held.part)
    .where('id', '<>', held.id)
    .executeTakeFirst()
  if (other) throw new EvenhandError('CASE_ALREADY_THERE')
}

/**
 * Turns the unique key's error into CASE_ALREADY_THERE: the other case came into that line at the
 * same moment, so that refuseSecondCase could not see it.
 */
function secondCase(error: unknown): never {
  throw (error as { code?: unknown }).code === '23505'
    ? new EvenhandError('CASE_ALREADY_THERE')
    : error
}

async function arrivalOf(trx: Db, caseId: string): Promise<{ arrivedAt: string; ordinal: number }> {
  const { arrived_at: at, ordinal } = await trx
    .selectFrom('cases')
    .select([exactTime('arrived_at').as('arrived_at'), 'ordinal'])
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow()
  return { arrivedAt: at, ordinal: Number(ordinal) }
}
