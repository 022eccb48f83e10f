/**
 * What was said to be the same matter, suggested, joined, declined or undone, by the table and by
 * the ledger, both ways.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/**
 * Links of before their making was an event are held against what was decided about them, and
 * counted: none is added past the ledger.
 */
export async function checkSimilar(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with made as (
      select (data ->> 'link')::uuid as link, contact_id, actor,
        (data ->> 'earlier')::uuid as earlier, data ->> 'state' as state, data ->> 'mark' as mark
        from events where kind = 'link.made'
    ), decided as (
      select distinct on (data ->> 'link') (data ->> 'link')::uuid as link, contact_id, case kind
        when 'link.joined' then 'joined' when 'link.declined' then 'declined'
        else 'undone' end as state, actor, data ->> 'reason' as reason
      from events where kind in ('link.joined', 'link.declined', 'link.undone')
        order by data ->> 'link', id desc
    ), undone_before as (
      select contact_id, actor, data ->> 'reason' as reason from events where kind = 'contact.left'
    ), joins as (
      select distinct contact_id from events where kind = 'contact.joined'
        and data ->> 'as' = 'duplicate'
    ), told as (
      select held.*, made.link is not null as written, coalesce(decided.state,
        made.state) as told_state, decided.actor as told_by, decided.reason as told_why,
        made.link is null and held.state = 'undone' and decided.state is distinct
          from 'undone' as left_before
      from case_links as held left join made on made.link = held.id left
        join decided on decided.link = held.id
    )
    select 'link ' || link || ' between two contacts is in the ledger and is gone' as problem
      from (select link from made union select link from decided) as either where not
      exists (select from case_links where id = link)
    union all
    select 'link ' || held.id ||
      ' is between other contacts, or for another reason, than the ledger recorded'
      from case_links as held join made on made.link = held.id left join contacts
      on contacts.id = held.contact_id
    where made.contact_id is distinct from held.contact_id
      or made.earlier is distinct from held.earlier_contact_id
      or made.actor is distinct from held.made_by or made.mark is distinct from said_mark(receipt,
      jsonb_build_array(held.reason, held.evidence))
    union all
    select 'link ' || held.id || ' is between other contacts than the ledger recorded'
      from case_links as held join decided on decided.link = held.id
      where decided.contact_id is distinct from held.contact_id
    union all
    select 'link ' || id || ' is ' || state || ', but the ledger says ' || told_state from told
      where told_state <> state and not left_before
    union all
    select 'link ' || id ||
      ' was decided by somebody else, or for another reason, than the ledger recorded' from told
    where not left_before and (told_state is null or told_state = state) and state <> case
      when told_state is null then 'undone' else '' end and (decided_by is distinct from told_by
      or decided_why is distinct from told_why)
    union all
    select 'link ' || id || ' is ' || state || ', and the ledger does not say so' from told
    where (left_before and not exists (select from undone_before as back
      where back.contact_id = told.contact_id and back.actor is not distinct from decided_by
      and back.reason is not distinct from decided_why))
      or (not written and told_state is null and (state = 'declined' or (state = 'joined' and not
        exists (select from joins where joins.contact_id in (told.contact_id,
        earlier_contact_id)))))
    limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
