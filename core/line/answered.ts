/** Whether a case was answered: an answer to one of its contacts left the house. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** What outbound rows say in `delivery` where the message was written to a file, and not sent. */
export const FILED = 'filed'

/**
 * The part of a statement that picks the answer which was sent to a contact of a case, or which a
 * person told them after it did not arrive; null where none was, or where it came back. An answer
 * to the other matter of a split contact is none of it. `enqueued` also lets one count that is still
 * on its way.
 */
export function answerOf(caseId: RawBuilder<unknown>, enqueued?: RawBuilder<unknown>) {
  return sql`(select substr(outbound.kind, 8) from case_contacts link
      join outbound on outbound.contact_id = link.contact_id
      left join answers on answers.id = ${answerIdIn(sql`outbound.kind`)}
    where link.case_id = ${caseId} and outbound.kind like 'answer:%'
      and ${isOfCase(caseId)} and (${hasReached} ${
        enqueued
          ? sql`or (outbound.state = 'waiting' and outbound.kind = 'answer:' || ${enqueued})`
          : sql``
      })
    order by outbound.state = 'sent' desc, outbound.sent_at, outbound.id limit 1)`
}

/** Of rows `outbound` with their answers: whether one is about this case. */
function isOfCase(caseId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`(answers.case_id is null or answers.case_id = ${caseId}
    or standing_case(answers.case_id) = ${caseId})`
}

/** Of the same rows: whether it was sent, or a person told them after it did not arrive. */
const hasReached = sql<boolean>`((outbound.state = 'sent'
    and outbound.delivery is distinct from ${FILED})
  or exists (select from duties where duties.answer_id = answers.id
    and duties.contact_id = outbound.contact_id and duties.kind = 'undelivered'
    and duties.how in ('called', 'sent-again')))`

/**
 * The id of the answer that a row of `outbound` sends; null for a row of another kind. Joined by it,
 * answers are found by their key; by their kind put together, all of them are read.
 * @param kind the row's column
 */
export function answerIdIn(kind: RawBuilder<unknown>): RawBuilder<string | null> {
  return sql`case when ${kind} like 'answer:%' then substr(${kind}, 8)::uuid end`
}

/** Whether an answer was sent to a contact of the case. */
export async function wasAnswered(db: Db, caseId: string): Promise<boolean> {
  const {
    rows: [found]
  } = await sql<{ answer: string | null }>`
    select ${answerOf(sql`${caseId}::uuid`)} as answer`.execute(db)
  return found?.answer != null
}

/**
 * Whether something was written to the resident of a case since their last message, and was sent or
 * is on its way: what did not arrive asked them nothing.
 */
export async function wasAsked(db: Db, caseId: string): Promise<boolean> {
  const {
    rows: [found]
  } = await sql<{ asked: boolean }>`
    select exists (select from case_contacts link
      join outbound on outbound.contact_id = link.contact_id
      join answers on answers.id = ${answerIdIn(sql`outbound.kind`)}
      where link.case_id = ${caseId}::uuid and ${isOfCase(sql`${caseId}::uuid`)}
        and (outbound.state = 'waiting' or ${hasReached})
        and answers.written_at > (select max(case when own.via is null then own.linked_at
            else contacts.arrived_at end) from case_contacts own
          join contacts on contacts.id = own.contact_id where own.case_id = link.case_id
          and coalesce(contacts.kind, 'message') = 'message')) as asked`.execute(db)
  return found!.asked
}
