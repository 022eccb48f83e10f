/** A mail that a colleague passed on: who wrote it is suggested, and a person says whether it is so. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { verifyAudit } from '../../../../core/audit/verify.ts'
import { contactRow, emptyLine, stand, town, type Stood } from '../../../helpers/contacts.ts'
import { openSite, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let agent: SignedIn
let stood: Stood
let path: string
let action: string
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())
beforeEach(async () => {
  agent = await signIn(site, 'agent', ['streets'])
  await emptyLine(site.runtime, 'streets')
  stood = await stand(site.runtime, {
    to: town('streets'),
    subject: 'Fwd: Light',
    text: `Please look. ${crypto.randomUUID()}`,
    sender: { name: 'Max', emails: ['max@willowcreek.example'] },
    evidence: { originator: { name: 'Ana Ruiz', email: 'ana@oak.example' } }
  })
  const token = (await agent.get('/desk')).input('_csrf')
  const answer = await agent.post('/desk/departments/streets/take', { _csrf: token })
  path = answer.headers.get('location')!
  action = `${path}/contacts/${stood.contactId}/originator`
})

const say = async (said: string) =>
  agent.post(action, { _csrf: (await agent.get(path)).input('_csrf'), said })
const row = () => contactRow(site.runtime, stood.contactId)

test('accepted, it is from its author, whom a reply goes to; who passed it on stays told', async () => {
  expect((await agent.get(path)).text).toContain('written by <bdi>Ana Ruiz, ana@oak.example</bdi>')
  await say('accepted')
  const page = await agent.get(path)
  expect(page.text).toContain('It is from that person now.')
  expect(page.text).toMatch(/Passed on by<\/dt><dd>Max, max@willowcreek\.example/)
  expect(page.text).toContain('Take that back</button>')
  expect(page.text).toMatch(/<option[^>]*selected[^>]*>[^<]*ana@oak\.example/)
  const { envelope, trail } = await row()
  expect(envelope!.sender).toMatchObject({ name: 'Ana Ruiz', emails: ['ana@oak.example'] })
  expect(trail.at(-1)).toMatchObject({ step: 'sender', verdict: 'accepted' })
})

const history = async () => /<h2 id="events">.*/s.exec((await agent.get(path)).text)![0]

test('taken back, it is as it was, and the history tells both, with who said so', async () => {
  await say('accepted')
  expect(await history()).toContain('said to be written by whom its text names, Test agent')
  await say('taken-back')
  const page = await agent.get(path)
  expect(page.text).toContain('It is as before')
  expect(page.text).toContain('Nobody has checked it.')
  expect(page.text).not.toContain('Passed on by</dt>')
  expect((await row()).envelope).toMatchObject({
    sender: { name: 'Max', emails: ['max@willowcreek.example'] },
    evidence: { originator: { name: 'Ana Ruiz', email: 'ana@oak.example' } }
  })
  expect((await row()).envelope!.evidence).not.toHaveProperty('passedOnBy')
  const told = await history()
  expect(told).toContain('said to be written by whom its text names')
  expect(told).toContain('what was said of its writer was taken back, Test agent')
  await say('taken-back')
  expect((await agent.get(path)).text).toContain('There is no such link')
  await say('accepted')
  expect((await row()).envelope!.sender.emails).toEqual(['ana@oak.example'])
})

test('a refusal is taken back, too', async () => {
  await say('refused')
  expect((await agent.get(path)).text).toContain('a person said that it is not from them')
  await say('taken-back')
  expect((await agent.get(path)).text).toContain('It is from them</button>')
})

test('refused, nothing but the suggestion is gone', async () => {
  await say('refused')
  expect((await agent.get(path)).text).not.toContain('Nobody has checked it.')
  expect((await row()).envelope!.sender.emails).toEqual(['max@willowcreek.example'])
})

test('it is decided once, and the ledger says what the contact says', async () => {
  await say('refused')
  await say('accepted')
  expect((await row()).envelope!.sender.emails).toEqual(['max@willowcreek.example'])
  const { problems } = await verifyAudit(site.runtime.db)
  expect(problems.filter((problem) => !problem.startsWith('account'))).toEqual([])
})
