/** Replies that wait for a second person: which there are, and which one is meant. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { isId, isShortNumber, SHORT_NUMBER } from '../../platform/ids.ts'
import { parseReceipt } from '../contacts/receipts.ts'
import { caseSubjectOf } from '../contacts/shown.ts'

export interface ProposedReply {
  readonly replyId: string
  readonly caseId: string
  readonly receipt: string
  /** Of the case, or else its first words; empty where it has neither. */
  readonly subject: string
  readonly department: string
  readonly writtenBy: string
  readonly writtenAt: Date
}

/** Replies that wait for somebody else's eyes than the writer's, earliest first. */
export async function listProposed(
  db: Db,
  departments: readonly string[],
  actor: string,
  limit: number
): Promise<ProposedReply[]> {
  const { rows } = await sql<ProposedReply>`
    select answers.id as "replyId", cases.id as "caseId", cases.receipt, department,
      ${caseSubjectOf} as subject, written_by as "writtenBy",
      written_at as "writtenAt"
    from answers join cases on cases.id = answers.case_id
      join contacts on contacts.id = cases.contact_id
    where answers.state = 'proposed' and written_by <> ${actor}
      and department = any(${departments}::text[])
    order by written_at, answers.id limit ${limit}`.execute(db)
  return rows
}

/**
 * The replies that a person means: by id, by short number, or those that wait on a case by its
 * receipt.
 */
export async function findReplies(
  db: Db,
  named: string
): Promise<{ readonly replyId: string; readonly caseId: string }[]> {
  const receipt = parseReceipt(named)
  if (!receipt && !isId(named) && !isShortNumber(named)) return []
  const which = receipt
    ? sql`answers.state = 'proposed' and cases.receipt = ${receipt}`
    : isId(named)
      ? sql`answers.id = ${named}`
      : sql`right(answers.id::text, ${SHORT_NUMBER}) = ${named.toLowerCase()}`
  const { rows } = await sql<{ replyId: string; caseId: string }>`
    select answers.id as "replyId", cases.id as "caseId"
    from answers join cases on cases.id = answers.case_id
    where ${which} order by written_at, answers.id limit 20`.execute(db)
  return rows
}
