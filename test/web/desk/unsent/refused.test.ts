/** What was typed into a form that was refused is there again, wherever on the desk it stood. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { emptyLine, stand, town, type Stood } from '../../../helpers/contacts.ts'
import { openSite, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let agent: SignedIn
let supervisor: SignedIn
let stood: Stood
let path: string
beforeAll(async () => {
  site = await openSite()
  agent = await signIn(site, 'agent', ['streets'])
  supervisor = await signIn(site, 'supervisor', ['streets'])
})
afterAll(() => site.close())
beforeEach(async () => {
  await emptyLine(site.runtime, 'streets')
  stood = await stand(site.runtime, {
    to: town('streets'),
    text: `A hole in Elm Street ${randomUUID()}`,
    sender: { name: 'Rosa Delgado', emails: ['rosa@people.example'] }
  })
  const token = (await agent.get('/desk')).input('_csrf')
  await agent.post('/desk/departments/streets/take', { _csrf: token })
  path = `/desk/cases/${stood.caseId}`
})

const words = 'She <knows> the corner'
const asTyped = /name="reason"[^>]*(?:value="|>\n)She &lt;knows&gt; the corner/

/** Sends a form as from a page that was opened before. */
async function send(who: SignedIn, action: string, fields: Record<string, string> = {}) {
  const token = (await who.get('/desk')).input('_csrf')
  return who.post(action, { _csrf: token, reason: words, ...fields })
}

describe('giving a case back for its holder, who has done it meanwhile', () => {
  const fields = () => ({ holder: `staff:${agent.staff.id}` })
  beforeEach(() => site.runtime.line.giveBack(stood.caseId, `staff:${agent.staff.id}`, 'done'))

  test('on the page of the case', async () => {
    const page = await send(supervisor, `${path}/free`, { ...fields(), back: 'case' })
    expect([page.status, asTyped.test(page.text)]).toEqual([409, true])
    expect(page.text).toContain('Not done')
  })

  test('in the list of held cases', async () => {
    const page = await send(supervisor, `${path}/free`, { ...fields(), back: 'held' })
    expect([page.status, asTyped.test(page.text)]).toEqual([409, true])
    expect(page.text).toContain('href="/desk/held"')
    expect(page.text).toContain('Nothing was sent or changed.')
    const empty = await send(supervisor, `${path}/free`, { ...fields(), back: 'held', reason: ' ' })
    expect(empty.headers.get('location')).toBe('/desk/held')
  })
})

test.each(['join', 'decline'])('a suggestion that is gone: %s', async (verb) => {
  const page = await send(agent, `${path}/links/999999/${verb}`)
  expect([page.status, asTyped.test(page.text)]).toEqual([404, true])
  expect(page.text).toContain('<h1>A hole in Elm Street')
})

test('taking a contact apart that is part of the case no more', async () => {
  const page = await send(agent, `${path}/contacts/${randomUUID()}/apart`)
  expect([page.status, asTyped.test(page.text)]).toEqual([409, true])
})

describe('who a contact is from', () => {
  const who = () => `/desk/who/${stood.contactId}/sender`

  test('a link that a colleague took back before', async () => {
    const page = await send(agent, `${who()}/links/999999/undo`)
    expect([page.status, asTyped.test(page.text)]).toEqual([404, true])
    expect(page.text).toContain(`href="${who()}"`)
  })

  test('somebody new of whom nothing is given: it can be mended and sent', async () => {
    const fields = { person: 'new', name: '', phone: '', email: '' }
    const page = await send(agent, who(), fields)
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(page.text).toContain('name="name" type="text" dir="auto"')
    expect(page.text).toMatch(asTyped)
    expect(page.text).toContain('<button class="button primary" type="submit">')
  })
})

test('a person on record: a link that is gone', async () => {
  const { rows } = await sql<{ id: string }>`select constituent_id as id from constituent_links
    where contact_id = ${stood.contactId}`.execute(site.runtime.db)
  const page = await send(agent, `/desk/people/${rows[0]!.id}/links/999999/undo`)
  expect([page.status, asTyped.test(page.text)]).toEqual([404, true])
})

test('a letter that was taken out of its campaign before', async () => {
  const { rows } = await sql<{ id: string }>`insert into campaigns default values
    returning id`.execute(site.runtime.db)
  await sql`insert into campaign_members (contact_id, campaign_id, joined_by, joined_why)
    values (${stood.contactId}, ${rows[0]!.id}, 'staff:ann', 'one')`.execute(site.runtime.db)
  const page = await send(agent, `/desk/campaigns/${rows[0]!.id}/letters/${randomUUID()}/out`)
  expect([page.status, asTyped.test(page.text)]).toEqual([404, true])
})

test('a recording that a colleague wrote down first', async () => {
  const clerk = await signIn(site, 'mailroom', [])
  const token = (await clerk.get('/desk/transcribe')).input('_csrf')
  const action = `/desk/transcribe/${stood.contactId}/unreadable`
  const page = await clerk.post(action, { _csrf: token, reason: words })
  expect([page.status, asTyped.test(page.text)]).toEqual([409, true])
})
