import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openSite, Visitor, type Page, type Site } from '../../../helpers/site.ts'
import { makeStaff, password, signIn } from '../../../helpers/staff.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

async function act(
  agent: Visitor,
  path: string,
  fields: Record<string, string> = {}
): Promise<Page> {
  const page = await agent.get('/desk')
  return agent.post(path, { _csrf: page.input('_csrf'), ...fields })
}

describe('signing in at the desk', () => {
  test('asks everyone who is not, and leads back to where they wanted to go', async () => {
    const visitor = new Visitor(site.url)
    const asked = await visitor.get('/desk/quarantine')
    expect([asked.status, asked.headers.get('location')]).toEqual([
      303,
      '/desk/sign-in?next=%2Fdesk%2Fquarantine'
    ])
    const { staff } = await signIn(site, 'mailroom')
    const page = await visitor.get(asked.headers.get('location')!)
    const answer = await visitor.post('/desk/sign-in', {
      _csrf: page.input('_csrf'),
      email: staff.email,
      password,
      next: page.input('next')
    })
    expect(answer.headers.get('location')).toBe('/desk/quarantine')
  })

  test.each([
    'https://evil.example',
    '//evil.example',
    '/desk//evil.example',
    '/desk/../..',
    '/\\evil.example',
    '/desk/sign-out'
  ])('leads nowhere else: %s', async (next) => {
    const page = await new Visitor(site.url).get(`/desk/sign-in?next=${encodeURIComponent(next)}`)
    expect(page.input('next')).toBe('/desk')
  })

  test('keeps the address typed and says nothing of what was wrong', async () => {
    const visitor = new Visitor(site.url)
    const page = await visitor.get('/desk/sign-in')
    const answer = await visitor.post('/desk/sign-in', {
      _csrf: page.input('_csrf'),
      email: 'ana@town.example',
      password: 'my secret words'
    })
    expect(answer.status).toBe(401)
    expect(answer.text).toContain('value="ana@town.example"')
    expect(answer.text).not.toContain('my secret words')
  })

  test('a dozen people behind one address sign in at eight in the morning', async () => {
    const { email } = await makeStaff(site.runtime, 'agent')
    const attempts = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const visitor = new Visitor(site.url)
        const page = await visitor.get('/desk/sign-in')
        return visitor.post(
          '/desk/sign-in',
          { _csrf: page.input('_csrf'), email, password },
          { 'x-forwarded-for': '192.0.2.50' }
        )
      })
    )
    expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([303]))
  })

  test('leads to a page whose every form can be sent, also the first one seen', async () => {
    const agent = await signIn(site, 'admin', ['streets', 'parks'])
    const { text, headers } = await agent.get('/desk')
    const tokens = [...text.matchAll(/name="_csrf" value="([^"]+)"/g)].map(([, token]) => token!)
    expect(tokens.length).toBeGreaterThan(1)
    expect(new Set(tokens).size).toBe(1)
    expect(headers.getSetCookie().filter((line) => line.startsWith('evenhand-csrf='))).toHaveLength(
      1
    )
  })

  test.each([
    ['/desk/quarantine?page=2', '/desk/quarantine?page=2'],
    ['/desk/people?q=D%C3%ADaz%20&x=1', '/desk/people?q=D%C3%ADaz%20&x=1'],
    ['/desk?x', '/desk?x'],
    ['/desk', '/desk'],
    ['//evil.example', '/desk'],
    ['/desk//evil.example', '/desk'],
    ['/desk/../elsewhere', '/desk'],
    ['/desk/%2e%2e/elsewhere?x', '/desk'],
    ['/desk\\@evil.example', '/desk'],
    ['/desk@evil.example', '/desk'],
    ['https://evil.example/desk', '/desk'],
    ['/desk/\t/evil.example', '/desk'],
    ['/desk/sign-out?x', '/desk'],
    [`/desk?${'x'.repeat(1_000)}`, '/desk']
  ])('leads from %j to %j', async (next, to) => {
    const staff = await makeStaff(site.runtime, 'agent', ['parks'])
    const visitor = new Visitor(site.url)
    const page = await visitor.get('/desk/sign-in')
    expect(
      (
        await visitor.post('/desk/sign-in', {
          _csrf: page.input('_csrf'),
          email: staff.email,
          password,
          next
        })
      ).headers.get('location')
    ).toBe(to)
  })

  describe('on a page that was open while somebody signed in or out in another window', () => {
    const open = async () => {
      const staff = await makeStaff(site.runtime, 'agent', ['parks'])
      const visitor = new Visitor(site.url)
      const page = await visitor.get('/desk/sign-in?next=/desk/counter')
      const send = (email = staff.email, headers: Record<string, string> = {}, word = password) =>
        visitor.post(
          '/desk/sign-in',
          { _csrf: page.input('_csrf'), next: '/desk/counter', email, password: word },
          headers
        )
      await send()
      return { staff, visitor, send, session: visitor.cookies.get('evenhand-session') }
    }
    const ours = { 'sec-fetch-site': 'same-origin' }

    test('leads on where the session has begun', async () => {
      const { visitor, send, session } = await open()
      const answer = await send()
      expect([
        answer.status,
        answer.headers.get('location'),
        visitor.cookies.get('evenhand-session')
      ]).toEqual([303, '/desk/counter', session])
    })

    test('is taken where they are signed out again, from a page of ours only', async () => {
      const { visitor, send, staff } = await open()
      await visitor.post('/desk/sign-out', { _csrf: (await visitor.get('/desk')).input('_csrf') })
      const asked = await send()
      expect(asked.status).toBe(403)
      expect(asked.text).toContain(
        'You signed in or out in another window after this page was opened'
      )
      expect(asked.text).toContain(`value="${staff.email}"`)
      expect((await send(staff.email, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
      expect((await send(staff.email, ours)).headers.get('location')).toBe('/desk/counter')
      expect((await visitor.get('/desk')).status).toBe(200)
    })

    test("is another person's where another person signs in", async () => {
      const { visitor, send } = await open()
      const other = await makeStaff(site.runtime, 'supervisor')
      expect((await send(other.email)).status).toBe(403)
      expect((await send(other.email, ours)).status).toBe(303)
      expect((await visitor.get('/desk')).text).toContain(other.name)
    })

    test('says that cookies are off where none comes', async () => {
      const { visitor, send } = await open()
      visitor.cookies.clear()
      expect((await send(undefined, ours)).text).toContain(
        'The browser did not send the cookie of this page'
      )
    })

    test('signing out twice is being signed out', async () => {
      const { visitor } = await open()
      const page = await visitor.get('/desk')
      await visitor.post('/desk/sign-out', { _csrf: page.input('_csrf') })
      const again = await visitor.post('/desk/sign-out', { _csrf: page.input('_csrf') })
      expect([again.status, again.headers.get('location')]).toEqual([303, '/desk/sign-in'])
      expect((await visitor.get('/desk/sign-in')).text).toContain('You are signed out.')
    })
  })

  test('ends with signing out', async () => {
    const agent = await signIn(site, 'agent')
    const session = agent.cookies.get('evenhand-session')!
    expect((await act(agent, '/desk/sign-out')).headers.get('location')).toBe('/desk/sign-in')
    agent.cookies.set('evenhand-session', session)
    expect((await agent.get('/desk')).status).toBe(303)
  })
})

describe('a post without its token', () => {
  test.each([
    '/desk/sign-in',
    '/desk/sign-out',
    '/desk/departments/water/take',
    '/desk/staff',
    '/desk/cases/00000000-0000-0000-0000-000000000000/close',
    '/desk/quarantine/00000000-0000-0000-0000-000000000000/release'
  ])('%s is refused', async (path) => {
    const admin = await signIn(site, 'admin', ['water'])
    expect((await admin.post(path, { reason: 'x' })).status).toBe(403)
    const other = await signIn(site, 'admin')
    const theirs = (await other.get('/desk')).input('_csrf')
    expect((await admin.post(path, { _csrf: theirs, reason: 'x' })).status).toBe(403)
  })
})

describe('staff', () => {
  test('are added by a link that is shown once, and join with it', async () => {
    const admin = await signIn(site, 'admin')
    const page = await admin.get('/desk/staff')
    const added = await admin.post('/desk/staff', [
      ['_csrf', page.input('_csrf')],
      ['name', 'Sam <b>'],
      ['email', 'sam@town.example'],
      ['role', 'agent'],
      ['departments', 'water'],
      ['departments', 'moon']
    ])
    const link = new URL(added.input('link') || /value="(http[^"]+)"/.exec(added.text)![1]!)
    expect(link.href).toMatch(/^http:\/\/town\.example\/desk\/setup\/[\w-]{43}$/)
    const newcomer = new Visitor(site.url)
    const setup = await newcomer.get(link.pathname)
    const short = await newcomer.post(link.pathname, {
      _csrf: setup.input('_csrf'),
      name: 'Sam',
      password: 'x'.repeat(11)
    })
    expect([short.status, short.text.includes('at least 12')]).toEqual([422, true])
    expect(
      (
        await newcomer.post(link.pathname, {
          _csrf: setup.input('_csrf'),
          name: 'Sam',
          password: 'x'.repeat(12)
        })
      ).status
    ).toBe(303)
    expect((await newcomer.get(link.pathname)).status).toBe(410)
    const list = (await admin.get('/desk/staff')).text
    expect(list).toContain('sam@town.example')
    expect(list).not.toContain('moon')
  })

  test("do not join by a form that is none of ours, and by one whose window is older than somebody's signing in", async () => {
    const added = await act(await signIn(site, 'admin'), '/desk/staff', {
      name: 'Kim',
      email: 'kim@town.example',
      role: 'agent'
    })
    const { pathname } = new URL(/value="(http[^"]+)"/.exec(added.text)![1]!)
    const newcomer = new Visitor(site.url)
    const setup = await newcomer.get(pathname)
    newcomer.cookies.set('evenhand-session', 'another')
    const fields = { _csrf: setup.input('_csrf'), name: 'Kim Li', password: 'x'.repeat(12) }
    const refused = await newcomer.post(pathname, fields)
    expect(refused.status).toBe(422)
    expect(refused.text).toContain(
      'You signed in or out in another window after this page was opened'
    )
    expect(refused.text).toContain('value="Kim Li"')
    expect((await newcomer.post(pathname, fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(
      422
    )
    expect(
      (await newcomer.post(pathname, fields, { 'sec-fetch-site': 'same-origin' })).status
    ).toBe(303)
  })

  test('an address that is none, or known already, is said and nothing is lost', async () => {
    const admin = await signIn(site, 'admin')
    const token = (await admin.get('/desk/staff')).input('_csrf')
    for (const email of ['nobody', admin.staff.email]) {
      const page = await admin.post('/desk/staff', {
        _csrf: token,
        name: 'Typed Name',
        email,
        role: 'mailroom'
      })
      expect(page.status).toBe(422)
      expect(page.text).toContain('href="#field-email"')
      expect(page.text).toContain('value="Typed Name"')
    }
  })

  test('that are disabled are out at once; nobody disables themselves', async () => {
    const admin = await signIn(site, 'admin')
    const agent = await signIn(site, 'agent')
    await act(admin, `/desk/staff/${agent.staff.id}/disable`)
    expect((await agent.get('/desk')).status).toBe(303)
    const refused = await act(admin, `/desk/staff/${admin.staff.id}/disable`)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('This is your own account')
    const page = await admin.get('/desk/staff')
    for (const verb of ['change', 'link', 'disable'])
      expect(page.text).not.toContain(`/desk/staff/${admin.staff.id}/${verb}`)
    expect(page.text).toContain('This is your own account.')
    expect(
      (await act(admin, '/desk/staff/00000000-0000-0000-0000-000000000000/disable')).status
    ).toBe(404)
  })

  test('are for administrators only', async () => {
    const supervisor = await signIn(site, 'supervisor')
    expect((await supervisor.get('/desk/staff')).status).toBe(403)
    expect(
      (await act(supervisor, '/desk/staff', { name: 'x', email: 'x@town.example' })).status
    ).toBe(403)
  })
})
