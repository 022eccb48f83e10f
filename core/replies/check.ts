/** What a reply has to be before it is sent. */
import type { Agency } from '../../config/agency.ts'
import { recognitionOf } from '../../config/schema.ts'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { storableText } from '../../platform/text/storable.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { signedWords, TEXT_MESSAGE_LIMIT, type ReplyWay } from '../outbox/reply-message.ts'
import { draftFiles, type DraftFile } from './draft-files.ts'
import { checkLetter } from './letter.ts'
import { REPLY_LIMIT, replyFiles, SUBJECT_LIMIT } from './limits.ts'
import { addressFor } from './ways.ts'

export interface NewReply {
  /** Chosen by the page: the same again sends nothing more. */
  readonly replyId: string
  readonly caseId: string
  /** The contact it answers, whose receipt and thread it carries. */
  readonly contactId: string
  readonly actor: string
  readonly way: ReplyWay
  readonly address: string
  /** The address is not one the resident gave: staff typed it. */
  readonly typed: boolean
  readonly name: string | undefined
  readonly language: string
  readonly subject: string
  readonly text: string
  /** Files whose bytes are stored; where they are left out, those of the writer's draft. */
  readonly files?: readonly NewFile[] | undefined
}

export type NewFile = Omit<DraftFile, 'position'>

/**
 * A reply as it can be sent; a preview asks this, too.
 * @throws REPLY_EMPTY, REPLY_TOO_LONG, REPLY_ADDRESS, REPLY_TYPED, REPLY_LETTER, REPLY_WINDOW,
 * REPLY_FILES, CASE_UNKNOWN
 */
export async function checkReply(db: Db, agency: Agency, reply: NewReply): Promise<NewReply> {
  if (!isId(reply.replyId) || !isId(reply.caseId)) throw new EvenhandError('CASE_UNKNOWN')
  const text = storableText(reply.text).replaceAll('\r\n', '\n').trim()
  if (isBlank(text)) throw new EvenhandError('REPLY_EMPTY')
  const { country } = recognitionOf(agency.departments)
  const address = addressFor(reply.way, storableText(reply.address).trim(), country)
  if (!address) throw new EvenhandError(reply.typed ? 'REPLY_TYPED' : 'REPLY_ADDRESS')
  const { receipt, department } = await answeredBy(db, reply)
  const whole = signedWords({ words: text, language: reply.language }, receipt, agency)
  if (text.length > REPLY_LIMIT || (reply.way === 'text' && whole.length > TEXT_MESSAGE_LIMIT))
    throw new EvenhandError('REPLY_TOO_LONG')
  const files = reply.files ?? (await draftFiles(db, reply.caseId, reply.actor))
  refuseFiles(reply.way, files)
  if (reply.way === 'letter') {
    const enclosed = files.map(({ name }) => name)
    const letter = { ...reply, receipt, department, address, text, enclosed, date: new Date() }
    await checkLetter(letter, agency)
  }
  return {
    ...reply,
    address,
    text,
    files,
    subject: storableText(reply.subject).replace(/\s+/g, ' ').trim().slice(0, SUBJECT_LIMIT)
  }
}

/** @throws REPLY_FILES over a bound, or by a way that takes none */
function refuseFiles(way: ReplyWay, files: readonly NewFile[]): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const most = way === 'mail' || way === 'letter' ? replyFiles.count : 0
  if (files.length > most || bytes > replyFiles.bytes) throw new EvenhandError('REPLY_FILES')
}

async function answeredBy(
  db: Db,
  { caseId, contactId }: NewReply
): Promise<{ readonly receipt: string; readonly department: string }> {
  const row = isId(contactId)
    ? await db
        .selectFrom('case_contacts')
        .innerJoin('contacts', 'contacts.id', 'case_contacts.contact_id')
        .innerJoin('cases', 'cases.id', 'case_contacts.case_id')
        .select(['contacts.receipt', 'cases.department'])
        .where('case_contacts.case_id', '=', caseId)
        .where('contacts.id', '=', contactId)
        .executeTakeFirst()
    : undefined
  if (!row) throw new EvenhandError('CASE_UNKNOWN')
  return row
}
