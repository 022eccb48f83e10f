/** Where a case stands in a line, as the ledger writes it. */
export interface Place {
  readonly caseId: string
  readonly arrivedAt: string
  readonly ordinal: number
}

export function compare(left: Place, right: Place): number {
  // ISO times in UTC with six digits of seconds compare correctly as text.
  if (left.arrivedAt !== right.arrivedAt) return left.arrivedAt < right.arrivedAt ? -1 : 1
  if (left.ordinal !== right.ordinal) return left.ordinal - right.ordinal
  // Cases of one contact that was split: the one that was opened first, whose id is smaller.
  if (left.caseId === right.caseId) return 0
  return left.caseId < right.caseId ? -1 : 1
}
