/**
 * Keeps cases in step with their letters: if a letter is joined into another after its release, its
 * case leaves the line; if it is split off again, the case comes back.
 */
import { sql } from 'kysely'
import { asEvenhandError } from '../../platform/errors.ts'
import type { MailroomRuntime } from './runtime.ts'
import { joinCase, undoJoin } from '../line/join.ts'

/** Letters whose case is not yet where the letter is. */
const hasUnfollowed = sql<boolean>`((letters.live and letters.left_case is not null)
  or (not letters.live and letters.contact_id is not null and letters.joined_to is not null
    and letters.left_case is null and letters.unfollowed is null))`

interface Unfollowed {
  readonly id: string
  readonly live: boolean
  readonly joined_by: string | null
  readonly left_case: string | null
  /**
   * The cases of both letters; `later` is the one further back in line. Null while one contact is
   * not settled.
   */
  readonly later: string | null
  readonly earlier: string | null
  /** True if both contacts have a case. If `earlier` is null then, both have the same case. */
  readonly settled: boolean
}

/**
 * Does what is possible now. If somebody is serving the case, or a contact is not settled, a later
 * round continues. What no round can change (a case that has ended, one case for both letters, a
 * join that a person took back) is recorded and not tried again.
 */
export async function followLetters(runtime: MailroomRuntime, batchId: string): Promise<void> {
  const { rows } = await sql<Unfollowed>`
    with recursive way as (
      select id, id as now, joined_to from letters where batch_id = ${batchId}
      union all select way.id, letters.id, letters.joined_to from way
        join letters on letters.id = way.joined_to
    )
    select letters.id, letters.live, letters.joined_by, letters.left_case, pair.ids[1] as later,
      pair.ids[2] as earlier,
      (select count(*) = 2 from contacts where id in (letters.contact_id, other.contact_id)
        and case_id is not null) as settled
    from letters join way on way.id = letters.id and way.joined_to is null left
      join letters as other on other.id = way.now
    cross join lateral (select array_agg(cases.id
      order by cases.arrived_at desc, cases.ordinal desc) as ids from cases
      where cases.id in (select case_id from contacts
        where id in (letters.contact_id, other.contact_id))) as pair
    where letters.batch_id = ${batchId} and ${hasUnfollowed}`.execute(runtime.db)
  for (const letter of rows) await follow(runtime, letter)
}

async function follow({ db, log, queues }: MailroomRuntime, letter: Unfollowed): Promise<void> {
  const set = (values: { left_case?: string | null; unfollowed?: string }) =>
    db
      .updateTable('letters')
      .set(values)
      .where('id', '=', letter.id)
      .where('live', '=', letter.live)
      .execute()
  try {
    if (letter.live) {
      const department = await undoJoin(
        db,
        letter.left_case!,
        'system:mailroom',
        'its letter was split off again'
      )
      queues.issueTickets(department, [letter.left_case!])
      await set({ left_case: null })
    } else if (letter.later && letter.earlier) {
      const entered = await joinCase(db, {
        laterCaseId: letter.later,
        earlierCaseId: letter.earlier,
        actor: letter.joined_by ?? 'system:mailroom',
        reason: 'one letter, split by mistake'
      })
      for (const { department, caseId } of entered) queues.issueTickets(department, [caseId])
      await set({ left_case: letter.later })
    } else if (letter.later && letter.settled) {
      await set({ unfollowed: 'CASE_NOT_JOINABLE' })
    }
  } catch (error) {
    const { code, status } = asEvenhandError(error)
    if (status >= 500) throw error
    log.info({ letter: letter.id, code }, 'the case of a joined letter cannot follow it')
    // Only a case that somebody holds will become free again.
    if (code !== 'CASE_NOT_TAKEN')
      await set({ unfollowed: code, ...(letter.live ? { left_case: null } : {}) })
  }
}
