/** Replies of a case as the desk shows them, with what became of each. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { answerIdIn } from '../line/answered.ts'
import type { ReplyWay } from '../outbox/reply-message.ts'

export interface Reply {
  readonly replyId: string
  /** The contact it answers. */
  readonly contactId: string
  readonly author: string
  readonly at: Date
  /** Undefined while it has not left; then when it was sent, or let go where that failed. */
  readonly sentAt: Date | undefined
  /** Undefined for an answer to a whole campaign, which went the way of each receipt. */
  readonly way: ReplyWay | undefined
  readonly address: string | undefined
  readonly name: string | undefined
  /** Staff typed the address; the resident did not give it in this case. */
  readonly typed: boolean
  readonly language: string | undefined
  readonly subject: string
  readonly text: string
  readonly state: 'proposed' | 'sent-back' | 'waiting' | 'sent' | 'undeliverable' | 'failed'
  /** Why it was not sent, and the latest word of mail systems and carriers about it. */
  readonly reason: string | undefined
  readonly delivery: string | undefined
  readonly decidedBy: string | undefined
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
}

type Row = {
  [Key in keyof Reply]: undefined extends Reply[Key]
    ? Exclude<Reply[Key], undefined> | null
    : Reply[Key]
}

const columns = sql`answers.id as "replyId", coalesce(answers.contact_id,
    outbound.contact_id) as "contactId", written_by as author, written_at as at,
    coalesce(outbound.sent_at, case when answers.state = 'owed' and outbound.state <> 'waiting'
      then coalesce(decided_at, written_at) end) as "sentAt", way, address,
    name, typed, language, coalesce(subject, '') as subject, text, case answers.state
      when 'owed' then coalesce(outbound.state, 'waiting') else answers.state end as state,
    outbound.reason, outbound.delivery, decided_by as "decidedBy", coalesce((select
      jsonb_agg(jsonb_build_object('name', name, 'bytes', bytes) order by position)
      from answer_files where answer_id = answers.id), '[]') as files`

/** Replies written on cases, with what became of them. */
const written = sql`select ${columns} from answers
  left join outbound on outbound.kind = 'answer:' || answers.id
    and outbound.contact_id = answers.contact_id`

/** Replies written on these cases and answers to campaigns of their contacts, earliest first. */
export async function repliesOf(
  db: Db,
  caseIds: readonly string[],
  contactIds: readonly string[]
): Promise<Reply[]> {
  const { rows } = await sql<Row>`
    ${written} where answers.case_id = any(${caseIds}::uuid[])
    union all
    select ${columns} from outbound join answers
      on answers.id = ${answerIdIn(sql`outbound.kind`)}
    where outbound.contact_id = any(${contactIds}::uuid[]) and answers.case_id is null
    order by at, "replyId" limit 500`.execute(db)
  return rows.map(toReply)
}

/** A reply written on a case, or on one that was joined into it. */
export async function viewReply(
  db: Db,
  caseId: string,
  replyId: string
): Promise<Reply | undefined> {
  const { rows } = await sql<Row>`
    ${written} where answers.id = ${replyId}
      and answers.case_id = any(${await gatheredCases(db, caseId)}::uuid[])`.execute(db)
  return rows[0] && toReply(rows[0])
}

function toReply(row: Row): Reply {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, value ?? undefined])
  ) as unknown as Reply
}

/** A case with those that were joined into it: what was said on them belongs together. */
export async function gatheredCases(db: Db, caseId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive gathered as (
      select ${caseId}::uuid as id
      union select cases.id from cases join gathered on cases.joined_into = gathered.id
    ) select id from gathered limit 200`.execute(db)
  return rows.map(({ id }) => id)
}
