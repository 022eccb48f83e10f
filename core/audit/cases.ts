/**
 * Cases, by the tables and by the ledger: that they are there, whose they are, how they ended.
 * Where they stand is in places.ts.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export async function checkCases(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with entered as (
      select case_id, contact_id, data from events where kind = 'case.entered'
    ), last as (
      select distinct on (case_id) case_id, kind, actor, data from events where turn is not null
        order by case_id, turn desc
    )
    select 'case ' || case_id || ' came into its line and is gone' as problem from entered
      where not exists (select from cases where cases.id = case_id)
    union all
    select 'case ' || cases.id || ' belongs to another contact than the ledger recorded' from cases
      join entered on entered.case_id = cases.id where entered.contact_id is distinct
        from cases.contact_id
    union all
    select 'case ' || cases.id || ' has another receipt or channel than its contact' from cases
      join contacts on contacts.id = cases.contact_id where cases.receipt is distinct
        from contacts.receipt
      or cases.channel is distinct from contacts.channel
    union all
    select 'case ' || cases.id || ' has another outcome than the ledger recorded' from cases
      join last on last.case_id = cases.id
    where outcome is distinct from case last.kind when 'case.closed' then data ->> 'outcome'
      when 'case.handed-off' then data ->> 'to' end
    union all
    select 'case ' || cases.id ||
      ' waits for its resident until another time than the ledger recorded'
      from cases join last on last.case_id = cases.id
    where remind_at is distinct from case last.kind when 'case.paused'
      then (data ->> 'until')::timestamptz end
    union all
    select 'case ' || cases.id || ' has another public outcome than the ledger recorded'
      from cases join last on last.case_id = cases.id
    where outcome_id is distinct from case last.kind when 'case.closed'
      then data ->> 'outcomeId' end
    union all
    select 'case ' || closed.case_id || ' was closed as answered, and the ledger has no answer'
      from events as closed
    where closed.kind = 'case.closed' and closed.data ? 'answer' and not exists (select
      from events where events.kind = 'case.answered' and events.id < closed.id
      and events.data ->> 'answer' = closed.data ->> 'answer')
    union all
    select 'case ' || cases.id || ' is held by ' || coalesce(taken_by, 'nobody') ||
      ', but the ledger says ' ||
      last.actor from cases join last on last.case_id = cases.id where last.kind = 'case.taken'
      and taken_by is distinct from last.actor
    union all
    select 'case ' || cases.id || ' is joined into another case than the ledger recorded'
      from cases join last on last.case_id = cases.id
    where joined_into is distinct from case last.kind
      when 'case.joined' then (data ->> 'into')::uuid end
    union all
    select 'case ' || cases.id || ' is in another language than its contact' from cases
      join entered on entered.case_id = cases.id join contacts on contacts.id = cases.contact_id
    where data ? 'said' and cases.language is distinct from coalesce(envelope ->> 'language', 'und')
      and not exists (select from events where events.contact_id = contacts.id
        and kind = 'letter.remade')
    limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
