/**
 * Words among staff about a case: never sent, never shown to a resident. A note may name
 * colleagues, who see it on their first page until they have read it.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { storableText } from '../../platform/text/storable.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { caseSubjectOf } from '../contacts/shown.ts'
import { caseEvents } from '../ledger/append.ts'
import { dropDraft } from './drafts.ts'
import { REPLY_LIMIT } from './limits.ts'

export interface NewNote {
  /** Chosen by the page: the same again writes nothing more. */
  readonly noteId: string
  readonly caseId: string
  readonly actor: string
  readonly text: string
  /** Ids of accounts that it is meant for. */
  readonly mentions: readonly string[]
}

export interface Note {
  readonly noteId: string
  readonly author: string
  readonly text: string
  readonly at: Date
  /** Ids of accounts, and whether they have read it. */
  readonly mentions: readonly { readonly staffId: string; readonly read: boolean }[]
}

/** Accounts that one note may name; more is a mailing list. */
export const MENTIONS = 20

/** Writes a note; its draft is then gone. @throws NOTE_EMPTY, REPLY_TOO_LONG, CASE_UNKNOWN */
export async function addNote(db: Db, note: NewNote): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await writeNote(trx, note)
    const key = { caseId: note.caseId, author: note.actor, kind: 'note' } as const
    await dropDraft(trx, key, note.noteId)
  })
}

/** The same within a transaction, without touching a draft. */
export async function writeNote(trx: Db, note: NewNote): Promise<void> {
  const text = storableText(note.text).replaceAll('\r\n', '\n').trim()
  if (isBlank(text)) throw new EvenhandError('NOTE_EMPTY')
  if (text.length > REPLY_LIMIT) throw new EvenhandError('REPLY_TOO_LONG')
  if (!isId(note.noteId) || !isId(note.caseId)) throw new EvenhandError('CASE_UNKNOWN')
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('notes')
    .values({ id: note.noteId, case_id: note.caseId, author: note.actor, text })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  if ((numInsertedOrUpdatedRows ?? 0n) === 0n) return
  await sql`
    insert into note_mentions (note_id, staff_id)
    select ${note.noteId}::uuid, id from staff
    where id = any(${note.mentions.filter(isId).slice(0, MENTIONS)}::uuid[])
      and disabled_at is null`.execute(trx)
  await sql`${caseEvents(sql`select 'case.noted', case_id, null::uuid, author,
    jsonb_build_object('note', id, 'mentions', (select count(*) from note_mentions
      where note_id = notes.id), 'mark', note_mark(notes))
    from notes where id = ${note.noteId}`)}`.execute(trx)
}

export interface Colleague {
  readonly staffId: string
  readonly name: string
}

/** Colleagues whose names follow an @ in the text; of two names the longer that fits. */
export function mentionsIn(text: string, colleagues: readonly Colleague[]): string[] {
  const byLength = colleagues.toSorted((a, b) => b.name.length - a.name.length)
  const found = text
    .split('@')
    .slice(1)
    .flatMap((after) => {
      const start = after.toLowerCase()
      const one = byLength.find(
        ({ name }) =>
          start.startsWith(name.toLowerCase()) && !/^[\p{L}\p{N}]/u.test(after.slice(name.length))
      )
      return one ? [one.staffId] : []
    })
  return [...new Set(found)].slice(0, MENTIONS)
}

/**
 * Whether a note names somebody with an @, and none of those told is it: its writer has to hear of
 * that. An @ within a word is an e-mail address's.
 */
export function isForNobody(text: string, told: readonly string[]): boolean {
  return told.length === 0 && /(^|\s)@\p{L}/u.test(text)
}

const written = sql`select id as "noteId", author, text, written_at as at, coalesce((select
    jsonb_agg(jsonb_build_object('staffId', staff_id, 'read', read_at is not null)
      order by staff_id) from note_mentions where note_id = notes.id), '[]') as mentions
  from notes`

/** The notes of these cases, earliest first. */
export async function notesOf(db: Db, caseIds: readonly string[]): Promise<Note[]> {
  const { rows } = await sql<Note>`
    ${written} where case_id = any(${caseIds}::uuid[])
    order by written_at, id limit 500`.execute(db)
  return rows
}

/** One note that there is. */
export async function viewNote(db: Db, noteId: string): Promise<Note> {
  const { rows } = await sql<Note>`${written} where id = ${noteId}`.execute(db)
  return rows[0]!
}

export interface UnreadMention {
  readonly noteId: string
  readonly caseId: string
  readonly receipt: string
  /** Of the case, or else its first words; empty where it has neither. */
  readonly subject: string
  readonly department: string
  readonly author: string
  readonly at: Date
}

/** Notes that name somebody and that they have not marked as read, latest first. */
export async function unreadMentions(
  db: Db,
  staffId: string,
  limit: number
): Promise<UnreadMention[]> {
  const { rows } = await sql<UnreadMention>`
    select notes.id as "noteId", coalesce(joined_into, cases.id) as "caseId", cases.receipt,
      department, ${caseSubjectOf} as subject, author, written_at as at
    from note_mentions join notes on notes.id = note_id join cases on cases.id = notes.case_id
      join contacts on contacts.id = cases.contact_id
    where staff_id = ${staffId} and read_at is null
    order by written_at desc, notes.id desc limit ${limit}`.execute(db)
  return rows
}

/** Somebody has read what names them on these cases. */
export async function markMentionsRead(
  db: Db,
  staffId: string,
  caseIds: readonly string[]
): Promise<void> {
  await sql`
    update note_mentions set read_at = now() from notes
    where notes.id = note_id and staff_id = ${staffId} and read_at is null
      and case_id = any(${caseIds}::uuid[])`.execute(db)
}
