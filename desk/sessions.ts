/** Signing in and staying so. The browser holds a random token; the table holds its hash. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../core/db/database.ts'
import { EvenhandError } from '../core/errors.ts'
import { verifyPassword } from './password.ts'
import { hashToken, toStaff, type Staff, type StaffDb, type StaffTables } from './staff.ts'

/** A working day; then one signs in again. */
export const SESSION_HOURS = 12
/** A desk left alone for longer is signed out. */
const IDLE_HOURS = 2

// Mistyping happens; from the fifth failure on each costs a growing pause: 30 s, 1 min, 2 min … at most 15 min.
const FREE_FAILURES = 5
const FIRST_PAUSE_SECONDS = 30
const LONGEST_PAUSE_SECONDS = 900

export class SessionStore {
  readonly #db: StaffDb

  constructor(db: Db) {
    this.#db = db.$extendTables<StaffTables>()
  }

  /**
   * A new session's token. Unknown address, wrong password, paused and disabled accounts are refused alike and in the same time.
   * @throws EvenhandError SIGN_IN_FAILED
   */
  async signIn(email: string, password: string): Promise<string> {
    const account = await this.#db.selectFrom('staff').selectAll().select(sql<boolean>`coalesce(blocked_until > now(), false)`.as('paused'))
      .where('email', '=', email.trim().toLowerCase()).executeTakeFirst()
    const right = await verifyPassword(password, account?.password_hash)
    if (!account || account.disabled_at || account.paused) throw new EvenhandError('SIGN_IN_FAILED')
    if (!right) {
      await this.#recordFailure(account.id)
      throw new EvenhandError('SIGN_IN_FAILED')
    }
    await this.#db.updateTable('staff').set({ failed_sign_ins: 0, blocked_until: null }).where('id', '=', account.id).execute()
    return this.#open(account.id)
  }

  /** Whose session a token is; undefined when it ended. Being seen is written once a minute, not with every request. */
  async find(token: string): Promise<Staff | undefined> {
    const hash = hashToken(token)
    const row = await this.#db.selectFrom('staff_sessions').innerJoin('staff', 'staff.id', 'staff_sessions.staff_id').selectAll('staff')
      .select(sql<boolean>`last_seen_at < now() - interval '1 minute'`.as('stale'))
      .where('id_hash', '=', hash).where('disabled_at', 'is', null).where('expires_at', '>', sql<Date>`now()`)
      .where('last_seen_at', '>', sql<Date>`now() - make_interval(hours => ${IDLE_HOURS})`).executeTakeFirst()
    if (row?.stale) await this.#db.updateTable('staff_sessions').set({ last_seen_at: sql`now()` }).where('id_hash', '=', hash).execute()
    return row && toStaff(row)
  }

  async signOut(token: string): Promise<void> {
    await this.#db.deleteFrom('staff_sessions').where('id_hash', '=', hashToken(token)).execute()
  }

  /** Opens a session for someone who has just shown who they are. */
  async #open(staffId: string): Promise<string> {
    const token = randomBytes(32).toString('base64url')
    await this.#db.deleteFrom('staff_sessions').where('expires_at', '<', sql<Date>`now()`).execute()
    await this.#db.insertInto('staff_sessions').values({ id_hash: hashToken(token), staff_id: staffId, expires_at: sql`now() + make_interval(hours => ${SESSION_HOURS})` }).execute()
    return token
  }

  async #recordFailure(staffId: string): Promise<void> {
    await this.#db.updateTable('staff').set({
      failed_sign_ins: sql`failed_sign_ins + 1`,
      blocked_until: sql`case when failed_sign_ins + 1 >= ${FREE_FAILURES}
        then now() + make_interval(secs => least(${LONGEST_PAUSE_SECONDS}, ${FIRST_PAUSE_SECONDS} * power(2, least(failed_sign_ins + 1 - ${FREE_FAILURES}, 10)))) end`
    }).where('id', '=', staffId).execute()
  }
}
