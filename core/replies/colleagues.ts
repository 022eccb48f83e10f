/** Who may be named in a note on a case, and a note with the names in its words. */
import { maySeeCase } from '../access/case-access.ts'
import { StaffStore } from '../access/staff.ts'
import type { Db } from '../../platform/db/database.ts'
import { addNote, mentionsIn, type Colleague, type NewNote } from './notes.ts'

/** The case a note is written on. */
export interface NotedCase {
  readonly caseId: string
  readonly department: string
  readonly heldBy: string | undefined
}

/** Colleagues who may open the case and so can be named in a note; not the actor. */
export async function colleaguesOf(db: Db, noted: NotedCase, actor: string): Promise<Colleague[]> {
  return (await new StaffStore(db).list())
    .filter(
      (one) => one.state === 'active' && `staff:${one.id}` !== actor && maySeeCase(one, noted)
    )
    .map(({ id, name }) => ({ staffId: id, name }))
}

interface NamingNote extends Pick<NewNote, 'noteId' | 'actor' | 'text'> {
  /** Id of an account that was picked beside those whose names follow an @. */
  readonly picked?: string | undefined
}

/**
 * Writes a note on a case; who is named in it sees it on their first page. Answers their names.
 * @throws NOTE_EMPTY, REPLY_TOO_LONG, CASE_UNKNOWN
 */
export async function addNaming(db: Db, noted: NotedCase, note: NamingNote): Promise<string[]> {
  const { noteId, actor, text, picked } = note
  const colleagues = await colleaguesOf(db, noted, actor)
  const chosen = colleagues.filter(({ staffId }) => staffId === picked)
  const named = new Set([...chosen.map(({ staffId }) => staffId), ...mentionsIn(text, colleagues)])
  await addNote(db, { noteId, caseId: noted.caseId, actor, text, mentions: [...named] })
  return colleagues.filter(({ staffId }) => named.has(staffId)).map(({ name }) => name)
}
