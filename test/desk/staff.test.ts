import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { hashPassword, MAX_PASSWORD_LENGTH, verifyPassword } from '../../desk/password.ts'
import { SessionStore } from '../../desk/sessions.ts'
import { StaffStore, type NewStaff } from '../../desk/staff.ts'
import { createTestGround, type TestGround } from '../helpers/ground.ts'
import { makeStaff, password } from '../helpers/staff.ts'

let ground: TestGround
let staff: StaffStore
let sessions: SessionStore
beforeAll(async () => {
  ground = await createTestGround()
  staff = new StaffStore(ground.db)
  sessions = new SessionStore(ground.db)
})
afterAll(() => ground.remove())

describe('a password', () => {
  test('is known by its hash and nothing else is', async () => {
    const hash = await hashPassword('päßwort für zwölf')
    expect(await verifyPassword('päßwort für zwölf', hash)).toBe(true)
    expect(await verifyPassword('päßwort für zwölf'.normalize('NFD'), hash)).toBe(true)
    expect(await verifyPassword('passwort für zwölf', hash)).toBe(false)
    expect(hash).not.toBe(await hashPassword('päßwort für zwölf'))
  })

  test('of an account that has none never fits, not even the empty one', async () => {
    for (const given of ['', 'anything', '\0'.repeat(32)]) expect(await verifyPassword(given, null)).toBe(false)
  })

  test('that is far too long costs no more than one at the bound', async () => {
    const hash = await hashPassword('x'.repeat(MAX_PASSWORD_LENGTH))
    expect(await verifyPassword('x'.repeat(1_000_000), hash)).toBe(true)
  })
})

function person(email: string): NewStaff {
  return { email, name: 'Lee', role: 'agent', departments: ['parks'] }
}

describe('a set-up link', () => {
  test('works once', async () => {
    const token = await staff.invite(person('Once@Town.example '), 'system:test')
    expect(await staff.findInvited(token)).toMatchObject({ email: 'once@town.example', role: 'agent', departments: ['parks'] })
    await staff.setUp(token, 'Lee', password)
    expect(await staff.findInvited(token)).toBeUndefined()
    await expect(staff.setUp(token, 'Mallory', 'another password')).rejects.toMatchObject({ code: 'SETUP_LINK_USED' })
    await expect(sessions.signIn('once@town.example', password)).resolves.toEqual(expect.any(String))
  })

  test('used by two at the same instant works for one', async () => {
    const token = await staff.invite(person('race@town.example'), 'system:test')
    const outcomes = await Promise.allSettled([staff.setUp(token, 'A', password), staff.setUp(token, 'B', password)])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('ends after its time', async () => {
    const token = await staff.invite(person('late@town.example'), 'system:test')
    await sql`update staff_invites set expires_at = now() - interval '1 second'`.execute(ground.db)
    expect(await staff.findInvited(token)).toBeUndefined()
    await expect(staff.setUp(token, 'Lee', password)).rejects.toMatchObject({ code: 'SETUP_LINK_USED' })
  })

  test('made again makes the first one void and ends older sessions when used', async () => {
    const { id, email } = await makeStaff(ground, 'agent')
    const session = await sessions.signIn(email, password)
    const [first, second] = [await staff.inviteAgain(id, 'system:test'), await staff.inviteAgain(id, 'system:test')]
    await expect(staff.setUp(first, 'Lee', password)).rejects.toMatchObject({ code: 'SETUP_LINK_USED' })
    await staff.setUp(second, 'Lee', 'a new long password')
    expect(await sessions.find(session)).toBeUndefined()
    await expect(sessions.signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
  })

  test('is for one address only once', async () => {
    await staff.invite(person('twin@town.example'), 'system:test')
    await expect(staff.invite(person('TWIN@town.example'), 'system:test')).rejects.toMatchObject({ code: 'STAFF_EXISTS' })
  })

  test('is kept as a hash, and so are sessions', async () => {
    const token = await staff.invite(person('hash@town.example'), 'system:test')
    const { email } = await makeStaff(ground, 'agent')
    const session = await sessions.signIn(email, password)
    const { rows } = await sql<{ text: string }>`select (select jsonb_agg(staff_invites)::text from staff_invites) || (select jsonb_agg(staff_sessions)::text from staff_sessions) || (select jsonb_agg(staff)::text from staff) as text`.execute(ground.db)
    for (const secret of [token, session, password]) expect(rows[0]!.text).not.toContain(secret)
  })
})

describe('signing in', () => {
  test('refuses a wrong password, an unknown address and an account not set up alike', async () => {
    const { email } = await makeStaff(ground, 'agent')
    await staff.invite({ email: 'new@town.example', name: 'New', role: 'agent', departments: [] }, 'system:test')
    for (const [address, given] of [[email, 'wrong password'], ['nobody@town.example', password], ['new@town.example', ''], ["' or 1=1 --", '']]) {
      await expect(sessions.signIn(address!, given!)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    }
  })

  test('pauses after five failures, longer with each, and starts anew after a success', async () => {
    const { id, email } = await makeStaff(ground, 'agent')
    const fail = () => sessions.signIn(email, 'wrong password').catch(() => undefined)
    const pause = async () => {
      const { rows } = await sql<{ seconds: number | null }>`select extract(epoch from blocked_until - now())::float8 as seconds from staff where id = ${id}`.execute(ground.db)
      return rows[0]!.seconds === null ? 0 : Math.ceil(rows[0]!.seconds / 30) * 30
    }
    await sql`update staff set failed_sign_ins = 3 where id = ${id}`.execute(ground.db)
    await fail()
    expect(await pause()).toBe(0)
    await fail()
    expect(await pause()).toBe(30)
    await expect(sessions.signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    await sql`update staff set blocked_until = now() where id = ${id}`.execute(ground.db)
    await fail()
    expect(await pause()).toBe(60)
    await sql`update staff set failed_sign_ins = 1000, blocked_until = now() where id = ${id}`.execute(ground.db)
    await fail()
    expect(await pause()).toBe(900)
    await sql`update staff set blocked_until = now() where id = ${id}`.execute(ground.db)
    await sessions.signIn(email, password)
    await fail()
    expect(await pause()).toBe(0)
  })
})

async function open() {
  const supervisor = await makeStaff(ground, 'supervisor', ['parks'])
  return { ...supervisor, session: await sessions.signIn(supervisor.email, password) }
}

describe('a session', () => {
  test('says who it is until they sign out', async () => {
    const { id, session } = await open()
    expect(await sessions.find(session)).toMatchObject({ id, role: 'supervisor', departments: ['parks'] })
    await sessions.signOut(session)
    expect(await sessions.find(session)).toBeUndefined()
  })

  test.each([['expires_at = now()'], ["last_seen_at = now() - interval '2 hours 1 second'"]])('ends when %s', async (change) => {
    const { id, session } = await open()
    await sql`update staff_sessions set ${sql.raw(change)} where staff_id = ${id}`.execute(ground.db)
    expect(await sessions.find(session)).toBeUndefined()
  })

  test('stays as long as it is used', async () => {
    const { id, session } = await open()
    await sql`update staff_sessions set last_seen_at = now() - interval '1 hour 59 minutes' where staff_id = ${id}`.execute(ground.db)
    expect(await sessions.find(session)).toBeDefined()
    const { rows } = await sql<{ recent: boolean }>`select last_seen_at > now() - interval '1 minute' as recent from staff_sessions where staff_id = ${id}`.execute(ground.db)
    expect(rows[0]!.recent).toBe(true)
  })

  test('ends at once when the account is disabled, and none can be opened', async () => {
    const { id, email, session } = await open()
    await staff.disable(id, 'system:test')
    expect(await sessions.find(session)).toBeUndefined()
    await expect(sessions.signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
  })
})

test('the first administrator is invited as long as nobody can sign in, and never after', async () => {
  const fresh = await createTestGround()
  try {
    const store = new StaffStore(fresh.db)
    const administrator: NewStaff = { email: 'it@town.example', name: 'Administrator', role: 'admin', departments: [] }
    const first = await store.inviteFirst(administrator)
    const second = await store.inviteFirst(administrator)
    expect(await store.findInvited(first!)).toBeUndefined()
    await store.setUp(second!, 'Ira', password)
    expect(await store.inviteFirst(administrator)).toBeUndefined()
  } finally {
    await fresh.remove()
  }
})

test('what happens to accounts is in the ledger, without names and addresses', async () => {
  const token = await staff.invite({ email: 'ledger@town.example', name: 'Lou Ledger', role: 'mailroom', departments: [] }, 'system:test')
  const { id } = await staff.setUp(token, 'Lou Ledger', password)
  await staff.change(id, { role: 'agent', departments: ['water'] }, 'staff:x')
  await staff.disable(id, 'staff:x')
  const events = await ground.db.selectFrom('events').select(['kind', 'actor', 'data']).where(sql<boolean>`data ->> 'staff' = ${id}`).orderBy('id').execute()
  expect(events.map(({ kind, actor }) => [kind, actor])).toEqual([['staff.invited', 'system:test'], ['staff.joined', `staff:${id}`], ['staff.changed', 'staff:x'], ['staff.disabled', 'staff:x']])
  expect(JSON.stringify(events)).not.toMatch(/ledger@|Lou/)
})
