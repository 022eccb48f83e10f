/**
 * What became of the agency's answers, as far as it concerns the sender of one message: a case can
 * hold messages of others, and an answer to one of them says nothing to the rest.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { answerIdIn, FILED } from '../line/answered.ts'
import { ownSince } from './leading-case.ts'

/**
 * `coming`: it is being sent, or a person has yet to mail it or to call; `filed`: written to a file,
 * as nothing is set up to send it; `returned`: it did not arrive; `elsewhere`: it was sent to an
 * address that the message does not give.
 */
export type AnswerFate = 'coming' | 'sent' | 'filed' | 'returned' | 'elsewhere'

/** How an answer goes: by machine (mail, text), or by a person (letter, call). */
export const answerWays = ['mail', 'text', 'letter', 'call'] as const
export type AnswerWay = (typeof answerWays)[number]

/** How an answer is still to come; `answer` where it goes by the way the message came. */
export const comingWays = [...answerWays, 'answer'] as const
export type ComingWay = (typeof comingWays)[number]

export interface ResidentAnswer {
  /** The case it stands in now; null for one to a campaign whose message has none. */
  readonly caseId: string | null
  readonly fate: AnswerFate
  readonly at: Date | null
  /** How it goes; null for one to many, each by the way it came. */
  readonly way: AnswerWay | null
  /** How a person told them all the same, after it was returned. */
  readonly told: 'called' | 'sent-again' | null
  readonly toldAt: Date | null
}

/**
 * What became of a sending itself, as a part of a statement.
 * @param sending name of the row of `outbound`
 */
export function fateOf(sending: string): RawBuilder<Exclude<AnswerFate, 'elsewhere'>> {
  return sql`case when ${sql.ref(`${sending}.state`)} = 'waiting' then 'coming'
    when ${sql.ref(`${sending}.state`)} <> 'sent' then 'returned'
    when ${sql.ref(`${sending}.delivery`)} = ${FILED} then 'filed' else 'sent' end`
}

/**
 * Whether an answer is for the sender of a contact: a part of a statement, of a row `answers` and
 * the row of `outbound` that sends it.
 * @param sending the row's name
 */
export function isForSender(contactId: RawBuilder<unknown>, sending: string): RawBuilder<boolean> {
  const sent = sql.ref(`${sending}.contact_id`)
  return sql`(${sent} = ${contactId} or ${keysOf(contactId)} && case
    when answers.address is null then ${keysOf(sent)} else array[address_key(answers.address)] end)`
}

function keysOf(contactId: RawBuilder<unknown>): RawBuilder<string[]> {
  return sql`(select sender_keys(envelope -> 'sender') from contacts where id = ${contactId})`
}

/** Whether its sender has heard from us by this answer. */
export function isHeard({ fate, told }: Pick<ResidentAnswer, 'fate' | 'told'>): boolean {
  return fate === 'sent' || told !== null
}

/**
 * Whether the resident can read its words: those of a call are for whoever calls, and no answer
 * that was sent.
 */
export function isReadable({ fate, way }: Pick<ResidentAnswer, 'fate' | 'way'>): boolean {
  return way !== 'call' && fate !== 'elsewhere' && fate !== 'coming'
}

/** By which ways answers are still to come, each once. */
export function comingBy(answers: readonly ResidentAnswer[]): ComingWay[] {
  const coming = answers.filter(({ fate }) => fate === 'coming')
  return [...new Set(coming.map(({ way }) => way ?? 'answer'))]
}

/** Answers looked at for one message; further ones are of no news to its sender. */
const MOST = 100

/** Earliest first. What was sent before the message came, or before it joined a case, is not told. */
export async function answersFor(db: Db, contactId: string): Promise<ResidentAnswer[]> {
  const { rows } = await sql<ResidentAnswer>`
    with near as (
      select other.contact_id, min(coalesce(begun.at, '-infinity')) as since
      from case_contacts link join case_contacts other on other.case_id = link.case_id
        cross join lateral (select (select at from events where id = ${ownSince}) as at) as begun
      where link.contact_id = ${contactId} group by other.contact_id
    ), near_or_own as (
      select * from near where contact_id <> ${contactId}
      union all select ${contactId}::uuid, '-infinity'::timestamptz
    )
    select standing_case(coalesce(answers.case_id, other.case_id)) as "caseId", answers.way,
      case when own then ${fateOf('sending')} else 'elsewhere' end as fate,
      shown_at as at, duties.how as told, duties.settled_at as "toldAt"
    from near_or_own join outbound sending on sending.contact_id = near_or_own.contact_id
      join contacts other on other.id = sending.contact_id
      join contacts message on message.id = ${contactId}
      left join answers on answers.id = ${answerIdIn(sql`sending.kind`)}
      left join duties on duties.answer_id = answers.id and duties.kind = 'undelivered'
        and duties.contact_id = sending.contact_id and how in ('called', 'sent-again')
      cross join lateral (select ${isForSender(sql`${contactId}::uuid`, 'sending')} as own) as whose
      cross join lateral (select case when sending.state = 'sent' then sent_at else (
        select max(at) from events where contact_id = sending.contact_id
          and events.kind = 'message.not-sent' and data ->> 'as' = sending.kind) end as shown_at
      ) as shown
    where sending.kind like 'answer:%'
      and (own or (sending.state = 'sent' and sending.delivery is distinct from ${FILED}))
      and coalesce(shown_at, now()) >= greatest(near_or_own.since, message.arrived_at)
    order by shown_at nulls first, sending.id limit ${MOST}`.execute(db)
  return rows
}
