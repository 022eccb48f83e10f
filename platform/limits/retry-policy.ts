/**
 * How often, and how far apart, something that failed is tried again. Each place has its own
 * numbers, with their reasons; their meaning is the same everywhere.
 */

/** For work whose pace is set elsewhere: by a queue or the sweep. */
export interface Attempts {
  /** Attempts in all, including the first. After the last one a person takes over. */
  readonly attempts: number
}

export interface RetryPolicy extends Attempts {
  /** Seconds between the first attempt and the second. */
  readonly firstWait: number
  /** Each wait is this many times the one before. */
  readonly factor: number
  /** Longest wait in seconds. */
  readonly longestWait: number
  /**
   * Extra attempts, far apart, for trouble that needs a person who may not be there before Monday.
   */
  readonly slow?: Attempts & { /** In seconds. */ readonly wait: number }
}

/** Whether this attempt, counted from 1, is the last. */
export function isLastAttempt({ attempts }: Attempts, attempt: number): boolean {
  return attempt >= attempts
}

/** The same, for trouble after which the slow attempts are made too. */
export function isLastSlowAttempt({ attempts, slow }: RetryPolicy, attempt: number): boolean {
  return attempt >= attempts + (slow?.attempts ?? 0)
}

/** Seconds from this attempt, counted from 1, to the next one. */
export function waitAfter(
  { firstWait, factor, longestWait, attempts, slow }: RetryPolicy,
  attempt: number
): number {
  return slow && attempt >= attempts
    ? slow.wait
    : Math.min(firstWait * factor ** (attempt - 1), longestWait)
}
