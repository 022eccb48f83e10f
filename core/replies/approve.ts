/** A second person looks at a reply before it goes, where a department wants that. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId, newId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import type { Runtime } from '../runtime.ts'
import type { ReplyWay } from '../outbox/reply-message.ts'
import { addDraftFiles, type DraftFile } from './draft-files.ts'
import { keepDraft, type DraftFields } from './drafts.ts'
import { writeNote } from './notes.ts'
import { enqueueReply } from './send.ts'
import { keyOf, TYPED } from './ways.ts'

interface Proposed {
  readonly case_id: string
  readonly contact_id: string
  readonly written_by: string
  readonly text: string
  readonly subject: string | null
  readonly way: ReplyWay
  readonly address: string
  readonly typed: boolean
  readonly language: string
}

/** Who decides about a reply. */
export interface SecondPerson {
  readonly actor: string
  /** Every actor that is the same person: none of these may have written it. */
  readonly names: readonly string[]
}

/** @throws NOT_FOUND, REPLY_DECIDED if somebody was first, REPLY_OWN for one's own */
async function lockProposed(
  trx: Db,
  replyId: string,
  { actor, names }: SecondPerson
): Promise<Proposed> {
  const { rows } = isId(replyId)
    ? await sql<Proposed & { state: string }>`
        select case_id, contact_id, written_by, text, subject, way, address, typed, language,
          state from answers
        where id = ${replyId} and case_id is not null for update`.execute(trx)
    : { rows: [] }
  const [found] = rows
  if (!found) throw new EvenhandError('NOT_FOUND')
  if (found.state !== 'proposed') throw new EvenhandError('REPLY_DECIDED')
  const own = [actor, ...names].map((name) => name.toLowerCase())
  if (own.includes(found.written_by.toLowerCase())) throw new EvenhandError('REPLY_OWN')
  return found
}

async function decide(
  trx: Db,
  replyId: string,
  actor: string,
  state: 'owed' | 'sent-back'
): Promise<void> {
  await trx
    .updateTable('answers')
    .set({ state, decided_by: actor, decided_at: sql`now()` })
    .where('id', '=', replyId)
    .execute()
}

/** Lets a reply go. @throws NOT_FOUND, REPLY_DECIDED, REPLY_OWN */
export async function approveReply(
  { db, queues }: Pick<Runtime, 'db' | 'queues'>,
  replyId: string,
  person: SecondPerson
): Promise<void> {
  const { contact_id: contactId } = await db.transaction().execute(async (trx) => {
    const found = await lockProposed(trx, replyId, person)
    await decide(trx, replyId, person.actor, 'owed')
    await enqueueReply(trx, replyId, person.actor)
    return found
  })
  queues.enqueue('outbound', [contactId])
}

/**
 * Sends a reply back to its writer with words for them, as a note that names them. It is their
 * draft again, with where it goes and its files.
 * @throws NOT_FOUND, REPLY_DECIDED, REPLY_OWN, REASON_REQUIRED
 */
export async function sendBackReply(
  db: Db,
  { replyId, person, words }: { replyId: string; person: SecondPerson; words: string }
): Promise<void> {
  const reason = requireReason(words)
  const { actor } = person
  const reply = await db.transaction().execute(async (trx) => {
    const found = await lockProposed(trx, replyId, person)
    await decide(trx, replyId, actor, 'sent-back')
    await appendEvents(trx, [
      {
        kind: 'reply.sent-back',
        caseId: found.case_id,
        contactId: found.contact_id,
        actor,
        data: { answer: replyId }
      }
    ])
    await writeNote(trx, {
      noteId: newId(),
      caseId: found.case_id,
      actor,
      text: reason,
      mentions: found.written_by.startsWith('staff:') ? [found.written_by.slice(6)] : []
    })
    return found
  })
  await keepDraft(db, {
    caseId: reply.case_id,
    author: reply.written_by,
    kind: 'reply',
    version: 0,
    fields: fieldsOf(reply),
    becomes: newId()
  })
  await takeFilesBack(db, replyId, reply)
}

/** The reply as its writer's page holds it. */
function fieldsOf({ text, subject, language, way, address, typed }: Proposed): DraftFields {
  return {
    text,
    subject: subject ?? '',
    language,
    ...(typed
      ? { to: TYPED, otherWay: way, otherAddress: address }
      : { to: keyOf({ way, address }) })
  }
}

/** Those of a newer draft come first: what has no room beside them stays with the old reply. */
async function takeFilesBack(
  db: Db,
  replyId: string,
  { case_id: caseId, written_by: author }: Proposed
): Promise<void> {
  const { rows } = await sql<Omit<DraftFile, 'position'>>`
    select name, media_type as "mediaType", bytes, sha256 from answer_files
    where answer_id = ${replyId} order by position`.execute(db)
  await addDraftFiles(db, caseId, author, rows).catch((error: unknown) => {
    if (!(error instanceof EvenhandError)) throw error
  })
}
