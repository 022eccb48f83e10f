/** A subject or a name of a stranger turns nothing around on our pages, and is kept as it came. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { contactRow, stand, take, type Stood } from '../../helpers/contacts.ts'
import { openSite, type Site } from '../../helpers/site.ts'
import { signIn, type SignedIn } from '../../helpers/staff.ts'

let site: Site
let agent: SignedIn
let stood: Stood
beforeAll(async () => {
  site = await openSite()
  agent = await signIn(site, 'agent', ['parks'])
  stood = await stand(site.runtime, {
    subject: 'The \u202Egniws\u200B is broken',
    text: '\u2067It has\nno seat\u202E.',
    sender: { name: 'Ana \u202Ezurc', emails: ['ana@people.example'] }
  })
  await take(site.runtime, `staff:${agent.staff.id}`)
})
afterAll(() => site.close())

async function search() {
  const page = await agent.get('/desk/search')
  return agent.post('/desk/search', { _csrf: page.input('_csrf'), q: 'broken' })
}

test.each([
  ['the first page', () => agent.get('/desk')],
  ['its case', () => agent.get(`/desk/cases/${stood.caseId}`)],
  ['what a search finds', search]
])('%s shows the letters in their order', async (_what, open) => {
  const { status, text } = await open()
  expect(status).toBe(200)
  expect(text).toContain('The gniws is broken')
  expect(text).not.toMatch(/[\u202D\u202E\u200B]/)
})

test('the stored words are as they came', async () => {
  const { envelope } = await contactRow(site.runtime, stood.contactId)
  expect(envelope).toMatchObject({
    subject: 'The \u202Egniws\u200B is broken',
    text: '\u2067It has\nno seat\u202E.',
    sender: { name: 'Ana \u202Ezurc' }
  })
})
