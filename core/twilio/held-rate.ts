/** What nobody signed is kept for a person, but a flood of it must not fill the disk or bury the honest. */

/** Kept in one minute by one process: more than a town's texts when its settings are wrong, little for a flood. The rest is told to come later, and is asked for at the provider. */
export const HELD_PER_MINUTE = 300

export class HeldRate {
  #minute = 0
  #kept = 0

  /** Whether one more may be kept now. @param now in ms */
  mayKeep(now = Date.now()): boolean {
    const minute = Math.floor(now / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#kept = 0
    }
    this.#kept += 1
    return this.#kept <= HELD_PER_MINUTE
  }
}
