/** What staff wrote on cases, by the tables and by the ledger, both ways. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export async function checkReplies(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with written as (
      select distinct on (data ->> 'answer') (data ->> 'answer')::uuid as id, case_id, contact_id,
        actor, data, kind, exists (select from events as owed where owed.kind = 'case.answered'
          and owed.data ->> 'answer' = events.data ->> 'answer') as owed,
        exists (select from events as back where back.kind = 'reply.sent-back'
          and back.data ->> 'answer' = events.data ->> 'answer') as back
      from events where kind in ('case.answered', 'reply.proposed') and data ? 'mark'
      order by data ->> 'answer', id
    ), noted as (
      select (data ->> 'note')::uuid as id, case_id, actor, data ->> 'mark' as mark from events
        where kind = 'case.noted'
    ), opened as (
      select (data ->> 'duty')::uuid as id, case_id, contact_id, data ->> 'as' as kind,
        (data ->> 'answer')::uuid as answer from events where kind = 'duty.opened'
    ), settled as (
      select (data ->> 'duty')::uuid as id, actor, data ->> 'how' as how from events
        where kind = 'duty.settled'
    )
    select 'the reply ' || written.id || ' is gone' as problem from written
      where not exists (select from answers where answers.id = written.id)
    union all
    select 'the reply ' || answers.id || ' is not in the ledger' from answers
      where case_id is not null and not exists (select from written where written.id = answers.id)
    union all
    select 'the reply ' || answers.id || ' is not what the ledger recorded' from answers
      join written using (id)
      where reply_mark(answers) is distinct from written.data ->> 'mark'
        or answers.case_id is distinct from written.case_id
        or answers.contact_id is distinct from written.contact_id
        or answers.written_by is distinct from written.actor
        or answers.language is distinct from written.data ->> 'language'
        or answers.typed is distinct from (written.data ->> 'typed')::boolean
        or answers.state is distinct from case when owed then 'owed' when back then 'sent-back'
          else 'proposed' end
    union all
    select 'the note ' || coalesce(noted.id, notes.id) || case when notes.id is null then ' is gone'
      when noted.id is null then ' is not in the ledger'
      else ' is not what the ledger recorded' end
    from noted full join notes using (id)
      where notes.id is null or noted.id is null or note_mark(notes) is distinct from noted.mark
        or notes.case_id is distinct from noted.case_id
        or notes.author is distinct from noted.actor
    union all
    select 'the duty ' || coalesce(opened.id, duties.id) || case
      when duties.id is null then ' is gone' when opened.id is null then ' is not in the ledger'
      else ' is not what the ledger recorded' end
    from opened full join duties using (id) left join settled using (id)
      where duties.id is null or opened.id is null or duties.case_id is distinct from
        opened.case_id or duties.contact_id is distinct from opened.contact_id
        or duties.kind is distinct from opened.kind or duties.answer_id is distinct from
        opened.answer or duties.settled_by is distinct from settled.actor
        or duties.how is distinct from settled.how
    limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
