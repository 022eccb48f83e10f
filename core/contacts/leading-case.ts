/**
 * The case that stands for a contact which is dealt with as several (it went to several departments,
 * or was split): parts of a statement, of a row `contacts`. One that waits for its resident comes
 * first, then one that is not ended, so that nobody reads "closed" while something is open.
 */
import { sql } from 'kysely'

export const leadingCase = sql<string | null>`coalesce((
  select open_case.id from case_contacts open_link
    join cases open_case on open_case.id = open_link.case_id
  where open_link.contact_id = contacts.id
    and open_case.state in ('waiting', 'taken', 'waiting-for-resident')
  order by open_case.state = 'waiting-for-resident' desc, open_case.id = contacts.case_id desc,
    open_case.ordinal, open_case.id limit 1), contacts.case_id)`

/**
 * From which event on what happens to a case concerns a contact, too: parts of a statement, of a row
 * `link` of `case_contacts`. 0 for its own case; of one that it joined, alone or with its case, what
 * was before is the history of somebody else's message.
 */
export const ownSince = sql<string>`case when link.role = 'first' then 0 else coalesce((
  select max(joined.id) from events joined
  where joined.case_id = link.case_id and joined.kind = 'contact.joined'
    and (joined.contact_id = link.contact_id or joined.data ->> 'case' in (
      select own.id::text from case_contacts own_link join cases own on own.id = own_link.case_id
      where own_link.contact_id = link.contact_id and own.joined_into = link.case_id))), 0) end`
