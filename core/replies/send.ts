/**
 * Answering the resident of a case: by a way they gave, in their language, through the outbox. Where
 * a department wants a second person to look first, the reply waits for them.
 */
import { findDepartment } from '../../config/departments.ts'
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { cleanFileName } from '../../platform/text/file-name.ts'
import { caseEvents } from '../ledger/append.ts'
import { lockLineOf } from '../line/locks.ts'
import { isEnded } from '../line/reopen.ts'
import type { CaseState } from '../line/tables.ts'
import { openByHand } from '../outbox/duties.ts'
import { enqueueAnswer } from '../outbox/enqueue.ts'
import type { Runtime } from '../runtime.ts'
import { checkReply, type NewReply } from './check.ts'
import { dropDraft } from './drafts.ts'
import { replyFiles } from './limits.ts'

export type Sent = 'sent' | 'proposed'

/** Ends the case, in the transaction that sends its reply. */
export type Ending = (trx: Db) => Promise<void>

/** Throws where the reply may not go as the case stands, in the same transaction. */
export type Condition = (trx: Db) => Promise<void>

/**
 * Checks a reply and hands it to the outbox, with its files; its writer's draft is then gone.
 * @param ending of a case that is closed with its reply: either both are done, or neither is. It is
 * left out where the reply waits for a second person, and where the case has ended already
 * @param condition asked before anything is written
 * @throws REPLY_EMPTY, REPLY_TOO_LONG, REPLY_ADDRESS, REPLY_LETTER, REPLY_WINDOW, REPLY_FILES,
 * CASE_UNKNOWN, CASE_NOT_TAKEN, and what `ending` and `condition` throw
 */
export async function sendReply(
  { db, queues, agency }: Pick<Runtime, 'db' | 'queues' | 'agency'>,
  given: NewReply,
  ending?: Ending,
  condition?: Condition
): Promise<Sent> {
  const reply = await checkReply(db, agency(), given)
  const sent = await db.transaction().execute(async (trx) => {
    const { department, ended } = await lockCase(trx, reply, ending !== undefined)
    await condition?.(trx)
    const became = await writeOnce(trx, reply, needsApproval(agency(), department))
    if (became === 'sent' && !ended) await ending?.(trx)
    return became
  })
  if (sent === 'sent') queues.enqueue('outbound', [reply.contactId])
  return sent
}

/** The same reply again writes nothing more. */
async function writeOnce(trx: Db, reply: NewReply, approval: boolean): Promise<Sent> {
  if (!(await writeReply(trx, reply, approval ? 'proposed' : 'owed')))
    return stateOf(trx, reply.replyId)
  await writeFiles(trx, reply)
  if (approval) await recordProposed(trx, reply)
  else await enqueueReply(trx, reply.replyId, reply.actor)
  const key = { caseId: reply.caseId, author: reply.actor, kind: 'reply' } as const
  await dropDraft(trx, key, reply.replyId)
  return approval ? 'proposed' : 'sent'
}

export function needsApproval({ departments }: Agency, department: string): boolean {
  return findDepartment(departments, department)?.approval ?? false
}

/**
 * Whoever answers serves, so a case that waits is taken first; of one that has ended, more can be
 * said.
 */
export function mayReply(
  { state, heldBy }: { readonly state: CaseState; readonly heldBy: string | null | undefined },
  actor: string
): boolean {
  return heldBy === actor || isEnded(state)
}

/** Where the case ends with the reply, its line is locked before its row, as by all who end cases.
 */
async function lockCase(
  trx: Db,
  { caseId, actor }: NewReply,
  ends: boolean
): Promise<{ department: string; ended: boolean }> {
  if (ends) await lockLineOf(trx, caseId)
  const row = trx
    .selectFrom('cases')
    .select(['department', 'state', 'taken_by'])
    .where('id', '=', caseId)
  const found = await (ends ? row.forNoKeyUpdate() : row.forShare()).executeTakeFirst()
  if (!found) throw new EvenhandError('CASE_UNKNOWN')
  if (!mayReply({ state: found.state, heldBy: found.taken_by }, actor))
    throw new EvenhandError('CASE_NOT_TAKEN')
  return { department: found.department, ended: isEnded(found.state) }
}

async function writeReply(trx: Db, reply: NewReply, state: 'proposed' | 'owed'): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('answers')
    .values({
      id: reply.replyId,
      case_id: reply.caseId,
      contact_id: reply.contactId,
      way: reply.way,
      address: reply.address,
      typed: reply.typed,
      name: reply.name ?? null,
      language: reply.language,
      subject: reply.subject,
      text: reply.text,
      written_by: reply.actor,
      state
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

async function stateOf(trx: Db, replyId: string): Promise<Sent> {
  const { state } = await trx
    .selectFrom('answers')
    .select('state')
    .where('id', '=', replyId)
    .executeTakeFirstOrThrow()
  return state === 'owed' ? 'sent' : 'proposed'
}

async function writeFiles(trx: Db, { replyId, files = [] }: NewReply): Promise<void> {
  if (files.length === 0) return
  await trx
    .insertInto('answer_files')
    .values(
      files.map(({ name, mediaType, bytes, sha256 }, index) => ({
        answer_id: replyId,
        position: index + 1,
        name: cleanFileName(name, replyFiles.nameLength) || 'file',
        media_type: mediaType,
        bytes,
        sha256
      }))
    )
    .execute()
}

/** What the ledger keeps of a reply: how it goes, and a mark of what it says and to whom. */
const inEvent = sql`jsonb_build_object('answer', id, 'way', way, 'language', language, 'typed',
  typed, 'files', (select count(*) from answer_files where answer_id = answers.id), 'mark',
  reply_mark(answers))`

async function recordProposed(trx: Db, { replyId, actor }: NewReply): Promise<void> {
  await sql`${caseEvents(sql`select 'reply.proposed', case_id, contact_id, ${actor}, ${inEvent}
    from answers where id = ${replyId}`)}`.execute(trx)
}

/** Owes a reply that may go: to the outbox, or as a duty of a person. */
export async function enqueueReply(trx: Db, replyId: string, actor: string): Promise<void> {
  const { way, contact_id: contactId } = await trx
    .selectFrom('answers')
    .select(['way', 'contact_id'])
    .where('id', '=', replyId)
    .executeTakeFirstOrThrow()
  await sql`${caseEvents(sql`select 'case.answered', case_id, contact_id, ${actor}, ${inEvent}
    from answers where id = ${replyId}`)}`.execute(trx)
  const byHand = way === 'letter' || way === 'call'
  await enqueueAnswer(trx, { answerId: replyId, contactId: contactId!, byHand })
  if (byHand) await openByHand(trx, { answerId: replyId, kind: way })
}
