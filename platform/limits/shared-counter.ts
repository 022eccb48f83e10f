/**
 * Counts events per key within a minute over all processes together, because several may serve one
 * address or one key.
 */
import type { Pool } from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { sign } from '../signing.ts'

const WINDOW_SECONDS = 60

export interface Counted {
  /** Whether the counted event is within the key's limit. */
  readonly isWithin: boolean
  /** How many more events the key may have in this minute. */
  readonly left: number
  /** Whole seconds until the count starts again, at least 1. */
  readonly secondsLeft: number
}

/**
 * One row per key, stored under its keyed hash: the table holds no address. A key's minute begins
 * with its first event.
 */
export class SharedCounter {
  readonly #pool: Pool
  readonly #secret: Uint8Array
  /** One limiter for each different limit. */
  readonly #limiters = new Map<number, RateLimiterPostgres>()

  constructor(pool: Pool, secret: Uint8Array) {
    this.#pool = pool
    this.#secret = secret
  }

  /**
   * Counts one event. A key over its limit is refused from memory until its minute is over, so that
   * a flood costs no statements.
   */
  async take(key: string, most: number): Promise<Counted> {
    const hashed = sign(this.#secret, key).toString('base64url')
    try {
      return counted(await this.#limiter(most).consume(hashed), true)
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return counted(refused, false)
      throw refused
    }
  }

  /** Whether a key has had as many events in this minute as it may. Counts nothing. */
  async isSpent(key: string, most: number): Promise<boolean> {
    const found = await this.#limiter(most).get(sign(this.#secret, key).toString('base64url'))
    return found !== null && found.consumedPoints >= most
  }

  #limiter(most: number): RateLimiterPostgres {
    const known =
      this.#limiters.get(most) ??
      new RateLimiterPostgres({
        storeClient: this.#pool,
        storeType: 'pool',
        tableName: 'rate_limits',
        tableCreated: true,
        clearExpiredByTimeout: false,
        keyPrefix: '',
        points: most,
        duration: WINDOW_SECONDS,
        inMemoryBlockOnConsumed: most + 1
      })
    this.#limiters.set(most, known)
    return known
  }
}

function counted({ remainingPoints, msBeforeNext }: RateLimiterRes, isWithin: boolean): Counted {
  return {
    isWithin,
    left: remainingPoints,
    secondsLeft: Math.max(1, Math.ceil(msBeforeNext / 1000))
  }
}
