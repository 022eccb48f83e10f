import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { listAccess, originOf } from '../../../../core/access/access-log.ts'
import { stand, type Stood } from '../../../helpers/contacts.ts'
import { openSite, Visitor, type Site } from '../../../helpers/site.ts'
import { makeStaff, password, signIn } from '../../../helpers/staff.ts'

let site: Site
let stood: Stood
beforeAll(async () => {
  site = await openSite()
  stood = await stand(site.runtime, { from: 'jane@mail.example', text: 'My secret matter' })
})
afterAll(() => site.close())

/** The latest entries, once all that was asked for is written. */
async function entries(limit = 20) {
  await site.runtime.access.record({ what: 'test.mark', address: '' })
  return (await listAccess(site.runtime.db, { limit: limit + 1 }))
    .filter(({ what }) => what !== 'test.mark')
    .map(({ actor, what, target, origin }) => ({ actor, what, target, origin }))
}

describe('on record is', () => {
  test('who signed in, who failed to, and who signed out', async () => {
    const person = await makeStaff(site.runtime, 'agent')
    const visitor = new Visitor(site.url)
    const attempt = async (email: string, typed: string) =>
      visitor.post('/desk/sign-in', {
        _csrf: (await visitor.get('/desk/sign-in')).input('_csrf'),
        email,
        password: typed
      })
    await attempt('jane.doe@mail.example', 'x')
    await attempt(person.email, 'wrong')
    await attempt(person.email, password)
    await visitor.post('/desk/sign-out', { _csrf: (await visitor.get('/desk')).input('_csrf') })
    const actor = `staff:${person.id}`
    expect((await entries(4)).toReversed()).toEqual([
      { actor: undefined, what: 'sign-in.failed', target: undefined, origin: 'private network' },
      { actor: undefined, what: 'sign-in.failed', target: person.id, origin: 'private network' },
      { actor, what: 'sign-in.ok', target: person.id, origin: 'private network' },
      { actor, what: 'sign-in.out', target: person.id, origin: 'private network' }
    ])
  })

  test('who read a case, its original and its documents, and who looked for whom', async () => {
    const agent = await signIn(site, 'supervisor', ['parks'])
    const taken = await agent.post('/desk/departments/parks/take', {
      _csrf: (await agent.get('/desk')).input('_csrf')
    })
    await agent.get(taken.headers.get('location')!)
    await agent.get(`/desk/cases/${stood.caseId}/contacts/${stood.contactId}/original`)
    await agent.post('/desk/people', {
      _csrf: (await agent.get('/desk/people')).input('_csrf'),
      who: 'Jane Doe'
    })
    const actor = `staff:${agent.staff.id}`
    expect((await entries(3)).toReversed()).toEqual([
      { actor, what: 'read.case', target: stood.caseId, origin: 'private network' },
      { actor, what: 'read.original', target: stood.contactId, origin: 'private network' },
      { actor, what: 'search.people', target: undefined, origin: 'private network' }
    ])
  })

  test('who was refused', async () => {
    const agent = await signIn(site, 'agent')
    await agent.get('/desk/staff')
    expect((await entries(1))[0]).toMatchObject({
      actor: `staff:${agent.staff.id}`,
      what: 'refused.read.staff'
    })
  })

  test('nothing that anybody wrote, typed or is called', async () => {
    await entries()
    const { rows } = await sql<{
      text: string
    }>`select jsonb_agg(access_log)::text as text from access_log`.execute(site.runtime.db)
    expect(rows[0]!.text).not.toMatch(/jane|secret|Test |10\.0\.|@/i)
  })
})

test('no entry is ever changed, and none younger than 400 days taken away', async () => {
  await entries()
  await expect(sql`update access_log set what = 'x'`.execute(site.runtime.db)).rejects.toThrow(
    'append-only'
  )
  await expect(sql`delete from access_log`.execute(site.runtime.db)).rejects.toThrow('append-only')
  await expect(sql`truncate access_log`.execute(site.runtime.db)).rejects.toThrow('append-only')
  await sql`insert into access_log (at, what, origin)
      values (now() - interval '401 days', 'test.old', 'not known')`.execute(site.runtime.db)
  await expect(
    sql`delete from access_log where what = 'test.old'`.execute(site.runtime.db)
  ).resolves.toMatchObject({ numAffectedRows: 1n })
})

describe('the page', () => {
  test('is for administrators', async () => {
    for (const role of ['agent', 'mailroom', 'supervisor'] as const)
      expect((await (await signIn(site, role)).get('/desk/access')).status).toBe(403)
  })

  test('says a case and a contact by receipt, with the way to the case, and what was refused', async () => {
    const [admin, agent] = [await signIn(site, 'admin', ['parks']), await signIn(site, 'agent')]
    for (const what of ['read.case', 'read.original'])
      await site.runtime.access.record({
        actor: `staff:${admin.staff.id}`,
        what,
        target: what === 'read.case' ? stood.caseId : stood.contactId,
        address: ''
      })
    await agent.get('/desk/quarantine?channel=jane')
    await agent.post('/desk/quarantine/discard', {
      _csrf: (await agent.get('/desk')).input('_csrf'),
      reason: 'x'
    })
    await agent.post('/desk/people/x', { _csrf: 'stale' })
    await entries()
    const link = `<a class="code" href="/desk/cases/${stood.caseId}">${stood.receipt}</a>`
    const { text } = await admin.get(`/desk/access?what=read&who=staff:${admin.staff.id}`)
    expect(text).toContain(`read case ${link} (<span class="code">${stood.caseId}</span>)`)
    expect(text).toContain(`read original ${link} (<span class="code">${stood.contactId}</span>)`)
    const refused = await admin.get(`/desk/access?what=refused&who=staff:${agent.staff.id}`)
    expect(refused.text).toContain(
      'was refused the page “Quarantine”, which the account may not open'
    )
    expect(refused.text).toContain(
      'was refused an act under “Quarantine”, which the account may not do'
    )
    expect(refused.text).toContain(
      'was refused a form under “People” that did not belong to the session'
    )
    await site.runtime.access.record({
      actor: `staff:${admin.staff.id}`,
      what: 'refused',
      address: ''
    })
    expect(
      (await admin.get(`/desk/access?what=refused&who=staff:${admin.staff.id}`)).text
    ).toContain('</strong> was refused, from')
  })

  test('shows fifty, filters, and leads to older ones', async () => {
    const admin = await signIn(site, 'admin')
    await Promise.all(
      Array.from({ length: 60 }, () =>
        site.runtime.access.record({
          actor: `staff:${admin.staff.id}`,
          what: 'read.case',
          target: stood.caseId,
          address: '203.0.113.9'
        })
      )
    )
    const page = await admin.get(`/desk/access?what=read.case&who=staff:${admin.staff.id}`)
    expect(page.text.match(/<li>[^<]*<strong>Test admin<\/strong> read case/g)).toHaveLength(50)
    const older = /href="(\/desk\/access\?[^"]*before=\d+)"/
      .exec(page.text)![1]!
      .replaceAll('&amp;', '&')
    expect((await admin.get(older)).text.match(/read case/g)).toHaveLength(10)
    expect((await admin.get('/desk/access?what=drop%20table&who=x&before=-1')).status).toBe(200)
    expect((await admin.get('/desk/access?what=sign-in')).text).not.toContain('read case')
  })
})

test.each([
  ['127.0.0.1', 'this machine'],
  ['::1', 'this machine'],
  ['::ffff:127.0.0.1', 'this machine'],
  ['10.1.2.3', 'private network'],
  ['172.31.0.1', 'private network'],
  ['fd00::1', 'private network'],
  ['172.32.0.1', 'public network'],
  ['203.0.113.9', 'public network'],
  ['2001:db8::1', 'public network'],
  ['', 'not known'],
  ['jane', 'not known']
])('%s is kept as %s', (address, origin) => {
  expect(originOf(address)).toBe(origin)
})
