import { sql } from 'kysely'
import type { LinkState } from '../../core/duplicates/links.ts'
import type { Db } from '../../platform/db/database.ts'

interface CaseLink {
  readonly id: string
  readonly contactId: string
  readonly earlierContactId: string
  readonly state: LinkState
  readonly reason: string
  readonly evidence: unknown
  readonly madeBy: string
  readonly madeAt: Date
  readonly decidedBy: string | null
  readonly decidedWhy: string | null
  readonly decidedAt: Date | null
}

/** All links of a contact, as the later or the earlier one, oldest first. */
export async function linksOf(db: Db, contactId: string): Promise<CaseLink[]> {
  const { rows } = await sql<CaseLink>`
    select id, contact_id as "contactId", earlier_contact_id as "earlierContactId", state, reason,
      evidence, made_by as "madeBy", made_at as "madeAt",
      decided_by as "decidedBy", decided_why as "decidedWhy", decided_at as "decidedAt"
    from case_links where contact_id = ${contactId} or earlier_contact_id = ${contactId}
      order by made_at, id`.execute(db)
  return rows
}
