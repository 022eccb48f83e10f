/**
 * Limits unsigned contacts. They are kept for a person to look at, but a flood of them must not
 * fill the disk or hide the honest ones.
 */

import { rates } from '../../platform/limits/rates.ts'

/**
 * Unsigned contacts kept per minute: more than a town's texts if its settings are wrong, few
 * against a flood. The sender of any further one is told to try later, and the provider is asked
 * for it.
 */
export const HELD_PER_MINUTE = rates.held
export const HELD_BYTES_PER_MINUTE = rates.heldBytes

export class UnverifiedLimit {
  #minute = 0
  #kept = 0
  #bytes = 0

  /**
   * Whether one more contact of this size may be kept in this minute. A refusal counts nothing, so
   * a smaller one may still fit.
   * @param now in ms
   */
  mayKeep(bytes: number, now = Date.now()): boolean {
    const minute = Math.floor(now / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#kept = 0
      this.#bytes = 0
    }
    if (this.#kept >= HELD_PER_MINUTE || this.#bytes + bytes > HELD_BYTES_PER_MINUTE) return false
    this.#kept += 1
    this.#bytes += bytes
    return true
  }
}
