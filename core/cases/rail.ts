/** What stands beside every case: the cases a person holds, and the lines they serve. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { senderOf, caseSubjectOf } from '../contacts/shown.ts'

export interface OwnCase {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  /** Its subject, or else its first words; empty where it has neither. */
  readonly subject: string
  readonly sender: string | null
  readonly leaseUntil: Date
  readonly arrivedAt: Date
}

export interface Line {
  readonly department: string
  readonly waiting: number
  /** Arrival of the case that waits the longest; null where nobody waits. */
  readonly oldest: Date | null
}

/** More than anybody may hold; further ones are on nobody's desk. */
const MOST_HELD = 200

/** The cases somebody holds, earliest arrival first. */
export async function ownCases(db: Db, actor: string): Promise<OwnCase[]> {
  const { rows } = await sql<OwnCase>`
    select cases.id as "caseId", cases.receipt, cases.department, ${caseSubjectOf} as subject,
      ${senderOf} as sender, cases.lease_until as "leaseUntil",
      cases.arrived_at as "arrivedAt"
    from cases join contacts on contacts.id = cases.contact_id
    where cases.state = 'taken' and cases.taken_by = ${actor}
    order by cases.arrived_at, cases.ordinal, cases.id limit ${MOST_HELD}`.execute(db)
  return rows
}

/** How many wait in each of these lines, and since when, in the order given. */
export async function viewLines(db: Db, departments: readonly string[]): Promise<Line[]> {
  if (departments.length === 0) return []
  const { rows } = await sql<Line>`
    select department, count(*)::int as waiting, min(arrived_at) as oldest from cases
    where state = 'waiting' and department = any(${departments}::text[])
    group by department`.execute(db)
  return departments.map(
    (department) =>
      rows.find((row) => row.department === department) ?? { department, waiting: 0, oldest: null }
  )
}
