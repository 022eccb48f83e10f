/** What nobody signed is kept for a person, but a flood of it must not fill the disk or bury the honest. */

/** Kept in one minute by one process: more than a town's texts when its settings are wrong, little for a flood. The rest is told to come later, and is asked for at the provider. */
export const HELD_PER_MINUTE = 300
/** And so many bytes: the largest fax and some more, or a hundred of the usual size. */
export const HELD_BYTES_PER_MINUTE = 32 * 1024 ** 2

export class HeldRate {
  #minute = 0
  #kept = 0
  #bytes = 0

  /** Whether one more of this size may be kept now; one that may not leaves room for a smaller one. @param now in ms */
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
