/** Addresses of a case to which the latest message from us did not arrive. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { answerIdIn } from '../line/answered.ts'
import type { ReturnedAddress } from './ways.ts'

/**
 * By replies, and by receipts that came back: those go to the first address of their contact, and
 * have a number of the provider's where they were texts.
 */
export async function returnedOf(db: Db, caseId: string): Promise<ReturnedAddress[]> {
  return returnedIn(
    db,
    sql`select link.contact_id from case_contacts link
    where link.case_id = ${caseId}`
  )
}

/** The same for one contact, with what was sent to the others of its cases. */
export async function returnedFor(db: Db, contactId: string): Promise<ReturnedAddress[]> {
  return returnedIn(
    db,
    sql`select ${contactId}::uuid union select other.contact_id
    from case_contacts own join case_contacts other on other.case_id = own.case_id
    where own.contact_id = ${contactId}`
  )
}

/** @param contactIds a statement with their ids */
async function returnedIn(db: Db, contactIds: RawBuilder<unknown>): Promise<ReturnedAddress[]> {
  const { rows } = await sql<ReturnedAddress & { readonly state: string }>`
    with sent as (
      select sending.*, letter -> 'sender' as sender, answers.way, answers.address, (select max(at)
        from events where events.contact_id = sending.contact_id
          and events.kind in ('message.not-sent', 'receipt.not-sent')
          and coalesce(data ->> 'as', 'acknowledgement') = sending.kind) as failed_at
      from outbound sending join contacts on contacts.id = sending.contact_id
        cross join lateral (select coalesce(contacts.envelope, '{}'::jsonb) as letter) as read
        left join answers on answers.id = ${answerIdIn(sql`sending.kind`)}
      where sending.contact_id in (${contactIds}) and sending.state in ('sent', 'undeliverable')
    ), named as (
      select state, reason, coalesce(failed_at, sent_at) as at, coalesce(way, case
          when provider_id is null then 'mail' else 'text' end) as way,
        coalesce(address, case when provider_id is null then sender #>> '{emails,0}'
          else sender #>> '{phones,0}' end) as address
      from sent where address is not null or (delivery in ('failed', 'undelivered')
        and kind in ('acknowledgement', 'receipt-by-text'))
    )
    select distinct on (way, address_key(address)) way, address, at, state,
      coalesce(reason, '') as reason
    from named where address is not null and at is not null
    order by way, address_key(address), at desc`.execute(db)
  return rows
    .filter(({ state }) => state === 'undeliverable')
    .map(({ way, address, at, reason }) => ({ way, address, at, reason }))
}
