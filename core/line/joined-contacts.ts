/**
 * Shows the contacts of a joined case on the case it was joined into. A contact's own link says
 * which case it came for and is never removed. A link "via" a joined case is a copy that is removed
 * when the join is undone. `contacts.case_id` is the case that stands for the contact now.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** The case and every case joined into it, directly or through others. */
function tree(caseId: string): RawBuilder<unknown> {
  return sql`tree as (select ${caseId}::uuid as id union all select cases.id from cases
      join tree on cases.joined_into = tree.id)`
}

/**
 * Links the later case's contacts to the earlier case, including those joined into the later case
 * before.
 */
export async function copyLinks(
  trx: Db,
  laterCaseId: string,
  earlierCaseId: string,
  role: 'duplicate' | 'follow-up',
  reason: string
): Promise<void> {
  await sql`
    with recursive ${tree(laterCaseId)}
    insert into case_contacts (case_id, contact_id, role, reason, via)
    select ${earlierCaseId}, contact_id, case when own.case_id = ${laterCaseId}
      and own.role = 'first' then ${role} when own.role = 'first' then 'duplicate'
      else own.role end, ${reason}, own.case_id
    from case_contacts own join tree on tree.id = own.case_id where own.via is null
    on conflict do nothing`.execute(trx)
}

/**
 * Removes those copies again, also from cases that the earlier one was itself joined into. Must be
 * called while the case is still joined.
 */
export async function removeLinks(trx: Db, caseId: string): Promise<void> {
  await sql`
    with recursive ${tree(caseId)}, above as (
      select joined_into as id from cases where id = ${caseId} union all select cases.joined_into
        from cases join above on cases.id = above.id where cases.joined_into is not null
    )
    delete from case_contacts using tree, above where case_contacts.via = tree.id
      and case_contacts.case_id = above.id`.execute(trx)
}

/** Sets `contacts.case_id` of these contacts to the earlier case. */
export async function moveContacts(
  trx: Db,
  laterCaseId: string,
  earlierCaseId: string
): Promise<void> {
  await sql`update contacts set own_case_id = coalesce(own_case_id, contacts.case_id),
      case_id = ${earlierCaseId} from case_contacts
    where case_contacts.case_id = ${laterCaseId} and contacts.id = case_contacts.contact_id
      and contacts.case_id = ${laterCaseId}`.execute(trx)
}

/** Sets `contacts.case_id` back to the case that came back, also for contacts joined into it. */
export async function returnContacts(trx: Db, caseId: string): Promise<void> {
  await sql`
    with recursive ${tree(caseId)}
    update contacts set case_id = ${caseId}, own_case_id = case
      when own_case_id = ${caseId} then null else own_case_id end
    from case_contacts join tree on tree.id = case_contacts.case_id
    where contacts.id = case_contacts.contact_id and contacts.own_case_id = tree.id`.execute(trx)
}
