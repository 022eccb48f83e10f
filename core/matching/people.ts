import { sql } from 'kysely'
import { EvenhandError } from '../../platform/errors.ts'
import { isBlank } from '../../platform/text/visible.ts'
import type { Db } from '../../platform/db/database.ts'

/** Who did something to a merge, and why; kept with it. */
export interface Act {
  /** A user's id, or "machine". */
  readonly by: string
  readonly reason: string
}

/**
 * Makes one constituent of two: `gone` points to `kept` from now on, and everyone who pointed to
 * `gone` as well. Nobody's values, keys or links are touched. In the caller's transaction.
 * @throws EvenhandError CONSTITUENT_UNKNOWN, CONSTITUENT_MERGED (one of them already points
 * elsewhere, or both are one).
 */
export async function mergeWithin(trx: Db, kept: string, gone: string, act: Act): Promise<string> {
  requireReason(act)
  // In the order of their ids, so that two opposite merges at once do not wait for each other.
  const { rows } = await sql<{ id: string; merged_into: string | null }>`
    select id::text, merged_into::text from constituents where id = any(${[kept, gone]}::bigint[])
      order by id for update
  `.execute(trx)
  if (new Set([kept, gone]).size === 2 && rows.length < 2)
    throw new EvenhandError('CONSTITUENT_UNKNOWN')
  if (kept === gone || rows.some((row) => row.merged_into !== null))
    throw new EvenhandError('CONSTITUENT_MERGED')
  await sql`update constituents set merged_into = ${kept} where id = ${gone}
      or merged_into = ${gone}`.execute(trx)
  const made = await sql<{ id: string }>`
    insert into constituent_merges (kept, gone, merged_by, reason)
      values (${kept}, ${gone}, ${act.by}, ${act.reason}) returning id::text
  `.execute(trx)
  return made.rows[0]!.id
}

/**
 * Takes a merge back: `gone`, and those who had been merged into it before, stand as they stood. In
 * the caller's transaction.
 * @throws EvenhandError CONSTITUENT_UNKNOWN where there is no such merge in force.
 */
export async function unmergeWithin(trx: Db, mergeId: string, act: Act): Promise<void> {
  requireReason(act)
  const { rows } = await sql<{ kept: string; gone: string }>`
    update constituent_merges set unmerged_at = now(), unmerged_by = ${act.by},
      unmerge_reason = ${act.reason}
    where id = ${mergeId} and unmerged_at is null returning kept::text, gone::text
  `.execute(trx)
  if (rows.length === 0) throw new EvenhandError('CONSTITUENT_UNKNOWN')
  await replayMerges(trx, rows[0]!)
}

/**
 * Points everyone who stood together with the two to where the merges still in force lead; what a
 * chain of merges and un-merges leaves is unambiguous. Nobody else is looked at: a register has
 * millions.
 */
async function replayMerges(
  trx: Db,
  { kept, gone }: { kept: string; gone: string }
): Promise<void> {
  await sql`
    with recursive heads as (
      select coalesce(merged_into, id) as id from constituents
        where id = any(${[kept, gone]}::bigint[])
    ), together as (
      select id from constituents where id in (select id from heads) union select id
        from constituents where merged_into in (select id from heads)
    ), roots as (
      select gone as id, kept as root from constituent_merges where unmerged_at is null
        and gone in (select id from together)
      union all
      select roots.id, next.kept from roots join constituent_merges next on next.gone = roots.root
        and next.unmerged_at is null
    ), final as (
      select id, root from roots where not exists (select from constituent_merges m
        where m.gone = roots.root and m.unmerged_at is null)
    )
    update constituents c set merged_into = wanted.root
    from (
      select id, root from final
      union all
      select id, null from together where id not in (select id from final)
    ) wanted where c.id = wanted.id and c.merged_into is distinct from wanted.root
  `.execute(trx)
}

function requireReason(act: Act): void {
  if (isBlank(act.reason) || isBlank(act.by)) throw new EvenhandError('REASON_REQUIRED')
}
