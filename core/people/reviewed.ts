/**
 * What people decided about pairs that a machine suggested: the agency's own data for choosing its
 * thresholds.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export interface ReviewedPair {
  readonly bits: number
  /** Whether a person said that both are the same. */
  readonly same: boolean
}

/** Newest pairs used: enough for a curve, and they reflect the register as it is now. */
const PAIRS = 20_000

/**
 * Pairs that were suggested and then decided by staff, without those decided as "cannot be told".
 */
export async function reviewedPairs(db: Db): Promise<ReviewedPair[]> {
  const { rows } = await sql<ReviewedPair>`
    select suggested.bits, coalesce(theirs.merged_into, theirs.id) = coalesce(chosen.merged_into,
      chosen.id) as same
    from constituent_links suggested
    join constituent_links decided on decided.contact_id = suggested.contact_id
      and decided.role = suggested.role and decided.verdict in ('linked', 'new')
      and decided.linked_by like 'staff:%' and decided.unlinked_at is null
    join constituents theirs on theirs.id = suggested.constituent_id
      join constituents chosen on chosen.id = decided.constituent_id
    where suggested.verdict = 'possible' and suggested.unlinked_by like 'staff:%'
      and suggested.bits is not null
    order by suggested.id desc limit ${PAIRS}`.execute(db)
  return rows
}

export interface CurvePoint {
  readonly threshold: number
  /**
   * Of the pairs at or above the threshold, the share that is one person; undefined if there are
   * none.
   */
  readonly precision: number | undefined
  /**
   * Of the pairs that are one person, the share at or above the threshold; undefined if there are
   * none.
   */
  readonly recall: number | undefined
  readonly pairs: number
}

/**
 * Precision and recall of the reviewed pairs at thresholds `step` bits apart, lowest first. Pairs
 * that were never suggested are not included.
 */
export function curveOf(
  pairs: readonly ReviewedPair[],
  from = -10,
  to = 20,
  step = 1
): CurvePoint[] {
  const same = pairs.filter((pair) => pair.same).length
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => {
    const threshold = from + index * step
    const above = pairs.filter(({ bits }) => bits >= threshold)
    const right = above.filter((pair) => pair.same).length
    return {
      threshold,
      pairs: above.length,
      precision: above.length > 0 ? right / above.length : undefined,
      recall: same > 0 ? right / same : undefined
    }
  })
}
