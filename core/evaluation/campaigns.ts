import { comparable } from '../duplicates/comparable.ts'
import { pairFigures, pairsWithin, type PairFigures } from '../duplicates/pair-figures.ts'
import type { EvaluationRow } from '../duplicates/records.ts'
import { CampaignGroups } from '../campaigns/groups.ts'

export interface CampaignEvaluation extends PairFigures {
  /** Groups of two and more, and the contacts in them. */
  readonly groups: number
  readonly grouped: number
}

/**
 * Groups the rows by text alone and measures the pairs against the rows' `campaign`; null is a
 * campaign of none.
 */
export function evaluateCampaigns(
  rows: readonly Pick<EvaluationRow, 'text' | 'campaign'>[]
): CampaignEvaluation {
  const groups = new CampaignGroups()
  for (const row of rows) groups.add(comparable(row.text))
  const found = groups.groups()
  const correct = pairsWithin(
    rows.map((row, no) => (row.campaign ? `${groups.groupOf(no)} ${row.campaign}` : undefined))
  )
  const foundPairs = pairsWithin(rows.map((_, no) => groups.groupOf(no)))
  return {
    ...pairFigures(pairsWithin(rows.map((row) => row.campaign)), foundPairs, correct),
    groups: found.length,
    grouped: found.reduce((sum, members) => sum + members.length, 0)
  }
}
