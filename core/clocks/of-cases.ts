/** Due dates of cases, by their departments' clocks and the waits that the ledger tells of. */
import type { Departments } from '../../config/schema.ts'
import { clockOf } from '../../config/clocks.ts'
import type { Db } from '../../platform/db/database.ts'
import { dueOf, type Due, type Pause } from './due.ts'

export interface TimedCase {
  readonly caseId: string
  readonly department: string
  /** By which it stands in line. */
  readonly arrivedAt: Date
}

/** By case; those without a due date are missing. Ended cases have none: ask for open ones only. */
export async function dueDates(
  db: Db,
  departments: Departments,
  cases: readonly TimedCase[],
  now = Date.now()
): Promise<Map<string, Due>> {
  const timed = cases.filter(({ department }) => clockOf(departments, department).due)
  const pauses = await pausesOf(
    db,
    timed.map(({ caseId }) => caseId)
  )
  return new Map(
    timed.flatMap(({ caseId, department, arrivedAt }) => {
      const clock = clockOf(departments, department)
      const due = dueOf(clock, arrivedAt.getTime(), pauses.get(caseId) ?? [], now)
      return due ? [[caseId, due] as const] : []
    })
  )
}

async function pausesOf(db: Db, caseIds: readonly string[]): Promise<Map<string, Pause[]>> {
  if (caseIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('events')
    .select(['case_id', 'kind', 'at'])
    .where('case_id', 'in', caseIds)
    .where('kind', 'in', ['case.paused', 'case.resumed', 'case.joined'])
    .orderBy('id')
    .execute()
  const pauses = new Map<string, { from: number; to?: number }[]>()
  for (const { case_id: caseId, kind, at } of rows) {
    const own = pauses.get(caseId!) ?? []
    if (kind === 'case.paused') pauses.set(caseId!, [...own, { from: at.getTime() }])
    const open = own.at(-1)
    if (kind !== 'case.paused' && open && open.to === undefined) open.to = at.getTime()
  }
  return pauses
}
