/**
 * Gives back cases that somebody else holds: one, by a supervisor with a reason, or all that a
 * closed account held. The event names both, and the audit does not take it for the holder's choice.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { putBackInLine } from './back-in-line.ts'
import { lockForEntry } from './locks.ts'
import { requireReason } from './reasons.ts'

/** A case that stands in its line again and needs a ticket. */
export interface FreedCase {
  readonly department: string
  readonly caseId: string
}

interface Freeing {
  readonly actor: string
  readonly reason: string
}

/**
 * Puts a case that an actor holds back at its place. A case that one holds oneself is given back
 * as by `giveBack`, so that nobody hides a choice of their own. Returns the department.
 * @param holder whom the page showed as its holder, if it did
 * @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_HELD
 */
export async function free(
  db: Db,
  caseId: string,
  { actor, reason, holder }: Freeing & { readonly holder?: string | undefined }
): Promise<string> {
  const why = requireReason(reason)
  if (!isId(caseId)) throw new EvenhandError('CASE_UNKNOWN')
  return db.transaction().execute(async (trx) => {
    const found = await trx
      .selectFrom('cases')
      .select(['department', 'taken_by'])
      .where('id', '=', caseId)
      .executeTakeFirst()
    if (!found) throw new EvenhandError('CASE_UNKNOWN')
    const from = holder ?? found.taken_by ?? ''
    const [freed] = await putBack(
      trx,
      [found.department],
      sql`id = ${caseId} and taken_by = ${from}`
    )
    if (!freed) throw new EvenhandError('CASE_NOT_HELD')
    await record(trx, [freed], from, { actor, reason: why })
    return freed.department
  })
}

/**
 * Puts all cases that an actor holds back at their places, within the caller's transaction. One
 * that they act on at this moment is left out; `freeDisabled` finds it.
 */
export async function freeAllOf(trx: Db, holder: string, by: Freeing): Promise<FreedCase[]> {
  const rows = await trx
    .selectFrom('cases')
    .select('department')
    .distinct()
    .where('state', '=', 'taken')
    .where('taken_by', '=', holder)
    .execute()
  const departments = rows.map(({ department }) => department)
  const freed = await putBack(trx, departments, sql`taken_by = ${holder}`)
  await record(trx, freed, holder, by)
  return freed
}

/** The same for what disabled accounts hold all the same, for the sweep. */
export async function freeDisabled(db: Db): Promise<FreedCase[]> {
  const { rows } = await sql<{ holder: string }>`
    select distinct taken_by as holder from cases
      join staff on taken_by = 'staff:' || staff.id
      where state = 'taken' and disabled_at is not null`.execute(db)
  const all: FreedCase[] = []
  for (const { holder } of rows)
    all.push(
      ...(await db
        .transaction()
        .execute((trx) =>
          freeAllOf(trx, holder, { actor: 'system:sweep', reason: ACCOUNT_DISABLED })
        ))
    )
  return all
}

export const ACCOUNT_DISABLED = 'the account was disabled'

/** Lines are locked before rows, as takes do, and a row that somebody acts on is skipped. */
async function putBack(
  trx: Db,
  departments: readonly string[],
  which: ReturnType<typeof sql>
): Promise<FreedCase[]> {
  if (departments.length === 0) return []
  await lockForEntry(trx, departments)
  const freed = await putBackInLine(trx, sql`${which} and department = any(${departments}::text[])`)
  return freed.map(({ department, caseId }) => ({ department, caseId }))
}

async function record(
  trx: Db,
  freed: readonly FreedCase[],
  holder: string,
  { actor, reason }: Freeing
): Promise<void> {
  const own = actor === holder
  await appendEvents(
    trx,
    freed.map(({ department, caseId }) => ({
      kind: 'case.returned',
      department,
      caseId,
      actor,
      data: { reason, ...(own ? {} : { holder, freed: true }) }
    }))
  )
}
