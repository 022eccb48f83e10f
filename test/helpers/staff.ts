import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { newId } from '../../platform/ids.ts'
import { hashPassword } from '../../core/access/password.ts'
import { hashToken, type StaffRole, type Staff } from '../../core/access/staff.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { Visitor, type Site } from './site.ts'

export const password = 'correct horse battery'
/**
 * Hashing costs a third of a second on purpose, and so does each sign-in; what is stored says at
 * what cost it was made, so that tests that are about other things pay a hundredth.
 */
const hash = hashPassword(password, { N: 2 ** 10, r: 8, p: 1 })

/** An account that has been set up. */
export async function makeStaff(
  { db }: Pick<OpenRuntime, 'db'>,
  role: StaffRole,
  departments: string[] = []
): Promise<Staff> {
  const id = newId()
  const staff = { id, email: `${role}-${id}@town.example`, name: `Test ${role}`, role, departments }
  await sql`insert into staff (id, email, name, role, departments, password_hash)
      values (${id}, ${staff.email}, ${staff.name}, ${role}, ${departments},
      ${await hash})`.execute(db)
  return staff
}

export type SignedIn = Visitor & { readonly staff: Staff }

/** A browser in which someone of this role is signed in already. */
export async function signIn(
  site: Site,
  role: StaffRole,
  departments: string[] = []
): Promise<SignedIn> {
  const staff = await makeStaff(site.runtime, role, departments)
  const token = randomBytes(32).toString('base64url')
  await sql`insert into staff_sessions (id_hash, staff_id, expires_at)
      values (${hashToken(token)}, ${staff.id}, now() + interval '1 hour')`.execute(site.runtime.db)
  const visitor = new Visitor(site.url)
  visitor.cookies.set('evenhand-session', token)
  return Object.assign(visitor, { staff })
}
