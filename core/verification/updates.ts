/**
 * Telling confirmed addresses what changed. Found by the sweep from the ledger, so that nothing
 * that serves the line waits for it or knows of it.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { ownSince } from '../contacts/leading-case.ts'
import { isForSender } from '../contacts/resident-answers.ts'
import { contactEvents } from '../ledger/append.ts'
import { enqueueNotices } from '../outbox/enqueue.ts'
import { updateKind } from '../outbox/notices.ts'
import { readStopToken } from '../outbox/proof-tokens.ts'
import type { Runtime } from '../runtime.ts'

/**
 * A reply and the closing that goes with it are two events within a second or two; after so many
 * seconds both are told by one message.
 */
const QUIET_SECONDS = 15
/** In one round of the sweep. */
const AT_ONCE = 500

interface News {
  readonly id: string
  readonly contactId: string
  readonly last: string
  /** Words were sent: who was called heard them then. */
  readonly replied: boolean
  /** The agency's answer itself went to this address: nothing is left to tell. */
  readonly knows: boolean
}

/** Hands news to the outbox; answers how many addresses hear of it. */
export async function enqueueUpdates(
  { db, queues }: Pick<Runtime, 'db' | 'queues'>,
  quietSeconds = QUIET_SECONDS
): Promise<number> {
  const heard = await db.transaction().execute(async (trx) => {
    const news = await findNews(trx, quietSeconds)
    await recordTold(trx, news)
    const telling = news.filter(({ knows }) => !knows)
    await enqueueNotices(
      trx,
      telling.map(({ id, contactId, last, replied }) => ({
        contactId,
        kind: updateKind(id, last, replied)
      }))
    )
    return telling.map(({ contactId }) => contactId)
  })
  queues.enqueue('outbound', [...new Set(heard)])
  return heard.length
}

/** What was not told yet of the cases that a contact became, and of those it joined since then. */
const untold = (proof: RawBuilder<unknown>) => sql`
  event.case_id in (select case_id from case_contacts link
      where contact_id = ${proof}.contact_id and event.id > ${ownSince})
    and event.id > ${proof}.told_event
    and event.kind in ('case.answered', 'case.closed', 'case.handed-off', 'case.paused')`

/**
 * Whose case was answered, ended, handed off or waits for its resident. One with an answer that is
 * still on its way is left for a later round: an answer is told of when it was sent. Only those
 * with news are locked.
 */
async function findNews(trx: Db, quietSeconds: number): Promise<News[]> {
  const { rows } = await sql<News>`
    with wanted as (
      select * from address_proofs proof
      where proof.told_event is not null and proof.stopped_at is null
        and exists (select from events event where ${untold(sql`proof`)})
      for update skip locked
    )
    select wanted.id, wanted.contact_id as "contactId", last, replied, knows
    from wanted cross join lateral (
      select max(event.id) filter (where event.kind <> 'case.answered' or sending.state = 'sent')
          as last,
        coalesce(bool_or(event.kind = 'case.answered' and sending.state = 'sent'
          and answers.way is distinct from 'call'
          and ${isForSender(sql`wanted.contact_id`, 'sending')}), false) as replied,
        coalesce(bool_or(sending.state = 'sent' and (lower(answers.address) = lower(wanted.address)
          or (answers.case_id is null and wanted.own
            and sending.contact_id = wanted.contact_id))), false) as knows,
        bool_or(sending.state = 'waiting' and sending.due_at < 'infinity') as sending,
        bool_or(event.at > now() - make_interval(secs => ${quietSeconds})) as fresh
      from events event
        left join answers on answers.id = (event.data ->> 'answer')::uuid
        left join outbound sending on sending.kind = 'answer:' || answers.id
          and sending.contact_id = coalesce(event.contact_id, answers.contact_id)
      where ${untold(sql`wanted`)}
    ) as news
    where last is not null and not coalesce(sending, false) and not fresh
    order by wanted.id limit ${AT_ONCE}`.execute(trx)
  return rows
}

async function recordTold(trx: Db, news: readonly News[]): Promise<void> {
  await sql`
    update address_proofs set told_event = given.last from unnest(
      ${news.map(({ id }) => id)}::uuid[], ${news.map(({ last }) => last)}::bigint[])
      as given (id, last) where address_proofs.id = given.id`.execute(trx)
}

/** Whether a link for stopping is ours, also where it was used before. Changes nothing. */
export function knowsStopLink({ secret }: Pick<Runtime, 'secret'>, token: string): boolean {
  return readStopToken(secret('address-proof'), token) !== undefined
}

/** No update goes out any more by the proof that a link names. False where the link is not ours. */
export async function stopUpdates(
  { db, secret }: Pick<Runtime, 'db' | 'secret'>,
  token: string
): Promise<boolean> {
  const proofId = readStopToken(secret('address-proof'), token)
  if (proofId === undefined) return false
  await sql`
    with stopped as (
      update address_proofs set stopped_at = now() where id = ${proofId}
        and told_event is not null and stopped_at is null returning contact_id, id
    )
    ${contactEvents(sql`select 'updates.stopped', contact_id, 'system:proofs',
      jsonb_build_object('proof', id) from stopped`)}`.execute(db)
  return true
}
