/** Which messages a case has: what a page of it shows is compared with that. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/**
 * A case that gathered more contacts than this is a campaign in the wrong place; the first ones
 * tell.
 */
export const CONTACTS_SHOWN = 100

export interface CaseMessages {
  /** Names the messages that a page shows: their number, and the last one's id. */
  readonly mark: string
  /** When the latest came to the case. */
  readonly latestAt: Date
  readonly department: string
  readonly heldBy: string | undefined
}

/** @param contactIds of a case, by arrival */
export function markMessages(contactIds: readonly string[]): string {
  return `${contactIds.length}.${contactIds.at(-1) ?? ''}`
}

/** Undefined where there is no such case. */
export async function findMessages(db: Db, caseId: string): Promise<CaseMessages | undefined> {
  const {
    rows: [found]
  } = await sql<Omit<CaseMessages, 'mark'> & { contactIds: string[] }>`
    select department, taken_by as "heldBy", "latestAt", "contactIds" from cases
      cross join lateral (select max(linked_at) as "latestAt",
          coalesce(array_agg(contact_id order by arrived_at, ordinal), '{}') as "contactIds"
        from (select contact_id, linked_at, arrived_at, contacts.ordinal from case_contacts
          join contacts on contacts.id = contact_id where case_contacts.case_id = cases.id
          order by arrived_at, contacts.ordinal limit ${CONTACTS_SHOWN}) as shown) as messages
    where cases.id = ${caseId}`.execute(db)
  return (
    found && {
      mark: markMessages(found.contactIds),
      latestAt: found.latestAt,
      department: found.department,
      heldBy: found.heldBy ?? undefined
    }
  )
}
