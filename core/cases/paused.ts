/** Cases that wait for their residents, for those who serve the departments. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { caseSubjectOf } from '../contacts/shown.ts'

export interface PausedCase {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  /** Its subject, or else its first words; empty where it has neither. */
  readonly subject: string
  readonly arrivedAt: Date
  readonly since: Date
  /** When it comes back by itself. */
  readonly remindAt: Date
  readonly reason: string
}

/** Of the given departments, the next reminder first. */
export async function listPaused(
  db: Db,
  departments: readonly string[],
  limit: number
): Promise<PausedCase[]> {
  const { rows } = await sql<PausedCase>`
    select cases.id as "caseId", cases.receipt, cases.department, ${caseSubjectOf} as subject,
      cases.arrived_at as "arrivedAt", remind_at as "remindAt", paused.at as since,
      paused.data ->> 'reason' as reason
    from cases join contacts on contacts.id = cases.contact_id
    cross join lateral (select at, data from events where events.case_id = cases.id
      and kind = 'case.paused' order by events.id desc limit 1) as paused
    where cases.state = 'waiting-for-resident' and department = any(${departments}::text[])
    order by remind_at, cases.id limit ${limit}`.execute(db)
  return rows
}
