/** Cases follow their letters: a letter joined into another after its release takes its case out of the line, a split puts it back. */
import { sql } from 'kysely'
import { asEvenhandError } from '../errors.ts'
import type { Ground } from '../ground.ts'
import { joinCase, undoJoin } from '../line/join.ts'

/** Letters whose case does not stand where the letter does. */
const hasUnfollowed = sql<boolean>`((letters.live and letters.left_case is not null)
  or (not letters.live and letters.contact_id is not null and letters.joined_to is not null and letters.left_case is null))`

interface Unfollowed {
  readonly id: string
  readonly live: boolean
  readonly joined_by: string | null
  readonly left_case: string | null
  /** The letter's case and the other letter's, the one further back in line first; null while one is not settled. */
  readonly later: string | null
  readonly earlier: string | null
}

/** Does what can be done now; a case that somebody is serving, or a contact not yet settled, is followed by a later round. */
export async function followLetters(ground: Ground, batchId: string): Promise<void> {
  const { rows } = await sql<Unfollowed>`
    with recursive way as (
      select id, id as now, joined_to from letters where batch_id = ${batchId}
      union all select way.id, letters.id, letters.joined_to from way join letters on letters.id = way.joined_to
    )
    select letters.id, letters.live, letters.joined_by, letters.left_case, pair.ids[1] as later, pair.ids[2] as earlier
    from letters join way on way.id = letters.id and way.joined_to is null left join letters as other on other.id = way.now
    cross join lateral (select array_agg(cases.id order by cases.arrived_at desc, cases.ordinal desc) as ids from cases
      where cases.id in (select case_id from contacts where id in (letters.contact_id, other.contact_id))) as pair
    where letters.batch_id = ${batchId} and ${hasUnfollowed}`.execute(ground.db)
  for (const letter of rows) await follow(ground, letter)
}

async function follow({ db, log, queues }: Ground, letter: Unfollowed): Promise<void> {
  try {
    if (letter.live) {
      const department = await undoJoin(db, letter.left_case!, 'system:mailroom', 'its letter was split off again')
      queues.mint(department, [letter.left_case!])
      await db.updateTable('letters').set({ left_case: null }).where('id', '=', letter.id).execute()
    } else if (letter.later && letter.earlier) {
      const entered = await joinCase(db, letter.later, letter.earlier, letter.joined_by ?? 'system:mailroom', 'one letter, split by mistake')
      for (const { department, caseId } of entered) queues.mint(department, [caseId])
      await db.updateTable('letters').set({ left_case: letter.later }).where('id', '=', letter.id).execute()
    }
  } catch (error) {
    if (asEvenhandError(error).status >= 500) throw error
    log.info({ letter: letter.id, code: asEvenhandError(error).code }, 'the case of a joined letter cannot follow it now')
  }
}
