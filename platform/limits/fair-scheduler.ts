interface Lane {
  readonly waiting: (() => void)[]
}

/**
 * Runs a limited number of tasks at once. A free slot goes to the next key in turn, whoever asked
 * first: a document of 500 pages and one of a single page get a page each.
 */
export class FairScheduler {
  #free: number
  readonly #lanes = new Map<string, Lane>()

  constructor(width: number) {
    this.#free = width
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await this.#wait(key)
    try {
      return await work()
    } finally {
      this.#pass()
    }
  }

  #wait(key: string): Promise<void> {
    const lane = this.#lanes.get(key) ?? { waiting: [] }
    this.#lanes.set(key, lane)
    return new Promise((resolve) => lane.waiting.push(resolve))
  }

  /** Gives the slot directly to the next key in turn, and moves that key to the end. */
  #pass(): void {
    const [next] = this.#lanes
    if (!next) {
      this.#free += 1
      return
    }
    const [key, lane] = next
    this.#lanes.delete(key)
    const resolve = lane.waiting.shift()!
    if (lane.waiting.length > 0) this.#lanes.set(key, lane)
    resolve()
  }
}
