/**
 * Limits unsigned contacts. They are kept for a person to look at, but a flood of them must not
 * fill the disk or hide the honest ones.
 */
import { FixedWindowLimiter } from '../../platform/limits/fixed-window-limiter.ts'
import { rates } from '../../platform/limits/rates.ts'

/**
 * Unsigned contacts kept per minute: more than a town's texts if its settings are wrong, few
 * against a flood. The sender of any further one is told to try later, and the provider is asked
 * for it.
 */
export const HELD_PER_MINUTE = rates.held
export const HELD_BYTES_PER_MINUTE = rates.heldBytes

export class UnverifiedLimit {
  readonly #contacts: FixedWindowLimiter
  readonly #bytes: FixedWindowLimiter

  constructor(now?: () => number) {
    this.#contacts = new FixedWindowLimiter(HELD_PER_MINUTE, 1, now)
    this.#bytes = new FixedWindowLimiter(HELD_BYTES_PER_MINUTE, 1, now)
  }

  /**
   * Whether one more contact of this size may be kept in this minute. A refusal counts nothing, so
   * a smaller one may still fit.
   */
  mayKeep(bytes: number): boolean {
    if (!this.#contacts.allows(ALL) || this.#bytes.left(ALL) < bytes) return false
    this.#contacts.take(ALL)
    this.#bytes.take(ALL, HELD_BYTES_PER_MINUTE, bytes)
    return true
  }
}

/** Whoever sends them, they count together. */
const ALL = ''
