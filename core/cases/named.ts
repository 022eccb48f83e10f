/** What a case is called where only its name is needed. */
import { sql } from 'kysely'
import { aboutOf } from '../contacts/shown.ts'
import type { Db } from '../../platform/db/database.ts'

export interface NamedCase {
  /** As whoever split it off said, or else the subject of its first contact; neither is undefined. */
  readonly subject: string | undefined
  /** The beginning of what that contact says. */
  readonly text: string
  readonly receipt: string
  readonly department: string
  readonly heldBy: string | undefined
}

/** Characters of a text that can head a case. */
const BEGINNING = 200

/** Undefined where there is no such case. */
export async function nameCase(db: Db, caseId: string): Promise<NamedCase | undefined> {
  const row = await db
    .selectFrom('cases')
    .innerJoin('contacts', 'contacts.id', 'cases.contact_id')
    .select([
      'cases.receipt',
      'department',
      'taken_by',
      sql<string | null>`coalesce(${aboutOf}, contacts.envelope ->> 'subject')`.as('subject'),
      sql<string>`left(coalesce(contacts.envelope ->> 'text', ''), ${BEGINNING})`.as('text')
    ])
    .where('cases.id', '=', caseId)
    .executeTakeFirst()
  return (
    row && {
      subject: row.subject ?? undefined,
      text: row.text,
      receipt: row.receipt,
      department: row.department,
      heldBy: row.taken_by ?? undefined
    }
  )
}
