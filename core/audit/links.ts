/** Which contacts are at which cases, by the tables and by the ledger, both ways. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { findProblems } from './problems.ts'

const views = sql`
  with recursive told as (
    select case_id, contact_id, 'first' as role, 'opened the case' as reason from events
      where kind = 'case.entered'
    union all
    select joined.case_id, joined.contact_id, case joined.data ->> 'as'
      when 'duplicate' then 'duplicate' else 'follow-up' end, joined.data ->> 'reason'
      from events as joined
    where joined.kind = 'contact.joined' and not joined.data ? 'case'
      and joined.case_id is not null
      and not exists (select from events as gone where gone.contact_id = joined.contact_id
        and gone.kind = 'contact.left' and not gone.data ? 'case' and gone.id > joined.id)
  ), own as (
    select * from case_contacts where via is null
  ), above as (
    select id, joined_into as higher from cases where joined_into is not null union
      select above.id, cases.joined_into from above join cases on cases.id = above.higher
      where cases.joined_into is not null
  ), single as (
    select contact_id from own group by contact_id having count(*) = 1
  )`

const faults = {
  lost: sql`
    select 'case ' || told.case_id || ' has lost contact ' || told.contact_id || ', which ' || case
      told.role when 'first' then 'opened' else 'joined' end || ' it' as problem from told
    where not exists (select from own where own.case_id = told.case_id
      and own.contact_id = told.contact_id)`,
  invented: sql`
    select 'case ' || own.case_id || ' has contact ' || own.contact_id || ' as ' || own.role ||
      ', and the ledger does not say so' from own
    where not exists (select from told where told.case_id = own.case_id
      and told.contact_id = own.contact_id and told.role = own.role)`,
  shownUnjoined: sql`
    select 'case ' || copy.case_id || ' shows contact ' || copy.contact_id ||
      ' of a case that was not joined into it' from case_contacts copy
    where copy.via is not null and not (exists (select from above where above.id = copy.via
      and above.higher = copy.case_id)
      and exists (select from own where own.case_id = copy.via
        and own.contact_id = copy.contact_id))`,
  joinedNotShown: sql`
    select 'case ' || above.higher || ' does not show contact ' || own.contact_id || ' of case ' ||
      own.case_id || ', which was joined into it' from above
    join own on own.case_id = above.id and own.role = 'first'
      join single on single.contact_id = own.contact_id
    where not exists (select from case_contacts link where link.case_id = above.higher
      and link.contact_id = own.contact_id)`,
  shownElsewhere: sql`
    select 'contact ' || contacts.id || ' is shown by another case than those it is at'
      from contacts
    where not exists (select from case_contacts link where link.contact_id = contacts.id
      and link.case_id = contacts.case_id) and (contacts.case_id is not null or exists (select
      from case_contacts link where link.contact_id = contacts.id))`,
  returnsElsewhere: sql`
    select 'contact ' || contacts.id || ' would go back to another case than its own' from contacts
    left join (select contact_id, count(*) as cases, (array_agg(case_id))[1] as case_id from own
      group by contact_id) as mine on mine.contact_id = contacts.id
    where case when mine.cases > 1 then own_case_id is not null and not exists (select from own
      where own.contact_id = contacts.id and own.case_id = own_case_id)
      else own_case_id is distinct from case
        when mine.case_id <> contacts.case_id then mine.case_id end end`,
  reasonDiffers: sql`
    select 'case ' || own.case_id || ' has contact ' || own.contact_id ||
      ' for another reason than the ledger recorded' from own
    join told on told.case_id = own.case_id and told.contact_id = own.contact_id
      and told.role = own.role where told.reason is not null
      and own.reason is distinct from told.reason`,
  joinReasonDiffers: sql`
    select 'case ' || copy.case_id || ' shows contact ' || copy.contact_id ||
      ' for another reason than the ledger recorded' from case_contacts copy
    where copy.via is not null and not exists (
      select from events where events.kind = 'case.joined'
        and (data ->> 'into')::uuid = copy.case_id and data ->> 'reason' = copy.reason
        and (events.case_id = copy.via or exists (select from above where above.id = copy.via
          and above.higher = events.case_id)))`
}

/**
 * A contact's own link is of an event; a link "via" a joined case follows from the joins
 * (core/line/joined-contacts.ts).
 */
export function checkLinks(db: Db, limit: number): Promise<string[]> {
  return findProblems(db, { views, faults }, limit)
}
