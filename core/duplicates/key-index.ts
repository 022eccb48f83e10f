/**
 * The index in memory, for evaluating files; `store.ts` is the same index in PostgreSQL. The cost
 * of a look-up does not grow with the number of entries.
 */

/** Newest entries read per key. For a phrase shared by thousands only the latest are found. */
export const NEWEST_PER_KEY = 24
/** Candidates that are compared exactly. */
const CANDIDATES = 40

export interface Candidate {
  readonly no: number
  readonly sharedKeys: number
}

export class KeyIndex {
  readonly #holders = new Map<number, number[]>()

  /** Stores a text's keys under a number. Numbers must rise with arrival. */
  add(no: number, keys: Iterable<number>): void {
    for (const key of keys) {
      const holders = this.#holders.get(key)
      if (!holders) this.#holders.set(key, [no])
      else if (holders.push(no) > NEWEST_PER_KEY * 2) holders.splice(0, NEWEST_PER_KEY)
    }
  }

  /**
   * The numbers that share most keys, at most `CANDIDATES`. Best first; among equals the later
   * first.
   */
  find(keys: Iterable<number>, least: number): Candidate[] {
    const shared = new Map<number, number>()
    for (const key of keys) {
      for (const no of this.#holders.get(key)?.slice(-NEWEST_PER_KEY) ?? [])
        shared.set(no, (shared.get(no) ?? 0) + 1)
    }
    return [...shared]
      .filter(([, count]) => count >= least)
      .map(([no, sharedKeys]) => ({ no, sharedKeys }))
      .sort((a, b) => b.sharedKeys - a.sharedKeys || b.no - a.no)
      .slice(0, CANDIDATES)
  }
}

/**
 * Keys two texts must share before they are compared: one for short texts, which have few keys and
 * lose some to OCR, else two.
 */
export function leastShared(keys: ArrayLike<number>): number {
  return keys.length < 24 ? 1 : 2
}
