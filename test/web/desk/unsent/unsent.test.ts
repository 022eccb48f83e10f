import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { seal, unseal, type Unsent } from '../../../../web/desk/unsent/kept.ts'
import { pageOf } from '../../../../web/desk/unsent/deeds.ts'
import { sortFields } from '../../../../web/desk/unsent/words.ts'
import { openSite, type Page, type Site } from '../../../helpers/site.ts'
import { makeStaff, password, signIn, type SignedIn } from '../../../helpers/staff.ts'
import { bringIn, settlerOf } from '../../../helpers/contacts.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

/** A case in somebody's hand, with its page open. */
async function caseInHand() {
  const { contactId } = await bringIn(site.runtime, {
    text: `The bench ${randomBytes(8).toString('hex')} is broken`
  })
  await settlerOf(site.runtime).settle([contactId])
  const agent = await signIn(site, 'agent', ['parks'])
  const {
    rows: [one]
  } = await sql<{ id: string }>`select id from cases where contact_id = ${contactId}::uuid`.execute(
    site.runtime.db
  )
  await sql`update cases set state = 'taken', taken_by = ${`staff:${agent.staff.id}`},
      lease_until = now() + interval '1 hour' where id = ${one!.id}::uuid`.execute(site.runtime.db)
  const path = `/desk/cases/${one!.id}`
  return { agent, path, page: await agent.get(path) }
}

const endSessions = (agent: SignedIn) =>
  sql`delete from staff_sessions where staff_id = ${agent.staff.id}::uuid`.execute(site.runtime.db)
const stateOf = async (path: string) =>
  await site.runtime.db
    .selectFrom('cases')
    .select(['state', 'outcome'])
    .where('id', '=', path.split('/').at(-1)!)
    .executeTakeFirstOrThrow()
/** Every hidden input of the form that goes to `action`, as a browser sends them. */
function hiddenOf(page: Page, action: string): [string, string][] {
  const form = page.text.split('<form').find((one) => one.includes(`action="${action}"`))!
  return [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name, value]) => [name!, value!]
  )
}
const signInOn = (agent: SignedIn, page: Page, email = agent.staff.email) =>
  agent.post('/desk/sign-in', [
    ...hiddenOf(page, '/desk/sign-in'),
    ['email', email],
    ['password', password]
  ])

describe('a form whose session has ended', () => {
  const words = {
    outcome: 'repair <ordered>',
    note: 'Rang twice,\nthen wrote',
    reason: 'no address was given'
  }

  test.each([
    ['on the server', endSessions],
    [
      'by signing out in another window',
      async (agent: SignedIn) => {
        await agent.post('/desk/sign-out', { _csrf: (await agent.get('/desk')).input('_csrf') })
      }
    ]
  ])(
    '%s leads to signing in, and then back with its words, which one press sends',
    async (_, end) => {
      const { agent, path, page } = await caseInHand()
      await end(agent)
      const asked = await agent.post(`${path}/close`, { _csrf: page.input('_csrf'), ...words })
      expect(asked.status).toBe(401)
      expect(asked.text).toContain('What you typed is kept on this page for you alone')
      expect(asked.text).not.toContain('Rang twice')
      const back = await signInOn(agent, asked)
      expect(back.status).toBe(200)
      expect(back.text).toContain('You are signed in again. Nothing was sent or changed.')
      expect(back.text).toContain('value="repair &lt;ordered&gt;"')
      expect(back.text).toMatch(
        /<textarea[^>]*name="note"[^>]*>\nRang twice,\nthen wrote<\/textarea>/
      )
      expect(await stateOf(path)).toEqual({ state: 'taken', outcome: null })
      expect(
        (
          await agent.post(`${path}/close`, [
            ...hiddenOf(back, `${path}/close`),
            ...Object.entries(words)
          ])
        ).headers.get('location')
      ).toBe('/desk')
      expect(await stateOf(path)).toEqual({ state: 'closed', outcome: 'repair <ordered>' })
    }
  )

  test('keeps its words through a wrong password', async () => {
    const { agent, path, page } = await caseInHand()
    await endSessions(agent)
    const asked = await agent.post(`${path}/close`, { _csrf: page.input('_csrf'), ...words })
    const wrong = await agent.post('/desk/sign-in', [
      ...hiddenOf(asked, '/desk/sign-in'),
      ['email', agent.staff.email],
      ['password', 'not this one']
    ])
    expect(wrong.status).toBe(401)
    expect((await signInOn(agent, wrong)).text).toContain('repair &lt;ordered&gt;')
  })

  test('shows its words to nobody else who signs in there', async () => {
    const { agent, path, page } = await caseInHand()
    await endSessions(agent)
    const asked = await agent.post(`${path}/close`, { _csrf: page.input('_csrf'), ...words })
    const other = await makeStaff(site.runtime, 'supervisor')
    const answer = await signInOn(agent, asked, other.email)
    expect(answer.headers.get('location')).toBe('/desk')
    const desk = await agent.get('/desk')
    expect(desk.text).toContain('Somebody else was signed in here when this page was opened.')
    expect(answer.text + desk.text).not.toContain('repair')
  })

  test('of the counter brings back what was taken down; files are said to be gone', async () => {
    const agent = await signIn(site, 'agent', ['parks'])
    const page = await agent.get('/desk/counter')
    await endSessions(agent)
    const body = new FormData()
    for (const [name, value] of [
      ['_csrf', page.input('_csrf')],
      ['_page', page.input('_page')],
      ['text', 'My heating has failed'],
      ['sender-name', 'Ana Díaz'],
      ['kind', 'call']
    ] as const)
      body.append(name, value)
    body.append('files', new File(['secret bytes'], 'letter.txt'))
    const asked = await agent.post('/desk/counter', body)
    expect(asked.text).toContain('Files are not kept.')
    const back = await signInOn(agent, asked)
    expect(back.text).toContain('\nMy heating has failed</textarea>')
    expect(back.text).toContain('value="Ana Díaz"')
    expect(back.text).toContain('Files are not kept: choose them again.')
    const again = new FormData()
    for (const [name, value] of [
      ...hiddenOf(back, '/desk/counter'),
      ['text', 'My heating has failed'],
      ['sender-name', 'Ana Díaz']
    ] as [string, string][])
      again.append(name, value)
    expect((await agent.post('/desk/counter', again)).headers.get('location')).toMatch(
      /^\/desk\/slips\//
    )
  })

  test('that is none of ours is not kept', async () => {
    const { agent, path } = await caseInHand()
    await endSessions(agent)
    const asked = await agent.post(`${path}/close`, { _csrf: 'made up', ...words })
    expect(asked.status).toBe(401)
    expect(asked.input('kept')).toBe('')
    expect(asked.text).toContain('After signing in you come back to the page')
  })
})

test('what was chosen from a list is said as the list said it', () => {
  const chosen = (fields: [string, string][]) =>
    sortFields(
      { action: '/desk/counter', fields },
      { agency: site.runtime.agency(), names: new Map([['staff:1', 'Ben Okafor']]) }
    ).chosen.map(({ label, value }) => `${label}: ${value}`)
  expect(
    chosen([
      ['department', 'parks'],
      ['departments', 'streets'],
      ['department', 'gone'],
      ['language', 'es'],
      ['language', 'not a tag'],
      ['role', 'agent'],
      ['mention', '1'],
      ['how', 'reached']
    ])
  ).toEqual([
    'Department: Parks and Recreation',
    'Department: Streets and Sidewalks',
    'Department: gone',
    'Language: Spanish',
    'Language: not a tag',
    'Role: agent',
    'For: Ben Okafor',
    'How: Reached them'
  ])
})

describe('a form that meets a failure of ours', () => {
  const reason = 'Half <a> thought'

  test('comes back with its words, and does its work from there', async () => {
    const { agent, path, page } = await caseInHand()
    const { db } = site.runtime
    await sql`create function fail() returns trigger language plpgsql as
      $$ begin raise exception 'out of order'; end $$`.execute(db)
    await sql`create trigger fail before update on cases for each row
      execute function fail()`.execute(db)
    const back = await agent.post(`${path}/return`, { _csrf: page.input('_csrf'), reason })
    await sql`drop trigger fail on cases`.execute(db)
    await sql`drop function fail`.execute(db)
    expect(back.status).toBe(500)
    expect(back.text).toContain('Something failed on our side')
    expect(back.text).not.toContain('Nothing was sent or changed')
    expect(back.text).toContain('\nHalf &lt;a&gt; thought</textarea>')
    const again = [...hiddenOf(back, `${path}/return`), ['reason', reason]] as [string, string][]
    expect((await agent.post(`${path}/return`, again)).headers.get('location')).toBe('/desk')
    expect(await stateOf(path)).toMatchObject({ state: 'waiting' })
  })

  test('does so even where nobody can say who it is from, and never for words of nobody', async () => {
    const { agent, path, page } = await caseInHand()
    const { db } = site.runtime
    await sql`alter table staff_sessions rename to away`.execute(db)
    const back = await agent.post(`${path}/return`, { _csrf: page.input('_csrf'), reason })
    const forged = await agent.post(`${path}/return`, { _csrf: 'forged', reason })
    const wordless = await agent.post(`${path}/return`, { _csrf: page.input('_csrf') })
    await sql`alter table away rename to staff_sessions`.execute(db)
    expect(back.status).toBe(500)
    expect(back.text).toContain('\nHalf &lt;a&gt; thought</textarea>')
    for (const other of [forged, wordless]) {
      expect(other.status).toBe(500)
      expect(other.text).not.toContain('Not sent yet')
      expect(other.text).not.toContain('thought')
    }
    const again = [...hiddenOf(back, `${path}/return`), ['reason', reason]] as [string, string][]
    expect((await agent.post(`${path}/return`, again)).headers.get('location')).toBe('/desk')
  })
})

describe('a form of an earlier session', () => {
  test('of the same person comes back with its words and the true reason', async () => {
    const { agent, path, page } = await caseInHand()
    await agent.post('/desk/sign-out', { _csrf: page.input('_csrf') })
    expect((await signInOn(agent, await agent.get('/desk/sign-in'))).status).toBe(303)
    const back = await agent.post(`${path}/return`, {
      _csrf: page.input('_csrf'),
      reason: 'Half a thought'
    })
    expect(back.status).toBe(403)
    expect(back.text).toContain(
      'You signed out and in again after the page of this form was opened.'
    )
    expect(back.text).toContain('\nHalf a thought</textarea>')
    expect(await stateOf(path)).toMatchObject({ state: 'taken' })
    expect(
      (
        await agent.post(`${path}/return`, [
          ...hiddenOf(back, `${path}/return`),
          ['reason', 'Half a thought']
        ])
      ).headers.get('location')
    ).toBe('/desk')
    expect(await stateOf(path)).toMatchObject({ state: 'waiting' })
  })

  test('of somebody else is refused without a word of it', async () => {
    const { agent, path, page } = await caseInHand()
    const other = await signIn(site, 'agent', ['parks'])
    agent.cookies.set('evenhand-session', other.cookies.get('evenhand-session')!)
    const answer = await agent.post(`${path}/return`, {
      _csrf: page.input('_csrf'),
      reason: 'Half a thought'
    })
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('Somebody else was signed in here when this page was opened.')
    expect(answer.text).not.toContain('Half a thought')
  })

  test('from another site shows nothing and does nothing', async () => {
    const { agent, path } = await caseInHand()
    const answer = await agent.post(`${path}/return`, { _csrf: 'x~y', reason: 'planted' })
    expect(answer.status).toBe(403)
    expect(answer.text).not.toContain('planted')
    expect(answer.text).toContain('Nothing was sent or changed. Load the page again.')
  })
})

describe('what is kept', () => {
  const key = randomBytes(32)
  const unsent = (value: string): Unsent => ({
    staffId: 'a',
    action: '/desk/cases/1/close',
    fields: [['note', value]],
    at: Date.now()
  })

  test('opens for its key alone, unchanged, within a working day', () => {
    const sealed = seal(unsent('words'), key)!
    expect(unseal(sealed, key)).toMatchObject({
      staffId: 'a',
      action: '/desk/cases/1/close',
      fields: [['note', 'words']]
    })
    expect(unseal(sealed, randomBytes(32))).toBeUndefined()
    expect(unseal(`${sealed.slice(0, -2)}AA`, key)).toBeUndefined()
    expect(unseal(sealed, key, Date.now() + 12.1 * 3_600_000)).toBeUndefined()
    expect(unseal('', key)).toBeUndefined()
    expect(sealed).not.toContain('words')
  })

  test('has a bound', () => {
    expect(seal(unsent('a'.repeat(1_000_000)), key)).toBeDefined()
    expect(seal(unsent(randomBytes(600_000).toString('base64')), key)).toBeUndefined()
  })

  test('never holds a password', async () => {
    const { agent, path, page } = await caseInHand()
    await agent.post('/desk/sign-out', { _csrf: page.input('_csrf') })
    await signInOn(agent, await agent.get('/desk/sign-in'))
    expect(
      (
        await agent.post(`${path}/return`, {
          _csrf: page.input('_csrf'),
          reason: 'why',
          password: 'hunter2 hunter2'
        })
      ).text
    ).not.toContain('hunter2')
  })

  test.each([
    [
      '/desk/cases/0197a1b2-0000-7000-8000-000000000000/close',
      '/desk/cases/0197a1b2-0000-7000-8000-000000000000'
    ],
    ['/desk/quarantine/x/release?page=2', '/desk/quarantine?page=2'],
    ['/desk/staff/x/link', '/desk/staff'],
    ['/desk/departments/parks/take', '/desk'],
    ['/desk/counter', '/desk/counter']
  ])('of %s was typed at %s', (action, page) => {
    expect(pageOf(action)).toBe(page)
  })
})
