/** What carriers say became of our texts. Reports come out of order, twice, and before the send has returned. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

export interface DeliveryReport {
  /** Our own id of the message, which we gave the provider along. */
  readonly outboundId: string
  readonly providerId: string
  readonly status: string
  /** The carrier's own code for why not. */
  readonly errorCode?: string
}

/** How far along each state is; a report never takes a message back. `read` comes from messengers. */
const ranks: Readonly<Record<string, number>> = { accepted: 1, scheduled: 1, queued: 1, sending: 2, sent: 3, delivered: 4, undelivered: 4, failed: 4, canceled: 4, read: 5 }

/** True for a state after which nothing is to be expected of the message: the person has not got it. */
export function isUndelivered(status: string): boolean {
  return status === 'undelivered' || status === 'failed' || status === 'canceled'
}

/** Writes a report that is news. One that says it was not delivered leaves the duty to tell the person outstanding. */
export async function recordDelivery(db: Db, { outboundId, providerId, status, errorCode }: DeliveryReport): Promise<void> {
  const rank = ranks[status]
  if (rank === undefined) return
  const undelivered = isUndelivered(status)
  const reason = undelivered ? `The carrier did not deliver the text${errorCode ? ` (${errorCode})` : ''}.` : null
  const event = undelivered ? 'not-sent' : status === 'delivered' ? 'receipt.delivered' : null
  await sql`
    with news as (
      update outbound set delivery = ${status}, delivery_rank = ${rank}, provider_id = coalesce(provider_id, ${providerId}),
        state = case when ${undelivered} then 'undeliverable' when state = 'waiting' then 'sent' else state end,
        reason = coalesce(${reason}, reason), sent_at = coalesce(sent_at, case when ${undelivered} then null else now() end)
      where id = ${outboundId} and delivery_rank < ${rank}
      returning contact_id, kind
    )
    insert into events (kind, contact_id, actor, data)
    select case ${event}::text when 'not-sent' then case when kind in ('acknowledgement', 'receipt-by-text') then 'receipt.not-sent' else 'message.not-sent' end else ${event}::text end, contact_id, 'system:outbound',
      jsonb_build_object('as', kind) || case when ${reason}::text is null then '{}' else jsonb_build_object('reason', ${reason}::text) end
    from news where ${event}::text is not null and (${undelivered} or kind in ('acknowledgement', 'receipt-by-text'))`.execute(db)
}
