/**
 * Counts events per key within the current minute, for a bounded number of keys, in this process
 * alone. For limits that protect the machine: one statement per mail or form would cost more than
 * it protects. For limits over all processes see shared-counter.ts.
 */
export class FixedWindowLimiter {
  readonly #most: number
  readonly #keys: number
  readonly #now: () => number
  #minute = 0
  readonly #counts = new Map<string, number>()

  /**
   * @param most events a key may have in a minute
   * @param keys keys remembered; further ones share one count, so that a flood from many addresses
   * cannot fill the memory
   */
  constructor(most: number, keys: number, now: () => number = () => Date.now()) {
    this.#most = most
    this.#keys = keys
    this.#now = now
  }

  /** Counts one event, or as many. Returns false if the key is over this minute's limit, `most`. */
  take(key: string, most = this.#most, events = 1): boolean {
    this.#startMinute()
    const known = this.#counts.has(key) || this.#counts.size < this.#keys ? key : ''
    const count = (this.#counts.get(known) ?? 0) + events
    this.#counts.set(known, count)
    return count <= most
  }

  /** True while the key is below its limit. */
  allows(key: string): boolean {
    this.#startMinute()
    return (this.#counts.get(key) ?? 0) < this.#most
  }

  /** How many more events the key may have in this minute. */
  left(key: string, most = this.#most): number {
    this.#startMinute()
    return Math.max(0, most - (this.#counts.get(key) ?? 0))
  }

  /** Whole seconds until the next minute, at least 1. */
  secondsLeft(): number {
    return Math.max(1, Math.ceil((60_000 - (this.#now() % 60_000)) / 1000))
  }

  #startMinute(): void {
    const minute = Math.floor(this.#now() / 60_000)
    if (minute === this.#minute) return
    this.#minute = minute
    this.#counts.clear()
  }
}
