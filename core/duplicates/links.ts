/**
 * Links between contacts of one matter. Rows are decided and never deleted, so that each decision
 * shows who, why and when, and can be undone.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type LinkState = 'suggested' | 'joined' | 'declined' | 'undone'

const decisions = {
  join: ['suggested', 'joined'],
  decline: ['suggested', 'declined'],
  undo: ['joined', 'undone']
} as const

/**
 * Records a person's decision on a link. @returns false, with nothing changed, if the link is not
 * in the state that the decision starts from
 */
export async function decideLink(
  db: Db,
  linkId: string,
  decision: keyof typeof decisions,
  by: string,
  why: string
): Promise<boolean> {
  const [from, to] = decisions[decision]
  const { numAffectedRows } = await sql`
    update case_links set state = ${to}, decided_by = ${by}, decided_why = ${why},
      decided_at = clock_timestamp()
    where id = ${linkId} and state = ${from}`.execute(db)
  return numAffectedRows === 1n
}
