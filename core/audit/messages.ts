/** What is owed to residents and what became of it, by the table and by the ledger, both ways. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { findProblems } from './problems.ts'

/**
 * The last word about a message; a slip on paper is told of the receipt beside what becomes of its
 * sending.
 */
const ENDS = sql`('receipt.sent', 'message.sent', 'receipt.not-sent', 'message.not-sent')`

const views = sql`
  with ends as (
    select id, contact_id, coalesce(data ->> 'as', 'acknowledgement') as what,
      kind like '%.sent' as sent, data ->> 'reason' as reason, data ->> 'state' as state,
      coalesce(data ->> 'by' = 'slip', false) as slip from events where kind in ${ENDS}
  ), last as (
    select distinct on (contact_id, what) * from ends order by contact_id, what, id desc
  ), never as (
    select distinct contact_id, what from ends where not sent
  ), early as (
    select distinct on (contact_id, data ->> 'as') contact_id, coalesce(data ->> 'as',
      'acknowledgement') as what, kind = 'receipt.owed' as owed from events
      where kind in ('receipt.owed', 'receipt.not-owed') order by contact_id, data ->> 'as',
      id desc
  ), duties as (
    select contact_id, 'acknowledgement' as what from events where kind = 'case.entered'
      and not data ? 'splitFrom'
      or (kind = 'contact.joined' and data ? 'sameAs')
    union
    select contact_id, 'answer:' || (data ->> 'answer') from events where kind = 'case.answered'
      and contact_id is not null and data ? 'answer'
    union
    select contact_id, what from ends where not slip
    union
    select contact_id, what from early where owed
    union
    select contact_id, 'question' from text_questions
  ), owed as (
    select distinct on (contact_id) contact_id, data ->> 'mark' as mark from events
      where kind in ('receipt.owed', 'receipt.not-owed') and not data ? 'as'
      order by contact_id, id desc
  )`

const faults = {
  gone: sql`
    select 'what is owed to the sender of contact ' || duties.contact_id || ' (' || what ||
      ') is gone' as problem from duties
    where not exists (select from outbound where outbound.contact_id = duties.contact_id
      and outbound.kind = what)`,
  forNobody: sql`
    select 'message ' || held.id || ' (' || held.kind || ') to the sender of contact ' ||
      held.contact_id || ' is owed to nobody by the ledger' from outbound as held
    where held.state = 'waiting' and not exists (select from duties
      where duties.contact_id = held.contact_id and duties.what = held.kind)`,
  stateDiffers: sql`
    select 'message ' || held.id || ' (' || held.kind || ') to the sender of contact ' ||
      held.contact_id || ' is ' || held.state || ', but the ledger says ' || case
      when last.sent then 'sent' else 'not sent' end
    from outbound as held join last on last.contact_id = held.contact_id and last.what = held.kind
      left join never on never.contact_id = held.contact_id and never.what = held.kind
    where (case when last.sent then held.state = 'sent' or (last.slip
      and held.state = 'waiting') or (held.state = 'undeliverable' and never.what is not null
      and held.delivery is not null)
      else held.state in ('undeliverable', 'failed') and held.state = coalesce(last.state,
        held.state) and (held.reason is not distinct from last.reason or last.reason is null)
        end) is not true`,
  reasonInvented: sql`
    select 'message ' || held.id || ' (' || held.kind || ') to the sender of contact ' ||
      held.contact_id || ' has a reason not to be sent, and the ledger has none'
      from outbound as held
    where held.state in ('waiting', 'sent') and held.reason is not null and not exists (select
      from never where never.contact_id = held.contact_id and never.what = held.kind)`,
  deliveryInvented: sql`
    select 'message ' || held.id || ' (' || held.kind || ') to the sender of contact ' ||
      held.contact_id || ' is said to be delivered, and the ledger does not say so'
      from outbound as held
    where held.delivery = 'delivered' and held.kind in ('acknowledgement', 'receipt-by-text')
      and not exists (
      select from events where events.contact_id = held.contact_id
        and events.kind = 'receipt.delivered'
        and coalesce(data ->> 'as', 'acknowledgement') = held.kind)`,
  answerInvented: sql`
    select 'the answer ' || substr(held.kind,
      8) || ' to the sender of contact ' || held.contact_id || ' is not in the ledger'
      from outbound as held
    where held.kind like 'answer:%' and not exists (select from events
      where events.contact_id = held.contact_id and events.kind = 'case.answered'
      and 'answer:' || (data ->> 'answer') = held.kind)`,
  addresseeDiffers: sql`
    select 'message ' || held.id || ' goes to somebody else than the ledger recorded'
      from outbound as held join contacts on contacts.id = held.contact_id
      join owed on owed.contact_id = held.contact_id
    where held.kind = 'acknowledgement' and case when held.addressee is null
      then owed.mark is not null else owed.mark is distinct from said_mark(receipt,
      held.addressee) end`
}

export function checkMessages(db: Db, limit: number): Promise<string[]> {
  return findProblems(db, { views, faults }, limit)
}
