/**
 * Hands out work alternating between origins, oldest first within each, so that a sender of many
 * items delays nobody else.
 */
export class RoundRobin<T> {
  readonly #byOrigin = new Map<string, T[]>()
  #length = 0

  get length(): number {
    return this.#length
  }

  add(origin: string, work: T): void {
    const waiting = this.#byOrigin.get(origin)
    if (waiting) waiting.push(work)
    else this.#byOrigin.set(origin, [work])
    this.#length += 1
  }

  next(): T | undefined {
    const [next] = this.#byOrigin
    if (!next) return undefined
    const [origin, waiting] = next
    const work = waiting.shift()!
    // Moves the origin to the end: a map keeps the order in which its keys were set.
    this.#byOrigin.delete(origin)
    if (waiting.length > 0) this.#byOrigin.set(origin, waiting)
    this.#length -= 1
    return work
  }
}
