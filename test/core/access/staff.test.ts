import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { signInRates } from '../../../platform/limits/rates.ts'
import { hashPassword, MAX_PASSWORD_LENGTH, verifyPassword } from '../../../core/access/password.ts'
import { SessionStore, type SignInFrom } from '../../../core/access/sessions.ts'
import { StaffStore, type NewStaff } from '../../../core/access/staff.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { makeStaff, password } from '../../helpers/staff.ts'

let runtime: TestRuntime
let staff: StaffStore
let sessions: SessionStore
const waits: number[] = []
const home: SignInFrom = { address: '192.0.2.1' }
const signIn = async (email: string, typed: string, from = home) =>
  (await sessions.signIn(email, typed, from)).token
beforeAll(async () => {
  runtime = await createTestRuntime()
  staff = new StaffStore(runtime.db)
  sessions = new SessionStore(runtime.db, {
    secret: runtime.secret('sign-in'),
    access: runtime.access,
    wait: async (ms) => {
      waits.push(ms)
    }
  })
})
afterAll(() => runtime.remove())

describe('a password', () => {
  test('is known by its hash and nothing else is', async () => {
    const hash = await hashPassword('päßwort für zwölf')
    expect(await verifyPassword('päßwort für zwölf', hash)).toBe(true)
    expect(await verifyPassword('päßwort für zwölf'.normalize('NFD'), hash)).toBe(true)
    expect(await verifyPassword('passwort für zwölf', hash)).toBe(false)
    expect(hash).not.toBe(await hashPassword('päßwort für zwölf'))
  })

  test('of an account that has none never fits, not even the empty one', async () => {
    for (const given of ['', 'anything', '\0'.repeat(32)])
      expect(await verifyPassword(given, null)).toBe(false)
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
    expect(await staff.findInvited(token)).toMatchObject({
      email: 'once@town.example',
      role: 'agent',
      departments: ['parks']
    })
    await staff.setUp(token, 'Lee', password)
    expect(await staff.findInvited(token)).toBeUndefined()
    await expect(staff.setUp(token, 'Mallory', 'another password')).rejects.toMatchObject({
      code: 'SETUP_LINK_USED'
    })
    await expect(signIn('once@town.example', password)).resolves.toEqual(expect.any(String))
  })

  test('used by two at the same instant works for one', async () => {
    const token = await staff.invite(person('race@town.example'), 'system:test')
    const outcomes = await Promise.allSettled([
      staff.setUp(token, 'A', password),
      staff.setUp(token, 'B', password)
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('ends after its time', async () => {
    const token = await staff.invite(person('late@town.example'), 'system:test')
    await sql`update staff_invites set expires_at = now() - interval '1 second'`.execute(runtime.db)
    expect(await staff.findInvited(token)).toBeUndefined()
    await expect(staff.setUp(token, 'Lee', password)).rejects.toMatchObject({
      code: 'SETUP_LINK_USED'
    })
  })

  test('made again makes the first one void and ends older sessions when used', async () => {
    const { id, email } = await makeStaff(runtime, 'agent')
    const session = await signIn(email, password)
    const [first, second] = [
      await staff.inviteAgain(id, 'system:test'),
      await staff.inviteAgain(id, 'system:test')
    ]
    await expect(staff.setUp(first, 'Lee', password)).rejects.toMatchObject({
      code: 'SETUP_LINK_USED'
    })
    await staff.setUp(second, 'Lee', 'a new long password')
    expect(await sessions.find(session)).toBeUndefined()
    await expect(signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
  })

  test('is for one address only once', async () => {
    await staff.invite(person('twin@town.example'), 'system:test')
    await expect(staff.invite(person('TWIN@town.example'), 'system:test')).rejects.toMatchObject({
      code: 'STAFF_EXISTS'
    })
  })

  test('is kept as a hash, and so are sessions', async () => {
    const token = await staff.invite(person('hash@town.example'), 'system:test')
    const { email } = await makeStaff(runtime, 'agent')
    const session = await signIn(email, password)
    const { rows } = await sql<{
      text: string
    }>`select (select jsonb_agg(staff_invites)::text
        from staff_invites) || (select jsonb_agg(staff_sessions)::text
        from staff_sessions) || (select jsonb_agg(staff)::text from staff) as text`.execute(
      runtime.db
    )
    for (const secret of [token, session, password]) expect(rows[0]!.text).not.toContain(secret)
  })
})

describe('signing in', () => {
  test('refuses a wrong password, an unknown address and an account not set up alike', async () => {
    const { email } = await makeStaff(runtime, 'agent')
    await staff.invite(
      { email: 'new@town.example', name: 'New', role: 'agent', departments: [] },
      'system:test'
    )
    for (const [address, given] of [
      [email, 'wrong password'],
      ['nobody@town.example', password],
      ['new@town.example', ''],
      ["' or 1=1 --", '']
    ]) {
      await expect(signIn(address!, given!)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    }
  })

  test('pauses after five failures, longer with each, and starts anew after a success', async () => {
    const { email } = await makeStaff(runtime, 'agent')
    await sql`delete from sign_in_failures`.execute(runtime.db)
    const fail = () => signIn(email, 'wrong password').catch(() => undefined)
    const change = (values: string) =>
      sql`update sign_in_failures set ${sql.raw(values)}`.execute(runtime.db)
    const pause = async () => {
      const { rows } = await sql<{
        seconds: number | null
      }>`select extract(epoch from blocked_until - now())::float8 as seconds
          from sign_in_failures`.execute(runtime.db)
      return rows[0]?.seconds ? Math.ceil(rows[0].seconds / 30) * 30 : 0
    }
    await fail()
    await change('failures = 3')
    await fail()
    expect(await pause()).toBe(0)
    await fail()
    expect(await pause()).toBe(30)
    await expect(signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    await change('blocked_until = now()')
    await fail()
    expect(await pause()).toBe(60)
    await change('failures = 1000, blocked_until = now()')
    await fail()
    expect(await pause()).toBe(900)
    await change('blocked_until = now()')
    await signIn(email, password)
    await fail()
    expect(await pause()).toBe(0)
  })
})

describe('what others try', () => {
  const guess = async (email: string, from: SignInFrom, times: number) => {
    for (let n = 0; n < times; n += 1) await signIn(email, 'a guess', from).catch(() => undefined)
  }
  const elsewhere = { address: '203.0.113.66' }

  test('pauses them where they are, and locks nobody out', async () => {
    const { email } = await makeStaff(runtime, 'agent')
    await guess(email, elsewhere, 7)
    await expect(signIn(email, password, elsewhere)).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED'
    })
    await expect(signIn(email, password)).resolves.toEqual(expect.any(String))
  })

  test('from behind the same address leaves a browser alone that the account was used in before', async () => {
    const { email } = await makeStaff(runtime, 'agent')
    const { device } = await sessions.signIn(email, password, home)
    await guess(email, home, 7)
    await expect(signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    await expect(signIn(email, password, { ...home, device })).resolves.toEqual(expect.any(String))
  })

  test("in such a browser is counted too, and its mark is nobody else's", async () => {
    const [one, other] = [await makeStaff(runtime, 'agent'), await makeStaff(runtime, 'agent')]
    const { device } = await sessions.signIn(one.email, password, home)
    await guess(one.email, { ...home, device }, 6)
    await expect(signIn(one.email, password, { ...home, device })).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED'
    })
    await guess(other.email, { ...home, device }, 6)
    await expect(signIn(other.email, password, { ...home, device })).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED'
    })
    for (const forged of ['', 'x', `${device}x`, device.replace(/^.{4}/, 'AAAA')])
      await expect(
        signIn(other.email, password, { ...home, device: forged })
      ).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
  })

  test('from everywhere makes unknown browsers wait and refuses none', async () => {
    const { email } = await makeStaff(runtime, 'agent')
    const { device } = await sessions.signIn(email, password, home)
    for (let n = 0; n < 8; n += 1) await guess(email, { address: `203.0.113.${n}` }, 4)
    waits.length = 0
    await expect(signIn(email, password, { address: '198.51.100.7' })).resolves.toEqual(
      expect.any(String)
    )
    expect(waits).toEqual([signInRates.slowMs])
    await signIn(email, password, { address: '198.51.100.8', device })
    expect(waits).toHaveLength(1)
  })

  test('is kept without addresses', async () => {
    await guess('somebody@town.example', elsewhere, 1)
    expect(
      JSON.stringify(await runtime.db.selectFrom('sign_in_failures').selectAll().execute())
    ).not.toMatch(/203\.0\.113|somebody/)
  })
})

describe('a new link', () => {
  test('ends the old password and every session at once', async () => {
    const { id, email } = await makeStaff(runtime, 'agent')
    const session = await signIn(email, password)
    const link = await staff.inviteAgain(id, 'system:test')
    expect(await sessions.find(session)).toBeUndefined()
    await expect(signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    await staff.setUp(link, 'Lee', 'another long password')
    await expect(signIn(email, 'another long password')).resolves.toEqual(expect.any(String))
  })

  test('is not made for a disabled account; enabling is an act of its own and brings no old password back', async () => {
    const { id, email } = await makeStaff(runtime, 'agent')
    await staff.disable(id, 'system:test')
    await expect(staff.inviteAgain(id, 'system:test')).rejects.toMatchObject({
      code: 'STAFF_DISABLED'
    })
    await expect(signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    await staff.enable(id, 'system:test')
    expect((await verifyAudit(runtime.db)).problems).not.toContainEqual(
      `account ${id} can sign in, but the ledger says that it was disabled`
    )
    expect((await staff.list()).find((one) => one.id === id)).toMatchObject({ state: 'invited' })
    await expect(signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    const link = await staff.inviteAgain(id, 'system:test')
    await staff.disable(id, 'system:test')
    await expect(staff.setUp(link, 'Lee', 'another long password')).rejects.toMatchObject({
      code: 'SETUP_LINK_USED'
    })
  })
})

test('the last administrator cannot be put out, nor two of them by each other', async () => {
  const fresh = await createTestRuntime()
  try {
    const store = new StaffStore(fresh.db)
    const [one, two] = [await makeStaff(fresh, 'admin'), await makeStaff(fresh, 'admin')]
    const outcomes = await Promise.allSettled([
      store.disable(one.id, `staff:${two.id}`),
      store.change(two.id, { role: 'agent', departments: [] }, `staff:${one.id}`)
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const last = outcomes[0]!.status === 'fulfilled' ? two.id : one.id
    for (const act of [
      () => store.disable(last, 'x'),
      () => store.inviteAgain(last, 'x'),
      () => store.change(last, { role: 'agent', departments: [] }, 'x')
    ])
      await expect(act()).rejects.toMatchObject({ code: 'LAST_ADMIN' })
    expect((await store.list()).find(({ id }) => id === last)).toMatchObject({
      state: 'active',
      role: 'admin'
    })
  } finally {
    await fresh.remove()
  }
})

async function open() {
  const supervisor = await makeStaff(runtime, 'supervisor', ['parks'])
  return { ...supervisor, session: await signIn(supervisor.email, password) }
}

describe('a session', () => {
  test('says who it is until they sign out', async () => {
    const { id, session } = await open()
    expect(await sessions.find(session)).toMatchObject({
      id,
      role: 'supervisor',
      departments: ['parks']
    })
    await sessions.signOut(session)
    expect(await sessions.find(session)).toBeUndefined()
  })

  test.each([['expires_at = now()'], ["last_seen_at = now() - interval '2 hours 1 second'"]])(
    'ends when %s',
    async (change) => {
      const { id, session } = await open()
      await sql`update staff_sessions set ${sql.raw(change)} where staff_id = ${id}`.execute(
        runtime.db
      )
      expect(await sessions.find(session)).toBeUndefined()
    }
  )

  test('stays as long as it is used', async () => {
    const { id, session } = await open()
    await sql`update staff_sessions set last_seen_at = now() - interval '1 hour 59 minutes'
        where staff_id = ${id}`.execute(runtime.db)
    expect(await sessions.find(session)).toBeDefined()
    const { rows } = await sql<{
      recent: boolean
    }>`select last_seen_at > now() - interval '1 minute' as recent from staff_sessions
        where staff_id = ${id}`.execute(runtime.db)
    expect(rows[0]!.recent).toBe(true)
  })

  test('ends at once when the account is disabled, and none can be opened', async () => {
    const { id, email, session } = await open()
    await staff.disable(id, 'system:test')
    expect(await sessions.find(session)).toBeUndefined()
    await expect(signIn(email, password)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
  })
})

test('the first administrator is invited as long as nobody can sign in, and never after', async () => {
  const fresh = await createTestRuntime()
  try {
    const store = new StaffStore(fresh.db)
    const administrator: NewStaff = {
      email: 'it@town.example',
      name: 'Administrator',
      role: 'admin',
      departments: []
    }
    const first = await store.inviteFirst(administrator)
    await sql`update staff_invites set expires_at = now() + interval '1 hour'`.execute(fresh.db)
    const second = await store.inviteFirst(administrator)
    expect(await store.findInvited(first!)).toBeUndefined()
    await store.setUp(second!, 'Ira', password)
    expect(await store.inviteFirst(administrator)).toBeUndefined()
    await sql`update staff set disabled_at = now()`.execute(fresh.db)
    await makeStaff(fresh, 'agent')
    const third = await store.inviteFirst(administrator)
    expect(await store.findInvited(third!)).toMatchObject({ role: 'admin' })
  } finally {
    await fresh.remove()
  }
})

test('what happens to accounts is in the ledger, without names and addresses', async () => {
  const token = await staff.invite(
    { email: 'ledger@town.example', name: 'Lou Ledger', role: 'mailroom', departments: [] },
    'system:test'
  )
  const { id } = await staff.setUp(token, 'Lou Ledger', password)
  await staff.change(id, { role: 'agent', departments: ['water'] }, 'staff:x')
  await staff.disable(id, 'staff:x')
  const events = await runtime.db
    .selectFrom('events')
    .select(['kind', 'actor', 'data'])
    .where(sql<boolean>`data ->> 'staff' = ${id}`)
    .orderBy('id')
    .execute()
  expect(events.map(({ kind, actor }) => [kind, actor])).toEqual([
    ['staff.invited', 'system:test'],
    ['staff.joined', `staff:${id}`],
    ['staff.changed', 'staff:x'],
    ['staff.disabled', 'staff:x']
  ])
  expect(JSON.stringify(events)).not.toMatch(/ledger@|Lou/)
})
