/** Signing in and staying so. The browser holds a random token; the table holds its hash. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { AccessLog } from './access-log.ts'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { makeDevice, readDevice } from './devices.ts'
import { verifyPassword } from './password.ts'
import { SignInFailures } from './sign-in-failures.ts'
import { hashToken, toStaff, type Staff } from './staff.ts'

/** A working day; then one signs in again. */
export const SESSION_HOURS = 12
/** A desk left alone for longer is signed out. */
const IDLE_HOURS = 2
export const IDLE_SECONDS = IDLE_HOURS * 3600

/** Where an attempt to sign in comes from. */
export interface SignInFrom {
  readonly address: string
  /** The browser's mark, as it came. */
  readonly device?: string | undefined
}

export interface SignedIn {
  readonly token: string
  /** A mark for this browser, so that it is known the next time. */
  readonly device: string
}

export interface SessionOptions {
  readonly secret: Uint8Array
  readonly access: AccessLog
  /** Between many failures, in ms; without it real time. */
  readonly wait?: (ms: number) => Promise<void>
}

export class SessionStore {
  readonly #db: Db
  readonly #secret: Uint8Array
  readonly #access: AccessLog
  readonly #failures: SignInFailures

  constructor(db: Db, { secret, access, wait }: SessionOptions) {
    this.#db = db
    this.#secret = secret
    this.#access = access
    this.#failures = new SignInFailures(db, secret, wait)
  }

  /**
   * A new session. Unknown address, wrong password, paused and disabled accounts are refused alike
   * and in the same time; a pause is for one account from one address, or from one browser that it
   * was used in before.
   * @throws EvenhandError SIGN_IN_FAILED, RATE_LIMITED
   */
  async signIn(
    typed: string,
    password: string,
    { address, device }: SignInFrom
  ): Promise<SignedIn> {
    const email = typed.trim().toLowerCase()
    const account = await this.#db
      .selectFrom('staff')
      .selectAll()
      .where('email', '=', email)
      .executeTakeFirst()
    const pair = this.#failures.pair(
      email,
      address,
      account && readDevice(this.#secret, account.id, device)
    )
    await this.#failures.slowDown(pair)
    const [right, paused] = [
      await verifyPassword(password, account?.password_hash),
      await this.#failures.isPaused(pair)
    ]
    if (!account || account.disabled_at || paused || !right) {
      if (!paused) await this.#failures.record(pair)
      await this.#access.record({
        what: paused ? 'sign-in.paused' : 'sign-in.failed',
        target: account?.id,
        address
      })
      throw new EvenhandError('SIGN_IN_FAILED')
    }
    await this.#failures.forget(pair)
    await this.#access.record({
      actor: `staff:${account.id}`,
      what: 'sign-in.ok',
      target: account.id,
      address
    })
    return {
      token: await this.#open(account.id),
      device: pair.isKnown ? device! : this.deviceFor(account.id)
    }
  }

  /** A mark for a browser in which an account has just shown whose it is. */
  deviceFor(staffId: string): string {
    return makeDevice(this.#secret, staffId)
  }

  /**
   * Whose session a token is; undefined when it ended. Being seen is written once a minute, not
   * with every request, and not where a page only renews itself.
   */
  async find(
    token: string,
    { isActive = true }: { isActive?: boolean } = {}
  ): Promise<Staff | undefined> {
    const hash = hashToken(token)
    const row = await this.#db
      .selectFrom('staff_sessions')
      .innerJoin('staff', 'staff.id', 'staff_sessions.staff_id')
      .selectAll('staff')
      .select(sql<boolean>`last_seen_at < now() - interval '1 minute'`.as('stale'))
      .where('id_hash', '=', hash)
      .where('disabled_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .where('last_seen_at', '>', sql<Date>`now() - make_interval(hours => ${IDLE_HOURS})`)
      .executeTakeFirst()
    if (row?.stale && isActive)
      await this.#db
        .updateTable('staff_sessions')
        .set({ last_seen_at: sql`now()` })
        .where('id_hash', '=', hash)
        .execute()
    return row && toStaff(row)
  }

  async signOut(token: string): Promise<void> {
    await this.#db.deleteFrom('staff_sessions').where('id_hash', '=', hashToken(token)).execute()
  }

  /** Opens a session for someone who has just shown who they are. */
  async #open(staffId: string): Promise<string> {
    const token = randomBytes(32).toString('base64url')
    await this.#db
      .deleteFrom('staff_sessions')
      .where('expires_at', '<', sql<Date>`now()`)
      .execute()
    await this.#db
      .insertInto('staff_sessions')
      .values({
        id_hash: hashToken(token),
        staff_id: staffId,
        expires_at: sql`now() + make_interval(hours => ${SESSION_HOURS})`
      })
      .execute()
    return token
  }
}
