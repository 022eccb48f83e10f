/**
 * Collects items that arrive while a write is under way and writes them as one set. Under no load
 * each item is written at once; under load one commit (one fsync) serves many. One set is written
 * at a time, so sets keep the order of `add`.
 */
import { isConnectionLoss } from './errors.ts'

export interface GroupCommitOptions<T> {
  readonly maxItems: number
  readonly maxBytes?: number
  /** Items waiting or being written. `full` refuses more. */
  readonly maxPending: number
  readonly sizeOf?: (item: T) => number
  /**
   * Least time between the starts of two sets, in ms. It turns single items into sets where latency
   * does not matter.
   */
  readonly everyMs?: number
}

interface Waiting<T, R> {
  readonly item: T
  readonly bytes: number
  resolve(result: R): void
  reject(error: unknown): void
}

export class GroupCommit<T, R> {
  readonly #write: (items: T[]) => Promise<R[]>
  readonly #options: GroupCommitOptions<T>
  #waiting: Waiting<T, R>[] = []
  #inFlight = 0
  #running: Promise<void> | undefined
  #startedAt = 0

  /**
   * `write` returns one result per item, in order, or throws and has written nothing. If a set
   * fails, its items are written one by one, so that one item the database refuses does not make
   * the others fail. A lost connection rejects them all.
   */
  constructor(write: (items: T[]) => Promise<R[]>, options: GroupCommitOptions<T>) {
    this.#write = write
    this.#options = options
  }

  get full(): boolean {
    return this.#waiting.length + this.#inFlight >= this.#options.maxPending
  }

  async add(item: T): Promise<R> {
    // Measured here, so that an error in measuring fails only this item's caller and not the set.
    const bytes = this.#options.sizeOf?.(item) ?? 0
    const done = new Promise<R>((resolve, reject) =>
      this.#waiting.push({ item, bytes, resolve, reject })
    )
    this.#running ??= this.#run()
    return done
  }

  /** Resolves when nothing is waiting or being written. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    // Items added in the same turn of the event loop belong to the same set.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) {
      await this.#pace()
      await this.#writeSet(this.#nextSet())
    }
    this.#running = undefined
  }

  async #pace(): Promise<void> {
    const wait = this.#startedAt + (this.#options.everyMs ?? 0) - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    this.#startedAt = performance.now()
  }

  #nextSet(): Waiting<T, R>[] {
    const { maxItems, maxBytes = Infinity } = this.#options
    let bytes = 0
    let count = 0
    while (count < Math.min(maxItems, this.#waiting.length)) {
      bytes += this.#waiting[count]!.bytes
      if (count > 0 && bytes > maxBytes) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #writeSet(set: Waiting<T, R>[]): Promise<void> {
    this.#inFlight = set.length
    try {
      const results = await this.#write(set.map(({ item }) => item))
      for (const [index, waiting] of set.entries()) waiting.resolve(results[index]!)
    } catch (error) {
      if (set.length === 1 || isConnectionLoss(error))
        for (const waiting of set) waiting.reject(error)
      else for (const waiting of set) await this.#writeSet([waiting])
    } finally {
      this.#inFlight = 0
    }
  }
}
