/**
 * Who asked for no texts, by the table and by the ledger, both ways. Numbers are not said: the
 * contact that asked is.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** The latest arrival counts, as where it is obeyed (core/conversation/consent.ts). */
export async function checkConsents(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with told as (
      select distinct on (address) envelope -> 'evidence' ->> 'from' as address,
        contacts.id as contact_id, ordinal, events.kind = 'consent.given' as allowed
      from events join contacts on contacts.id = events.contact_id
        where events.kind in ('consent.given', 'consent.withdrawn')
      order by address, ordinal desc, events.id desc
    )
    select case when held.address is null then 'that the number of contact ' || told.contact_id ||
      ' asked for ' || case when told.allowed then 'texts again' else 'no texts' end || ' is gone'
      when told.address is null then 'the number of contact ' || held.contact_id ||
        ' stands as one that asked for ' || case when held.allowed then 'texts again'
        else 'no texts' end || ', and the ledger does not say so'
      else 'the number of contact ' || told.contact_id || ' may ' || case when held.allowed then ''
        else 'not ' end || 'be texted, and the ledger says otherwise or by another contact' end as
        problem
    from told full join text_consents as held on held.address = told.address
    where held.address is null or told.address is null or held.allowed is distinct from told.allowed
      or held.contact_id is distinct from told.contact_id or held.ordinal is distinct
        from told.ordinal
    limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
