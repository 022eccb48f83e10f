/**
 * Splits long computing on the main thread: after a fixed amount of work, other tasks run. Work is
 * counted in letters or bytes and not in time, so that the pieces are the same on every machine.
 */
export class Breather {
  readonly #every: number
  #done = 0
  #pauses = 0

  /** `every`: amount of work between two pauses. */
  constructor(every: number) {
    this.#every = every
  }

  /** How many pauses there were. */
  get pauses(): number {
    return this.#pauses
  }

  /** Await this after each piece of work. */
  async after(work: number): Promise<void> {
    this.#done += work
    if (this.#done < this.#every) return
    this.#done = 0
    this.#pauses += 1
    await new Promise(setImmediate)
  }
}
