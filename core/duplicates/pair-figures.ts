/** Pairwise precision and recall of a grouping or linking. */
export interface PairFigures {
  /** Pairs that belong together according to the file. */
  readonly truePairs: number
  readonly foundPairs: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/**
 * @param correct found pairs that are true. Precision is 1 if nothing was found; recall is 1 if
 * there was nothing to find.
 */
export function pairFigures(truePairs: number, foundPairs: number, correct: number): PairFigures {
  return {
    truePairs,
    foundPairs,
    precision: foundPairs === 0 ? 1 : correct / foundPairs,
    recall: truePairs === 0 ? 1 : correct / truePairs,
    f1: truePairs + foundPairs === 0 ? 1 : (2 * correct) / (truePairs + foundPairs)
  }
}

/** Number of pairs within groups of equal keys. Undefined and null belong to no group. */
export function pairsWithin(keys: Iterable<string | number | null | undefined>): number {
  const counts = new Map<string | number, number>()
  for (const key of keys)
    if (key !== undefined && key !== null) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0)
}
