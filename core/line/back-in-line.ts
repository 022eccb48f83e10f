/**
 * How a case that somebody holds becomes nobody's and waits again. Its arrival, and so its place,
 * is not touched.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** A case that waits again, and who held it. */
export interface CaseBackInLine {
  readonly caseId: string
  readonly department: string
  readonly holder: string
}

/**
 * Puts the held cases that a condition on `cases` names back into their lines, or into the line of
 * another department, which gives them the place that their arrival earns there. The caller has
 * locked the lines. A case that somebody else acts on right now is skipped: they hold its row and
 * wait for the line. Returns those that wait again.
 */
export async function putBackInLine(
  trx: Db,
  which: RawBuilder<unknown>,
  { into }: { readonly into?: string } = {}
): Promise<CaseBackInLine[]> {
  const elsewhere = into === undefined ? sql`` : sql`department = ${into},`
  const { rows } = await sql<CaseBackInLine>`
    with held as (
      select id, taken_by from cases where state = 'taken' and ${which}
        for no key update skip locked
    )
    update cases set ${elsewhere} state = 'waiting', taken_by = null, taken_at = null,
      lease_until = null, updated_at = now()
    from held where cases.id = held.id
    returning cases.id as "caseId", department, held.taken_by as holder`.execute(trx)
  return rows
}
