/**
 * What carriers say became of our texts. Reports come out of order, twice, and before the send has
 * returned.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { DeliveryReport } from '../intake/delivery-report.ts'
import { caseEvents } from '../ledger/append.ts'
import { dutiesOn } from './duties.ts'

/**
 * How far along each state is; a report never takes a message back. `read` comes from messengers.
 */
const ranks: Readonly<Record<string, number>> = {
  accepted: 1,
  scheduled: 1,
  queued: 1,
  sending: 2,
  sent: 3,
  delivered: 4,
  undelivered: 4,
  failed: 4,
  canceled: 4,
  read: 5
}

/**
 * True for a state after which nothing is to be expected of the message: the person has not got it.
 */
export function isUndelivered(status: string): boolean {
  return status === 'undelivered' || status === 'failed' || status === 'canceled'
}

const isReceipt = sql`kind in ('acknowledgement', 'receipt-by-text')`

/**
 * Writes a report that is news. One that says it was not delivered leaves the duty to tell the
 * person outstanding.
 */
export async function recordDelivery(
  db: Db,
  { outboundId, providerId, status, errorCode }: DeliveryReport
): Promise<void> {
  const rank = ranks[status]
  if (rank === undefined) return
  const undelivered = isUndelivered(status)
  const reason = undelivered
    ? `The carrier did not deliver the text${errorCode ? ` (${errorCode})` : ''}.`
    : null
  const { opened, openedEvents } = dutiesOn(
    'undelivered',
    sql`select contact_id, kind from news where ${undelivered}`
  )
  const event = undelivered ? 'not-sent' : status === 'delivered' ? 'delivered' : null
  await sql`
    with before as (
      select id, state from outbound where id = ${outboundId} and delivery_rank < ${rank} for update
    ), news as (
      update outbound set delivery = ${status}, delivery_rank = ${rank},
        provider_id = coalesce(provider_id, ${providerId}),
        state = case when ${undelivered} then 'undeliverable'
          when before.state = 'waiting' then 'sent' else before.state end,
        reason = coalesce(${reason}, outbound.reason), sent_at = coalesce(sent_at, case
          when ${undelivered} then null else now() end)
      from before where outbound.id = before.id
      returning contact_id, kind, before.state = 'waiting' as untold
    ), told as (
      -- The send has not returned yet, and may never: the carrier has the text all the same.
      select contact_id, kind, 1 as n, 'sent' as what, null as why from news where untold
        and not ${undelivered}
      union all
      select contact_id, kind, 2, ${event}::text, ${reason}::text from news
        where ${event}::text is not null and (${undelivered} or ${isReceipt})
    ), ${opened}
    ${caseEvents(sql`select * from (select case when ${isReceipt} then 'receipt.'
        else 'message.' end || what, null::uuid, contact_id, 'system:outbound',
      jsonb_build_object('as', kind) || case when why is null then '{}'
        else jsonb_build_object('reason', why, 'state', 'undeliverable') end
    from told order by n) as news union all ${openedEvents}`)}`.execute(db)
}
