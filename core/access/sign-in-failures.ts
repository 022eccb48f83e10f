/**
 * Failures to sign in, by account and where they came from: an address, or a browser known to the
 * account. A pause is for one such pair alone, so that nobody can lock another person out; failures
 * at one account from everywhere only make unknown browsers wait a little. Kept as keyed hashes,
 * for a day.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { addressKey } from '../../platform/limits/address-key.ts'
import { signInRates as limits } from '../../platform/limits/rates.ts'
import { sign } from '../../platform/signing.ts'

export interface Pair {
  readonly account: string
  readonly origin: string
  readonly isKnown: boolean
}

export class SignInFailures {
  readonly #db: Db
  readonly #secret: Uint8Array
  readonly #wait: (ms: number) => Promise<void>
  #waiting = 0

  constructor(db: Db, secret: Uint8Array, wait: (ms: number) => Promise<void> = sleep) {
    this.#db = db
    this.#secret = secret
    this.#wait = wait
  }

  /**
   * @param email as typed; unknown ones are counted like known ones, so that a refusal tells
   * nothing
   */
  pair(email: string, address: string, device: string | undefined): Pair {
    const origin = device === undefined ? `address ${addressKey(address)}` : `device ${device}`
    return {
      account: this.#hash(`account ${email}`),
      origin: this.#hash(origin),
      isKnown: device !== undefined
    }
  }

  #hash(text: string): string {
    return sign(this.#secret, text).toString('base64url')
  }

  async isPaused({ account, origin }: Pair): Promise<boolean> {
    const row = await this.#db
      .selectFrom('sign_in_failures')
      .select(sql<boolean>`coalesce(blocked_until > now(), false)`.as('paused'))
      .where('account_hash', '=', account)
      .where('origin_hash', '=', origin)
      .executeTakeFirst()
    return row?.paused ?? false
  }

  /**
   * Makes an unknown browser wait where many have failed at this account, or from this address at
   * any. @throws RATE_LIMITED where too many wait already
   */
  async slowDown({ account, origin, isKnown }: Pair): Promise<void> {
    if (isKnown) return
    const { rows } = await sql<{ failures: number }>`
      select greatest(sum(failures) filter (where account_hash = ${account}),
        sum(failures) filter (where origin_hash = ${origin}), 0)::int as failures
      from sign_in_failures where (account_hash = ${account} or origin_hash = ${origin})
        and failed_at > now() - interval '1 hour'`.execute(this.#db)
    if (rows[0]!.failures < limits.slowFrom) return
    if (this.#waiting >= limits.slowAtOnce) throw new EvenhandError('RATE_LIMITED')
    this.#waiting += 1
    await this.#wait(limits.slowMs).finally(() => {
      this.#waiting -= 1
    })
  }

  async record({ account, origin }: Pair): Promise<void> {
    await sql`
      insert into sign_in_failures (account_hash, origin_hash) values (${account}, ${origin})
      on conflict (account_hash, origin_hash) do update
        set failures = sign_in_failures.failures + 1, failed_at = now(),
        blocked_until = case when sign_in_failures.failures + 1 >= ${limits.freeFailures}
          then now() + make_interval(secs => least(${limits.longestPause},
            ${limits.firstPause} * power(2,
            least(sign_in_failures.failures + 1 - ${limits.freeFailures}, 10)))) end`.execute(
      this.#db
    )
  }

  async forget({ account, origin }: Pair): Promise<void> {
    await this.#db
      .deleteFrom('sign_in_failures')
      .where('account_hash', '=', account)
      .where('origin_hash', '=', origin)
      .execute()
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
