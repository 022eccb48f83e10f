/** Who may sign in at the desk: accounts, and the links by which people set them up. */
import { createHash, randomBytes } from 'node:crypto'
import { sql, type Selectable } from 'kysely'
import { lockSingle, whileLocked } from '../../platform/db/advisory-locks.ts'
import type { Db } from '../../platform/db/database.ts'
import type { Tables } from '../../platform/db/tables.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { ACCOUNT_DISABLED, freeAllOf, type FreedCase } from '../line/free.ts'
import { appendEvents } from '../ledger/append.ts'
import { hashPassword } from './password.ts'

export const roles = ['agent', 'mailroom', 'supervisor', 'admin'] as const
export type StaffRole = (typeof roles)[number]

export interface Staff {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: StaffRole
  readonly departments: readonly string[]
}

export interface StaffListed extends Staff {
  readonly state: 'active' | 'invited' | 'disabled'
}

export interface NewStaff {
  readonly email: string
  readonly name: string
  readonly role: StaffRole
  readonly departments: readonly string[]
}

/** As whom a person may have acted: by their account, or by a name given to a command. */
export function actorsOf({ id, email, name }: Pick<Staff, 'id' | 'email' | 'name'>): string[] {
  const typed = [email, email.split('@', 1)[0], name]
  return [`staff:${id}`, ...typed.map((one) => `cli:${one}`)]
}

/** E-mail addresses of accounts, without those that are disabled. */
export async function staffAddresses(db: Db): Promise<string[]> {
  const found = db.selectFrom('staff').select('email').where('disabled_at', 'is', null)
  return (await found.execute()).map(({ email }) => email)
}

/** Long enough for a link handed over on Friday to be used on Monday. */
const INVITE_HOURS = 72

/** Processes that start within this time of each other make one set-up link between them. */
const TOGETHER_SECONDS = 20

/** Tokens are random, so a plain hash suffices: there is nothing to guess. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

export class StaffStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async list(): Promise<StaffListed[]> {
    const rows = await this.#db
      .selectFrom('staff')
      .selectAll()
      .orderBy('name')
      .orderBy('email')
      .execute()
    return rows.map((row) => ({
      ...toStaff(row),
      state: row.disabled_at ? 'disabled' : row.password_hash ? 'active' : 'invited'
    }))
  }

  /** Names for actors such as `staff:<id>`, as pages show them. */
  async names(): Promise<Map<string, string>> {
    return new Map(
      (await this.#db.selectFrom('staff').select(['id', 'name']).execute()).map((row) => [
        `staff:${row.id}`,
        row.name
      ])
    )
  }

  /**
   * Adds an account and answers with the token of its set-up link, which is kept nowhere else.
   * @throws EvenhandError STAFF_EXISTS
   */
  async invite(person: NewStaff, by: string): Promise<string> {
    return this.#db.transaction().execute(async (trx) => {
      const id = newId()
      const added = await trx
        .insertInto('staff')
        .values({
          id,
          email: person.email.trim().toLowerCase(),
          name: person.name.trim(),
          role: person.role,
          departments: [...person.departments],
          password_hash: null,
          disabled_at: null
        })
        .onConflict((conflict) => conflict.column('email').doNothing())
        .returning('id')
        .executeTakeFirst()
      if (!added) throw new EvenhandError('STAFF_EXISTS')
      await record(trx, 'staff.invited', by, {
        staff: id,
        role: person.role,
        departments: person.departments
      })
      return addInvite(trx, id)
    })
  }

  /**
   * A new set-up link for an account: for a link that ran out, or a password that was lost. The old
   * password and every session end with it. An account that is disabled is enabled first, by an act
   * of its own. @throws EvenhandError STAFF_UNKNOWN, STAFF_DISABLED, LAST_ADMIN
   */
  async inviteAgain(id: string, by: string): Promise<string> {
    return this.#db.transaction().execute(async (trx) => {
      const account = await lockAccount(trx, id)
      if (account.disabled_at) throw new EvenhandError('STAFF_DISABLED')
      await endSessions(trx, id)
      await trx.updateTable('staff').set({ password_hash: null }).where('id', '=', id).execute()
      if (by !== AT_START) await requireAdministrator(trx, account)
      await record(trx, 'staff.invited', by, { staff: id, role: account.role, again: true })
      return addInvite(trx, id)
    })
  }

  /**
   * Opens a disabled account again, without its old password: a set-up link is made for its owner.
   * @throws EvenhandError STAFF_UNKNOWN
   */
  async enable(id: string, by: string): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      const { disabled_at: disabled } = await lockAccount(trx, id)
      if (!disabled) return
      await endSessions(trx, id)
      await trx
        .updateTable('staff')
        .set({ disabled_at: null, password_hash: null })
        .where('id', '=', id)
        .execute()
      await record(trx, 'staff.enabled', by, { staff: id })
    })
  }

  /**
   * The set-up link of a first administrator, as long as nobody can sign in as one; undefined
   * afterwards. A disabled account of that address is opened for it.
   */
  async inviteFirst(person: NewStaff): Promise<string | undefined> {
    // Web processes of one installation start together: the first to come prints its link, the
    // others leave it valid.
    return whileLocked(this.#db, 'firstInvite', () => this.#inviteFirst(person))
  }

  async #inviteFirst(person: NewStaff): Promise<string | undefined> {
    if (await hasAdministrator(this.#db)) return undefined
    const known = await this.#db
      .selectFrom('staff')
      .select('id')
      .where('email', '=', person.email.toLowerCase())
      .executeTakeFirst()
    if (!known) return this.invite(person, AT_START)
    if (await this.#wasJustInvited(known.id)) return undefined
    await this.enable(known.id, AT_START)
    await this.#db.updateTable('staff').set({ role: 'admin' }).where('id', '=', known.id).execute()
    return this.inviteAgain(known.id, AT_START)
  }

  async #wasJustInvited(id: string): Promise<boolean> {
    const since = sql<Date>`now() + make_interval(hours => ${INVITE_HOURS},
        secs => ${-TOGETHER_SECONDS})`
    return (
      (await this.#db
        .selectFrom('staff_invites')
        .select('staff_id')
        .where('staff_id', '=', id)
        .where('used_at', 'is', null)
        .where('expires_at', '>', since)
        .executeTakeFirst()) !== undefined
    )
  }

  /** Whom a set-up link is for; undefined when it was used, ran out or never was. */
  async findInvited(token: string): Promise<Staff | undefined> {
    const row = await this.#db
      .selectFrom('staff_invites')
      .innerJoin('staff', 'staff.id', 'staff_invites.staff_id')
      .selectAll('staff')
      .where('token_hash', '=', hashToken(token))
      .where('used_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    return row && toStaff(row)
  }

  /**
   * Sets name and password by a set-up link, which works once; older sessions end. @throws
   * EvenhandError SETUP_LINK_USED
   */
  async setUp(token: string, name: string, password: string): Promise<Staff> {
    const hash = await hashPassword(password)
    return this.#db.transaction().execute(async (trx) => {
      const used = await trx
        .updateTable('staff_invites')
        .set({ used_at: sql<Date>`now()` })
        .where('token_hash', '=', hashToken(token))
        .where('used_at', 'is', null)
        .where('expires_at', '>', sql<Date>`now()`)
        .returning('staff_id')
        .executeTakeFirst()
      const row =
        used &&
        (await trx
          .updateTable('staff')
          .set({ name: name.trim(), password_hash: hash })
          .where('id', '=', used.staff_id)
          .where('disabled_at', 'is', null)
          .returningAll()
          .executeTakeFirst())
      if (!row) throw new EvenhandError('SETUP_LINK_USED')
      await trx.deleteFrom('staff_sessions').where('staff_id', '=', row.id).execute()
      await record(trx, 'staff.joined', `staff:${row.id}`, { staff: row.id })
      return toStaff(row)
    })
  }

  /** @throws EvenhandError STAFF_UNKNOWN, LAST_ADMIN */
  async change(id: string, to: Pick<NewStaff, 'role' | 'departments'>, by: string): Promise<void> {
    await this.#update(id, 'staff.changed', by, { role: to.role, departments: [...to.departments] })
  }

  /**
   * Ends an account's sessions and set-up links, and gives back the cases it holds; returns these.
   * @throws EvenhandError STAFF_UNKNOWN, LAST_ADMIN
   */
  async disable(id: string, by: string): Promise<FreedCase[]> {
    return this.#update(id, 'staff.disabled', by, { disabled_at: new Date() })
  }

  async #update(
    id: string,
    kind: 'staff.changed' | 'staff.disabled',
    by: string,
    values: Partial<Pick<Selectable<Tables['staff']>, 'role' | 'departments' | 'disabled_at'>>
  ): Promise<FreedCase[]> {
    return this.#db.transaction().execute(async (trx) => {
      const account = await lockAccount(trx, id)
      await trx.updateTable('staff').set(values).where('id', '=', id).execute()
      if (values.disabled_at) await endSessions(trx, id)
      await requireAdministrator(trx, account)
      const { disabled_at: _, ...data } = values
      await record(trx, kind, by, { staff: id, ...data })
      return values.disabled_at
        ? freeAllOf(trx, `staff:${id}`, { actor: by, reason: ACCOUNT_DISABLED })
        : []
    })
  }
}

/** Who opens accounts where nobody can sign in: whoever starts the program. */
const AT_START = 'system:start'
/**
 * Changes of accounts go one after the other, so that two administrators cannot put each other out
 * at once. @throws STAFF_UNKNOWN
 */
async function lockAccount(trx: Db, id: string): Promise<Selectable<Tables['staff']>> {
  await lockSingle(trx, 'staffAccounts')
  const account = await trx
    .selectFrom('staff')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!account) throw new EvenhandError('STAFF_UNKNOWN')
  return account
}

/** Sessions and set-up links of an account. */
async function endSessions(trx: Db, id: string): Promise<void> {
  await trx.deleteFrom('staff_sessions').where('staff_id', '=', id).execute()
  await trx.deleteFrom('staff_invites').where('staff_id', '=', id).execute()
}

/**
 * Looked at after the change of an account and before its commit. @throws LAST_ADMIN where it
 * leaves nobody who can make accounts
 */
async function requireAdministrator(trx: Db, before: Selectable<Tables['staff']>): Promise<void> {
  if (before.role !== 'admin' || before.password_hash === null || before.disabled_at) return
  if (!(await hasAdministrator(trx))) throw new EvenhandError('LAST_ADMIN')
}

/** Whether anybody can sign in who makes accounts. */
async function hasAdministrator(db: Db): Promise<boolean> {
  const found = await db
    .selectFrom('staff')
    .select('id')
    .where('role', '=', 'admin')
    .where('password_hash', 'is not', null)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}

/** The part of an account that pages may see. */
export function toStaff(
  row: Pick<Selectable<Tables['staff']>, 'id' | 'email' | 'name' | 'role' | 'departments'>
): Staff {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    departments: row.departments
  }
}

async function addInvite(trx: Db, staffId: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await trx
    .insertInto('staff_invites')
    .values({
      token_hash: hashToken(token),
      staff_id: staffId,
      expires_at: sql`now() + make_interval(hours => ${INVITE_HOURS})`,
      used_at: null
    })
    .execute()
  return token
}

/**
 * Ids, roles and a salted mark: the ledger is kept for good, so it holds no names and addresses.
 */
async function record(
  trx: Db,
  kind: 'staff.invited' | 'staff.joined' | 'staff.changed' | 'staff.disabled' | 'staff.enabled',
  actor: string,
  data: { staff: string } & Record<string, unknown>
): Promise<void> {
  const { mark } = await trx
    .selectFrom('staff')
    .select(sql<string>`staff_mark(salt, email, name)`.as('mark'))
    .where('id', '=', data.staff)
    .executeTakeFirstOrThrow()
  await appendEvents(trx, [{ kind, actor, data: { ...data, mark } }])
}
