/**
 * A case that waits for its resident's answer stands in no line and is nobody's. It comes back to
 * the place of its arrival with their word, on the reminder's date, or by a person; the events of
 * both ends say which.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { appendEvents } from '../ledger/append.ts'
import { inLineOf } from './locks.ts'
import { requireReason } from './reasons.ts'

/** Longest wait in days: a case must not be forgotten by a slip in the year. */
const LONGEST_DAYS = 366

export interface Pause {
  readonly actor: string
  readonly reason: string
  /** When it comes back by itself. */
  readonly until: Date
  /** Throws where it may not wait as it stands, in the same transaction. */
  readonly condition?: (trx: Db) => Promise<void>
}

/** What ended the wait: a message of the resident, the date, or a person. */
type Ending = 'resident' | 'date' | 'person'

/**
 * Lets a case that the actor holds wait for its resident. @throws REASON_REQUIRED, REMINDER_NEEDED,
 * CASE_UNKNOWN, CASE_NOT_TAKEN, and what `condition` throws
 */
export async function pause(
  db: Db,
  caseId: string,
  { actor, reason, until, condition }: Pause
): Promise<void> {
  const why = requireReason(reason)
  const days = (until.getTime() - Date.now()) / 86_400_000
  if (!(days > 0 && days <= LONGEST_DAYS)) throw new EvenhandError('REMINDER_NEEDED')
  await inLineOf(db, caseId, async (trx, department) => {
    const held = await trx
      .updateTable('cases')
      .set({
        state: 'waiting-for-resident',
        taken_by: null,
        taken_at: null,
        lease_until: null,
        remind_at: until,
        updated_at: sql`now()`
      })
      .where('id', '=', caseId)
      .where('department', '=', department)
      .where('state', '=', 'taken')
      .where('taken_by', '=', actor)
      .returning('id')
      .executeTakeFirst()
    if (!held) throw new EvenhandError('CASE_NOT_TAKEN')
    await condition?.(trx)
    const data = { reason: why, until: until.toISOString() }
    await appendEvents(trx, [{ kind: 'case.paused', department, caseId, actor, data }])
  })
}

/**
 * Brings a case that waits for its resident back to its place, because somebody says so. Returns
 * the department. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_PAUSED
 */
export async function resume(
  db: Db,
  caseId: string,
  actor: string,
  reason: string
): Promise<string> {
  const why = requireReason(reason)
  return inLineOf(db, caseId, async (trx) => {
    const back = await resumeLocked(trx, caseId, { actor, reason: why, by: 'person' })
    if (!back) throw new EvenhandError('CASE_NOT_PAUSED')
  })
}

/**
 * The same for a caller that has locked the case's line. False if the case does not wait for its
 * resident.
 */
export async function resumeLocked(
  trx: Db,
  caseId: string,
  { actor, reason, by }: { readonly actor: string; readonly reason: string; readonly by: Ending }
): Promise<boolean> {
  const back = await trx
    .updateTable('cases')
    .set({ state: 'waiting', remind_at: null, updated_at: sql`now()` })
    .where('id', '=', caseId)
    .where('state', '=', 'waiting-for-resident')
    .returning(['department', exactTime('arrived_at').as('arrivedAt'), 'ordinal'])
    .executeTakeFirst()
  if (!back) return false
  const { department, arrivedAt, ordinal } = back
  const data = { reason, by, arrivedAt, ordinal: Number(ordinal) }
  await appendEvents(trx, [{ kind: 'case.resumed', department, caseId, actor, data }])
  return true
}

/** Cases whose reminder is due, the oldest first. */
async function findReminded(db: Db, limit = 500): Promise<string[]> {
  const rows = await db
    .selectFrom('cases')
    .select('id')
    .where('state', '=', 'waiting-for-resident')
    .where('remind_at', '<=', sql<Date>`now()`)
    .orderBy('remind_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Brings back each case whose date has come. Returns them with their departments. */
export async function resumeReminded(db: Db): Promise<{ department: string; caseId: string }[]> {
  const back: { department: string; caseId: string }[] = []
  for (const caseId of await findReminded(db)) {
    await inLineOf(db, caseId, async (trx, department) => {
      const by = { actor: 'system:sweep', reason: 'the reminder’s date came', by: 'date' } as const
      if (await resumeLocked(trx, caseId, by)) back.push({ department, caseId })
    })
  }
  return back
}
