/**
 * Where the contacts of a joined case are shown. A contact's own link says what it came for and never goes; a link "via" a joined
 * case is a copy that goes when the join is undone. `contacts.case_id` is the case that speaks for the contact now.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'

/** The case and every case that was joined into it, directly or by way of another. */
function tree(caseId: string): RawBuilder<unknown> {
  return sql`tree as (select ${caseId}::uuid as id union all select cases.id from cases join tree on cases.joined_into = tree.id)`
}

/** Shows the later case's contacts, and those joined into it before, on the earlier one. */
export async function copyLinks(trx: Db, laterCaseId: string, earlierCaseId: string, role: 'duplicate' | 'follow-up', reason: string): Promise<void> {
  await sql`
    with recursive ${tree(laterCaseId)}
    insert into case_contacts (case_id, contact_id, role, reason, via)
    select ${earlierCaseId}, contact_id, case when own.case_id = ${laterCaseId} and own.role = 'first' then ${role} when own.role = 'first' then 'duplicate' else own.role end, ${reason}, own.case_id
    from case_contacts own join tree on tree.id = own.case_id where own.via is null
    on conflict do nothing`.execute(trx)
}

/** Takes those copies away again, also from the cases that the earlier one was itself joined into. Call it while the case is joined. */
export async function removeLinks(trx: Db, caseId: string): Promise<void> {
  await sql`
    with recursive ${tree(caseId)}, above as (
      select joined_into as id from cases where id = ${caseId} union all select cases.joined_into from cases join above on cases.id = above.id where cases.joined_into is not null
    )
    delete from case_contacts using tree, above where case_contacts.via = tree.id and case_contacts.case_id = above.id`.execute(trx)
}

/** The earlier case speaks for these contacts from now on. */
export async function moveContacts(trx: Db, laterCaseId: string, earlierCaseId: string): Promise<void> {
  await sql`update contacts set own_case_id = coalesce(own_case_id, contacts.case_id), case_id = ${earlierCaseId} from case_contacts
    where case_contacts.case_id = ${laterCaseId} and contacts.id = case_contacts.contact_id and contacts.case_id = ${laterCaseId}`.execute(trx)
}

/** The case that came back speaks for its contacts again, and for those joined into it. */
export async function returnContacts(trx: Db, caseId: string): Promise<void> {
  await sql`
    with recursive ${tree(caseId)}
    update contacts set case_id = ${caseId}, own_case_id = case when own_case_id = ${caseId} then null else own_case_id end
    from case_contacts join tree on tree.id = case_contacts.case_id
    where contacts.id = case_contacts.contact_id and contacts.own_case_id = tree.id`.execute(trx)
}
