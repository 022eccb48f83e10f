/**
 * What other mail systems report about mail of ours: that it failed, is late, came, was read. Only
 * a failure means that the person was not told.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import type { Db } from '../../platform/db/database.ts'
import type { MailReport, Noted } from '../intake/mail-report.ts'
import { caseEvents } from '../ledger/append.ts'
import { dutiesOn } from './duties.ts'
import { verifyReplyToken } from './reply-tokens.ts'

const outcomes = [
  'failed',
  'delayed',
  'delivered',
  'relayed',
  'expanded',
  'read',
  'deleted',
  'complaint',
  'unknown'
] as const

const noticeSchema = z.object({
  outcome: z.enum(outcomes),
  answers: z.array(z.string()).max(20).default([]),
  status: z.string().max(20).optional(),
  lasting: z.boolean().optional()
})

export type DeliveryNotice = z.output<typeof noticeSchema>

/**
 * As the mail channel wrote it down; a report read by an earlier version says nothing but that it
 * is one, which meant a failure.
 */
export function readNotice(evidence: unknown): DeliveryNotice {
  return noticeSchema.safeParse(evidence).data ?? { outcome: 'failed', answers: [] }
}

/**
 * How far along each is: a notice that comes late, or out of order, never takes back what is known.
 */
const ranks: Readonly<Record<DeliveryNotice['outcome'], number>> = {
  unknown: 0,
  delayed: 1,
  expanded: 2,
  relayed: 3,
  delivered: 4,
  failed: 4,
  deleted: 5,
  read: 6,
  complaint: 7
}

interface Noticed {
  readonly receipt: string
  readonly notice: DeliveryNotice | undefined
}

/**
 * Notes each on the message it is about: the receipt, or an answer of ours. Unknown ones change
 * nothing.
 */
export async function recordNotices(trx: Db, noticed: readonly Noticed[]): Promise<void> {
  for (const { receipt, notice } of noticed) {
    if (notice && notice.outcome !== 'unknown') await record(trx, receipt, notice)
  }
}

/**
 * Notes what a mail service says of mails of ours, all or none. An event can be faster than our own
 * note that the mail went out; it is to be said again then.
 */
export async function recordMailReports(
  db: Db,
  secret: Uint8Array,
  reports: readonly MailReport[]
): Promise<Noted> {
  const noticed = reports.flatMap(({ tokens, ...notice }) => {
    const receipt = tokens.map((token) => verifyReplyToken(token, secret)).find(Boolean)
    return receipt === undefined
      ? []
      : [{ receipt, notice: { ...notice, answers: [...notice.answers] } }]
  })
  if (noticed.length === 0) return 'noted'
  return db.transaction().execute(async (trx) => {
    await recordNotices(trx, noticed)
    return (await anyUnsent(trx, noticed)) ? 'early' : 'noted'
  })
}

/** Whether one of the messages is still to be sent, as far as is written down. */
async function anyUnsent(
  trx: Db,
  noticed: readonly { readonly receipt: string; readonly notice: DeliveryNotice }[]
): Promise<boolean> {
  const about = noticed.flatMap(({ receipt, notice }) =>
    (notice.answers.length > 0 ? notice.answers.map((id) => `answer:${id}`) : ['']).map((kind) => ({
      receipt,
      kind
    }))
  )
  const { rows } = await sql`
    select from unnest(${about.map(({ receipt }) => receipt)}::text[],
        ${about.map(({ kind }) => kind)}::text[]) as about (receipt, kind)
      join contacts on contacts.receipt = about.receipt
      join outbound on outbound.contact_id = contacts.id and case when about.kind = ''
        then outbound.kind !~ '^(answer|code|update):' else outbound.kind = about.kind end
    where outbound.state = 'waiting' limit 1`.execute(trx)
  return rows.length > 0
}

/**
 * A bounce means that the person has not heard from us: the duty to tell them stands. One who
 * reports an answer as unwanted has to be asked how they want to hear from us; no mail is stopped.
 */
async function record(trx: Db, receipt: string, notice: DeliveryNotice): Promise<void> {
  const { outcome, answers, status } = notice
  const failed = outcome === 'failed'
  const reason = bounced(notice)
  const kinds = answers.map((id) => `answer:${id}`)
  const { opened, openedEvents } = dutiesOn(
    failed ? 'undelivered' : 'complaint',
    sql`select contact_id, kind from news where ${failed || outcome === 'complaint'}`
  )
  await sql`
    with news as (
      update outbound set delivery = ${outcome}, delivery_rank = ${ranks[outcome]},
        state = case when ${failed} then 'undeliverable' else outbound.state end, reason = case
          when ${failed} then ${reason} else outbound.reason end
      from contacts
      where outbound.contact_id = contacts.id and contacts.receipt = ${receipt}
        and outbound.state = 'sent' and delivery_rank < ${ranks[outcome]}
        and case when ${kinds.length > 0} then outbound.kind = any(${kinds}::text[])
          else outbound.kind !~ '^(answer|code|update):' end
      returning outbound.contact_id, outbound.kind
    ), ${opened}
    ${caseEvents(sql`select case when kind like 'answer:%' then 'message.'
        else 'receipt.' end || case when ${failed} then 'not-sent'
        else ${outcome} end, null::uuid, contact_id, 'system:settle',
      case when kind = 'acknowledgement' then '{}' else jsonb_build_object('as', kind) end || case
        when ${failed} then jsonb_build_object('reason', ${reason}::text, 'state', 'undeliverable')
          else '{}' end
        || case when ${status ?? null}::text is null then '{}'
          else jsonb_build_object('status', ${status ?? null}::text) end
    from news union all ${openedEvents}`)}`.execute(trx)
}

/** What to do about it differs: ask for another address, or send again. */
function bounced({ lasting }: DeliveryNotice): string {
  if (lasting === undefined) return 'it bounced'
  return lasting
    ? 'it bounced: this address takes no mail'
    : 'it bounced, but the address may be right'
}
