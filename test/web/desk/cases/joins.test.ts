/** A case that was joined leads to the one it joined, and that one to it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newId } from '../../../../platform/ids.ts'
import { stand, town } from '../../../helpers/contacts.ts'
import { openSite, type Site } from '../../../helpers/site.ts'
import { signIn } from '../../../helpers/staff.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

test('by a link each, under what the other is about', async () => {
  const agent = await signIn(site, 'agent', ['streets'])
  const bring = (subject: string) =>
    stand(site.runtime, { to: town('streets'), subject, text: `It is dark. ${newId()}` })
  const [earlier, later] = [await bring('A lamp'), await bring('The same lamp')]
  await site.runtime.line.join({
    laterCaseId: later.caseId,
    earlierCaseId: earlier.caseId,
    actor: 'staff:ann',
    reason: 'one lamp'
  })
  const gone = (await agent.get(`/desk/cases/${later.caseId}`)).text
  expect(gone).toContain('It is answered in the case that it was joined into')
  expect(gone).toContain(`<li><a href="/desk/cases/${earlier.caseId}"><bdi>A lamp</bdi></a></li>`)
  const standing = (await agent.get(`/desk/cases/${earlier.caseId}`)).text
  expect(standing).toContain('Joined into this case')
  expect(standing).toContain(
    `<li><a href="/desk/cases/${later.caseId}"><bdi>The same lamp</bdi></a></li>`
  )
})

test('a case that a colleague holds is not joined away from them, and the page says who has to', async () => {
  const { runtime } = site
  const agent = await signIn(site, 'agent', ['streets'])
  const bring = () => stand(runtime, { to: town('streets'), text: `It is dark. ${newId()}` })
  const [own, other] = [await bring(), await bring()]
  const page = await agent.get(`/desk/cases/${own.caseId}`)
  await runtime.db
    .updateTable('cases')
    .set({ state: 'taken', taken_by: 'staff:bob' })
    .where('id', '=', other.caseId)
    .execute()
  const refused = await agent.post(`/desk/cases/${own.caseId}/join`, {
    _csrf: page.input('_csrf'),
    receipt: other.receipt,
    reason: 'one lamp'
  })
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('The other case is held by a colleague')
})

test('a mistyped receipt comes back in its field, to be mended and sent from there', async () => {
  const agent = await signIn(site, 'agent', ['streets'])
  const own = await stand(site.runtime, { to: town('streets'), text: `It is dark. ${newId()}` })
  const page = await agent.get(`/desk/cases/${own.caseId}`)
  const refused = await agent.post(`/desk/cases/${own.caseId}/join`, {
    _csrf: page.input('_csrf'),
    receipt: '2E2CGF-XXXXXX-000000',
    reason: 'one lamp'
  })
  expect(refused.status).toBe(404)
  expect(refused.text).toContain('Check each letter and digit of the receipt.')
  expect(refused.text).toMatch(/name="receipt"[^>]* value="2E2CGF-XXXXXX-000000"/)
  expect(refused.text).toContain('Join into the earlier</button>')
})
