/**
 * Limits bytes that are held in memory for strangers, in total and per sender, so that slow senders
 * can neither fill the memory nor keep others out.
 */
export class ByteRoom {
  readonly #most: number
  readonly #mostForOne: number
  readonly #held = new Map<string, number>()
  #bytes = 0

  constructor(most: number, mostForOne: number) {
    this.#most = most
    this.#mostForOne = mostForOne
  }

  /** Reserves room for bytes that have arrived. Returns whether there was room, or why not. */
  take(key: string, bytes: number): 'taken' | 'full' | 'own-share' {
    const own = (this.#held.get(key) ?? 0) + bytes
    if (own > this.#mostForOne) return 'own-share'
    if (this.#bytes + bytes > this.#most) return 'full'
    this.#bytes += bytes
    this.#held.set(key, own)
    return 'taken'
  }

  give(key: string, bytes: number): void {
    const left = (this.#held.get(key) ?? 0) - bytes
    this.#bytes -= bytes
    if (left > 0) this.#held.set(key, left)
    else this.#held.delete(key)
  }

  get bytes(): number {
    return this.#bytes
  }
}
