/** Who wrote what a colleague passed on, by the API. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { apiCaller, type ApiCaller } from '../../helpers/api.ts'
import { contactRow, emptyLine, stand, town, type Stood } from '../../helpers/contacts.ts'
import { openSite, type Site } from '../../helpers/site.ts'

let site: Site
let parks: ApiCaller
let stood: Stood
beforeAll(async () => {
  site = await openSite()
  parks = await apiCaller(site, ['line:serve:parks'])
})
beforeEach(async () => {
  stood = await stand(site.runtime, {
    to: town('parks'),
    text: `Please look. ${crypto.randomUUID()}`,
    sender: { name: 'Max', emails: ['max@willowcreek.example'] },
    evidence: { originator: { name: 'Ana Ruiz', email: 'ana@oak.example' } }
  })
})
afterEach(() => emptyLine(site.runtime))
afterAll(() => site.close())

const listed = async (key = parks) => (await key.get('/v1/lines/parks/originators')).json
const decide = (decision: string, key = parks) =>
  key.post(`/v1/cases/${stood.caseId}/contacts/${stood.contactId}/originator`, { decision })

test('a suggestion is listed, accepted and taken back', async () => {
  const suggestion = {
    contactId: stood.contactId,
    receipt: stood.receipt,
    caseId: stood.caseId,
    department: 'parks',
    originator: { name: 'Ana Ruiz', email: 'ana@oak.example' },
    sender: { name: 'Max', emails: ['max@willowcreek.example'] }
  }
  expect((await listed()).contacts).toMatchObject([suggestion])
  expect((await decide('accepted')).json).toMatchObject({
    originator: { said: 'accepted' },
    sender: { name: 'Ana Ruiz', emails: ['ana@oak.example'] }
  })
  expect((await listed()).contacts).toEqual([])
  expect((await decide('accepted')).json.code).toBe('LINK_UNKNOWN')
  const shown = (await parks.get(`/v1/cases/${stood.caseId}`)).json
  expect(shown.events.at(-1)).toMatchObject({ kind: 'contact.attributed' })
  expect((await decide('taken-back')).json).toMatchObject({ sender: suggestion.sender })
  expect((await listed()).contacts).toMatchObject([suggestion])
})

test('a key of another department sees none of it, and decides nothing', async () => {
  const water = await apiCaller(site, ['line:serve:water'])
  expect((await listed(water)).code).toBeDefined()
  expect((await decide('accepted', water)).json.code).toBe('CASE_UNKNOWN')
  const { envelope } = await contactRow(site.runtime, stood.contactId)
  expect(envelope!.sender.emails).toEqual(['max@willowcreek.example'])
})

test('a contact of another case is none of this one', async () => {
  const other = await stand(site.runtime, { to: town('parks'), text: crypto.randomUUID() })
  const path = `/v1/cases/${stood.caseId}/contacts/${other.contactId}/originator`
  expect((await parks.post(path, { decision: 'accepted' })).json.code).toBe('NOT_FOUND')
})
