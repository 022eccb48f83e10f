import type { Role, Staff, StaffStore } from '../../desk/staff.ts'
import { Visitor, type Site } from './site.ts'

export const password = 'correct horse battery'

/** An account that has been set up. */
export async function makeStaff(staff: StaffStore, role: Role, departments: string[] = [], email = `${role}-${crypto.randomUUID()}@town.example`): Promise<Staff> {
  const token = await staff.invite({ email, name: `Test ${role}`, role, departments }, 'system:test')
  return staff.setUp(token, `Test ${role}`, password)
}

/** A browser in which someone of this role is signed in. */
export async function signIn(site: Site, role: Role, departments: string[] = []): Promise<Visitor & { staff: Staff }> {
  const staff = await makeStaff(site.staff, role, departments)
  const visitor = new Visitor(site.url)
  const page = await visitor.get('/desk/sign-in')
  const answer = await visitor.post('/desk/sign-in', { _csrf: page.input('_csrf'), email: staff.email, password })
  if (answer.status !== 303) throw new Error(`signing in answered ${answer.status}`)
  return Object.assign(visitor, { staff })
}
