/** Who holds which cases, for those who may give them back. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { caseSubjectOf } from '../contacts/shown.ts'

export interface HeldByOne {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  readonly channel: string
  /** Its subject, or else its first words; empty where it has neither. */
  readonly subject: string
  /** The actor, such as `staff:<id>`. */
  readonly heldBy: string
  readonly since: Date
  /** When it returns to its place by itself. */
  readonly leaseUntil: Date
  readonly arrivedAt: Date
}

/** Held the longest first. */
export async function listHeld(db: Db, limit: number): Promise<HeldByOne[]> {
  const { rows } = await sql<HeldByOne>`
    select cases.id as "caseId", cases.receipt, cases.department, cases.channel,
      ${caseSubjectOf} as subject, taken_by as "heldBy", taken_at as since,
      lease_until as "leaseUntil", cases.arrived_at as "arrivedAt"
    from cases join contacts on contacts.id = cases.contact_id
    where cases.state = 'taken' order by taken_at, cases.id limit ${limit}`.execute(db)
  return rows
}
