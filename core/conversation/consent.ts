/** Whether a number may be texted. STOP governs what we send, never what we take in. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { contactEvents } from '../ledger/append.ts'
import { converses } from '../intake/channel-conditions.ts'
import { enqueueRows } from '../outbox/enqueue.ts'

/**
 * Acts on the words of contacts that hold nothing else: STOP and START change consent by the order
 * of arrival, HELP owes an answer unless the provider has given one. The caller's transaction
 * settles them; one that a person has not released never comes here.
 */
export async function obeyKeywords(trx: Db, contactIds: readonly string[]): Promise<void> {
  if (contactIds.length === 0) return
  await sql`
    with said as (
      select distinct on (address) id, ordinal, address, keyword from (
        select id, ordinal, envelope -> 'evidence' ->> 'from' as address,
          envelope -> 'evidence' ->> 'keyword' as keyword
        from contacts where id = any(${contactIds}::uuid[]) and ${converses('channel')}) as texts
      where keyword in ('stop', 'start') and address <> '' order by address, ordinal desc
    ), changed as (
      insert into text_consents (address, allowed, ordinal, contact_id)
        select address, keyword = 'start', ordinal, id from said order by address
      on conflict (address) do update
        set allowed = excluded.allowed, ordinal = excluded.ordinal,
        contact_id = excluded.contact_id, changed_at = now()
      where text_consents.ordinal < excluded.ordinal
      returning contact_id, allowed
    )
    ${contactEvents(sql`select case when allowed then 'consent.given'
        else 'consent.withdrawn' end, contact_id, 'system:settle', '{"of": "texts"}'::jsonb
        from changed`)}`.execute(trx)
  const helped = enqueueRows(sql`
    select id, 'help' from contacts where id = any(${contactIds}::uuid[])
      and ${converses('channel')}
      and envelope -> 'evidence' ->> 'keyword' = 'help'
        and envelope -> 'evidence' ->> 'answeredByProvider' <> 'true'`)
  await sql`
    with entries as (${helped} returning contact_id)
    ${contactEvents(sql`select 'receipt.owed', contact_id, 'system:settle',
        '{"as": "help"}'::jsonb from entries`)}`.execute(trx)
}
