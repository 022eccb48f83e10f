/**
 * Where cases stand, by the tables and by the ledger: each difference is a change that went past
 * it.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { findProblems } from './problems.ts'

const arrival = sql`(data ->> 'arrivedAt') as arrived_at, (data ->> 'ordinal')::bigint as ordinal`

const views = sql`
  with last as (
    select distinct on (case_id) case_id, kind, department from events where turn is not null
      order by case_id, turn desc
  ), placed as (
    select id, kind, case_id, data, ${arrival}, lag(data ->> 'arrivedAt') over way as before_at,
      lag((data ->> 'ordinal')::bigint) over way as before_ordinal,
      row_number() over (partition by case_id order by turn desc) = 1 as latest
    from events where turn is not null and data ? 'arrivedAt' window way as (partition by case_id
      order by turn)
  ), accepted as (
    select contact_id, ${arrival} from events where kind = 'contact.accepted'
  ), back as (
    select placed.*, cases.contact_id as first_contact, coalesce((data ->> 'followUp')::uuid,
      cases.contact_id) as by_contact, (data ->> 'joins')::uuid as by_case
    from placed join cases on cases.id = placed.case_id where kind = 'case.reopened'
  )`

const faults = {
  lastEventDiffers: sql`
    select 'case ' || cases.id || ' is ' || cases.state || ' in ' || cases.department ||
      ', but its last event is ' || coalesce(last.kind || ' in ' || last.department,
      'missing') as problem
    from cases left join last on last.case_id = cases.id
    where last.kind is null or last.department is distinct from cases.department
      or cases.state is distinct from case last.kind
      when 'case.taken' then 'taken' when 'case.paused' then 'waiting-for-resident'
        when 'case.closed' then 'closed'
        when 'case.handed-off' then 'handed-off' when 'case.joined' then 'joined' else 'waiting'
          end`,
  freedFromNobody: sql`
    select 'case ' || freed.case_id || ' was given back for ' || (freed.data ->> 'holder') ||
      ', who did not hold it' from events as freed
    where freed.kind = 'case.returned' and freed.data ? 'freed' and (select actor
      from events as before where before.case_id = freed.case_id and before.kind = 'case.taken'
      and before.turn < freed.turn order by before.turn desc limit 1)
      is distinct from freed.data ->> 'holder'`,
  arrivalDiffers: sql`
    select 'case ' || cases.id || ' has another arrival than the ledger recorded' from cases
      join placed on placed.case_id = cases.id and latest
    where placed.ordinal is distinct from cases.ordinal
      or placed.arrived_at::timestamptz is distinct from cases.arrived_at`,
  arrivalChanged: sql`
    select 'case ' || case_id || ': its arrival changed from ' || before_at || ' to ' || arrived_at
      || ' by ' || kind from placed
    where kind <> 'case.reopened' and before_at is not null and (before_at is distinct
      from arrived_at
      or before_ordinal is distinct from ordinal)`,
  reopenedElsewhere: sql`
    select 'case ' || back.case_id || ' came back at another place than ' || case
      when data ? 'followUp' then 'its follow-up''s' else 'its first' end from back
    left join accepted on accepted.contact_id = by_contact
    where by_case is null and (accepted.ordinal is distinct from back.ordinal
      or accepted.arrived_at is distinct from back.arrived_at
      or (data ? 'followUp' and not exists (select from case_contacts link
        where link.case_id = back.case_id and link.contact_id = by_contact)))`,
  unjoinedElsewhere: sql`
    select 'case ' || back.case_id ||
      ' came back at another place than that of the case that joined it' from back
    where by_case is not null and not exists (
      select from (select ${arrival} from events other where other.case_id = by_case
        and other.id < back.id and data ? 'arrivedAt' order by id desc limit 1) as joining
      where joining.ordinal = back.ordinal and joining.arrived_at = back.arrived_at)`,
  joinedIntoLater: sql`
    select 'case ' || joined.case_id || ' was joined into case ' || (joined.data ->> 'into') ||
      ', which arrived later' from events as joined
    cross join lateral (select ${arrival} from events other where other.case_id = joined.case_id
      and other.id < joined.id and data ? 'arrivedAt' order by id desc limit 1) as later
    cross join lateral (select ${arrival} from events other
      where other.case_id = (joined.data ->> 'into')::uuid and other.id < joined.id
      and data ? 'arrivedAt' order by id desc limit 1) as earlier
    where joined.kind = 'case.joined'
      and ((earlier.arrived_at, earlier.ordinal) > (later.arrived_at, later.ordinal)) is not false`,
  contactArrivalDiffers: sql`
    select 'contact ' || contacts.id || ' has another arrival than the ledger recorded'
      from contacts join events on events.contact_id = contacts.id
      and events.kind = 'contact.accepted'
    where (events.data ->> 'ordinal')::bigint is distinct from contacts.ordinal
      or (events.data ->> 'arrivedAt')::timestamptz is distinct from contacts.arrived_at`,
  enteredElsewhere: sql`
    select 'case ' || entered.case_id || ' entered its line with another arrival than its contact'
      from events as entered join events as accepted on accepted.contact_id = entered.contact_id
      and accepted.kind = 'contact.accepted'
    where entered.kind = 'case.entered' and not entered.data ? 'splitFrom'
      and (entered.data ->> 'ordinal' is distinct from accepted.data ->> 'ordinal'
      or entered.data ->> 'arrivedAt' is distinct from accepted.data ->> 'arrivedAt')`,
  contactSplitElsewhere: sql`
    select 'case ' || part.case_id || ' was split from another place than that of its contact'
      from events as part join cases as parent on parent.id = (part.data ->> 'splitFrom')::uuid
      left join accepted on accepted.contact_id = part.contact_id
    where part.kind = 'case.entered' and part.data ? 'splitFrom'
      and part.contact_id <> parent.contact_id
      and (accepted.ordinal is distinct from (part.data ->> 'ordinal')::bigint
      or accepted.arrived_at is distinct from part.data ->> 'arrivedAt')`,
  caseSplitElsewhere: sql`
    select 'case ' || part.case_id || ' was split from another place than that of its case'
      from events as part
    where part.kind = 'case.entered' and part.data ? 'splitFrom' and not exists (
      select from cases as parent where parent.id = (part.data ->> 'splitFrom')::uuid
        and parent.contact_id <> part.contact_id) and not exists (
      select from (select ${arrival} from events other
        where other.case_id = (part.data ->> 'splitFrom')::uuid and other.id < part.id
        and data ? 'arrivedAt' order by id desc limit 1) as first
      where first.ordinal = (part.data ->> 'ordinal')::bigint
        and first.arrived_at = part.data ->> 'arrivedAt')`,
  partDiffers: sql`
    select 'case ' || cases.id || ' is another part of its contact than the ledger recorded'
      from cases where part > 1 is distinct from exists (select from events
      where events.case_id = cases.id and kind = 'case.entered' and data ? 'splitFrom')`
}

export function checkPlaces(db: Db, limit: number): Promise<string[]> {
  return findProblems(db, { views, faults }, limit)
}
