/** Who may sign in at the desk: accounts, and the links by which people set them up. */
import { createHash, randomBytes } from 'node:crypto'
import { sql, type Generated, type Kysely, type Selectable } from 'kysely'
import type { Db } from '../core/db/database.ts'
import type { Tables } from '../core/db/tables.ts'
import { EvenhandError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { appendEvents } from '../core/ledger.ts'
import { hashPassword } from './password.ts'

export const roles = ['agent', 'mailroom', 'supervisor', 'admin'] as const
export type Role = (typeof roles)[number]

export type StaffTables = {
  staff: {
    id: string
    email: string
    name: string
    role: Role
    departments: string[]
    password_hash: string | null
    failed_sign_ins: Generated<number>
    blocked_until: Date | null
    disabled_at: Date | null
    created_at: Generated<Date>
  }
  staff_sessions: { id_hash: string; staff_id: string; created_at: Generated<Date>; last_seen_at: Generated<Date>; expires_at: Date }
  staff_invites: { token_hash: string; staff_id: string; expires_at: Date; used_at: Date | null }
}

export type StaffDb = Kysely<Tables & StaffTables>

export interface Staff {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly departments: readonly string[]
}

export interface StaffListed extends Staff {
  readonly state: 'active' | 'invited' | 'disabled'
}

export interface NewStaff {
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly departments: readonly string[]
}

/** Long enough for a link handed over on Friday to be used on Monday. */
const INVITE_HOURS = 72

/** Tokens are random, so a plain hash suffices: there is nothing to guess. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

export class StaffStore {
  readonly #db: StaffDb

  constructor(db: Db) {
    this.#db = db.$extendTables<StaffTables>()
  }

  async list(): Promise<StaffListed[]> {
    const rows = await this.#db.selectFrom('staff').selectAll().orderBy('name').orderBy('email').execute()
    return rows.map((row) => ({ ...toStaff(row), state: row.disabled_at ? 'disabled' : row.password_hash ? 'active' : 'invited' }))
  }

  /** Names for actors such as `staff:<id>`, as pages show them. */
  async names(): Promise<Map<string, string>> {
    return new Map((await this.#db.selectFrom('staff').select(['id', 'name']).execute()).map((row) => [`staff:${row.id}`, row.name]))
  }

  /**
   * Adds an account and answers with the token of its set-up link, which is kept nowhere else.
   * @throws EvenhandError STAFF_EXISTS
   */
  async invite(person: NewStaff, by: string): Promise<string> {
    return this.#db.transaction().execute(async (trx) => {
      const id = newId()
      const added = await trx.insertInto('staff')
        .values({ id, email: person.email.trim().toLowerCase(), name: person.name.trim(), role: person.role, departments: [...person.departments], password_hash: null, blocked_until: null, disabled_at: null })
        .onConflict((conflict) => conflict.column('email').doNothing()).returning('id').executeTakeFirst()
      if (!added) throw new EvenhandError('STAFF_EXISTS')
      await record(trx, 'staff.invited', by, { staff: id, role: person.role, departments: person.departments })
      return addInvite(trx, id)
    })
  }

  /** A new set-up link for an account: for a link that ran out, or a password that was lost. @throws EvenhandError STAFF_UNKNOWN */
  async inviteAgain(id: string, by: string): Promise<string> {
    return this.#db.transaction().execute(async (trx) => {
      await trx.deleteFrom('staff_invites').where('staff_id', '=', id).execute()
      const found = await trx.updateTable('staff').set({ disabled_at: null }).where('id', '=', id).returning('role').executeTakeFirst()
      if (!found) throw new EvenhandError('STAFF_UNKNOWN')
      await record(trx, 'staff.invited', by, { staff: id, role: found.role, again: true })
      return addInvite(trx, id)
    })
  }

  /** The set-up link of a first administrator, as long as nobody at all can sign in; undefined afterwards. */
  async inviteFirst(person: NewStaff): Promise<string | undefined> {
    const usable = await this.#db.selectFrom('staff').select('id').where('password_hash', 'is not', null).where('disabled_at', 'is', null).executeTakeFirst()
    if (usable) return undefined
    const known = await this.#db.selectFrom('staff').select('id').where('email', '=', person.email.toLowerCase()).executeTakeFirst()
    return known ? this.inviteAgain(known.id, 'system:start') : this.invite(person, 'system:start')
  }

  /** Whom a set-up link is for; undefined when it was used, ran out or never was. */
  async findInvited(token: string): Promise<Staff | undefined> {
    const row = await this.#db.selectFrom('staff_invites').innerJoin('staff', 'staff.id', 'staff_invites.staff_id').selectAll('staff')
      .where('token_hash', '=', hashToken(token)).where('used_at', 'is', null).where('expires_at', '>', sql<Date>`now()`).where('disabled_at', 'is', null).executeTakeFirst()
    return row && toStaff(row)
  }

  /** Sets name and password by a set-up link, which works once; older sessions end. @throws EvenhandError SETUP_LINK_USED */
  async setUp(token: string, name: string, password: string): Promise<Staff> {
    const hash = await hashPassword(password)
    return this.#db.transaction().execute(async (trx) => {
      const used = await trx.updateTable('staff_invites').set({ used_at: sql<Date>`now()` })
        .where('token_hash', '=', hashToken(token)).where('used_at', 'is', null).where('expires_at', '>', sql<Date>`now()`).returning('staff_id').executeTakeFirst()
      const row = used && await trx.updateTable('staff').set({ name: name.trim(), password_hash: hash, failed_sign_ins: 0, blocked_until: null })
        .where('id', '=', used.staff_id).where('disabled_at', 'is', null).returningAll().executeTakeFirst()
      if (!row) throw new EvenhandError('SETUP_LINK_USED')
      await trx.deleteFrom('staff_sessions').where('staff_id', '=', row.id).execute()
      await record(trx, 'staff.joined', `staff:${row.id}`, { staff: row.id })
      return toStaff(row)
    })
  }

  /** @throws EvenhandError STAFF_UNKNOWN */
  async change(id: string, to: Pick<NewStaff, 'role' | 'departments'>, by: string): Promise<void> {
    await this.#update(id, 'staff.changed', by, { role: to.role, departments: [...to.departments] })
  }

  /** Ends an account's sessions and set-up links; cases it holds return to their places when their lease ends. @throws EvenhandError STAFF_UNKNOWN */
  async disable(id: string, by: string): Promise<void> {
    await this.#update(id, 'staff.disabled', by, { disabled_at: new Date() })
    await this.#db.deleteFrom('staff_sessions').where('staff_id', '=', id).execute()
    await this.#db.deleteFrom('staff_invites').where('staff_id', '=', id).execute()
  }

  async #update(id: string, kind: 'staff.changed' | 'staff.disabled', by: string, values: Partial<Pick<Selectable<StaffTables['staff']>, 'role' | 'departments' | 'disabled_at'>>): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx.updateTable('staff').set(values).where('id', '=', id).executeTakeFirst()
      if (numUpdatedRows === 0n) throw new EvenhandError('STAFF_UNKNOWN')
      const { disabled_at: _, ...data } = values
      await record(trx, kind, by, { staff: id, ...data })
    })
  }
}

/** The part of an account that pages may see. */
export function toStaff(row: Pick<Selectable<StaffTables['staff']>, 'id' | 'email' | 'name' | 'role' | 'departments'>): Staff {
  return { id: row.id, email: row.email, name: row.name, role: row.role, departments: row.departments }
}

async function addInvite(trx: StaffDb, staffId: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await trx.insertInto('staff_invites').values({ token_hash: hashToken(token), staff_id: staffId, expires_at: sql`now() + make_interval(hours => ${INVITE_HOURS})`, used_at: null }).execute()
  return token
}

/** Ids and roles only: the ledger is kept for good, so it holds no names and addresses. */
async function record(trx: StaffDb, kind: 'staff.invited' | 'staff.joined' | 'staff.changed' | 'staff.disabled', actor: string, data: Record<string, unknown>): Promise<void> {
  await appendEvents(trx as unknown as Db, [{ kind, actor, data }])
}
