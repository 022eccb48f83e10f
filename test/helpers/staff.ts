import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { newId } from '../../core/ids.ts'
import { hashPassword } from '../../desk/password.ts'
import { hashToken, type Role, type Staff } from '../../desk/staff.ts'
import type { Ground } from '../../core/ground.ts'
import { Visitor, type Site } from './site.ts'

export const password = 'correct horse battery'
/** Hashing costs a third of a second on purpose; one hash serves every account of a test file. */
const hash = hashPassword(password)

/** An account that has been set up. */
export async function makeStaff({ db }: Pick<Ground, 'db'>, role: Role, departments: string[] = []): Promise<Staff> {
  const id = newId()
  const staff = { id, email: `${role}-${id}@town.example`, name: `Test ${role}`, role, departments }
  await sql`insert into staff (id, email, name, role, departments, password_hash) values (${id}, ${staff.email}, ${staff.name}, ${role}, ${departments}, ${await hash})`.execute(db)
  return staff
}

export type SignedIn = Visitor & { readonly staff: Staff }

/** A browser in which someone of this role is signed in already. */
export async function signIn(site: Site, role: Role, departments: string[] = []): Promise<SignedIn> {
  const staff = await makeStaff(site.ground, role, departments)
  const token = randomBytes(32).toString('base64url')
  await sql`insert into staff_sessions (id_hash, staff_id, expires_at) values (${hashToken(token)}, ${staff.id}, now() + interval '1 hour')`.execute(site.ground.db)
  const visitor = new Visitor(site.url)
  visitor.cookies.set('evenhand-session', token)
  return Object.assign(visitor, { staff })
}
