import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openSite, Visitor, type Site } from '../helpers/site.ts'
import { signIn } from '../helpers/staff.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

describe('a page that tells somebody who is signed in of a refusal', () => {
  test.each([
    ['/desk/quarantine', 403],
    ['/desk/staff', 403],
    ['/desk/nothing-here', 404],
    ['/desk/cases/x', 404]
  ])('%s keeps their name and where they can go, and lets them sign out', async (path, status) => {
    const agent = await signIn(site, 'agent', ['general'])
    const page = await agent.get(path)
    expect(page.status).toBe(status)
    expect(page.text).toContain(`<span class="who">${agent.staff.name}</span>`)
    expect(page.text).toContain('<a href="/desk/people"')
    expect(page.text).not.toContain('<a href="/desk/staff"')
    expect((await agent.post('/desk/sign-out', { _csrf: page.input('_csrf') })).status).toBe(303)
    expect((await agent.get('/desk')).status).toBe(303)
  })

  test('names nobody where nobody is signed in', async () => {
    const page = await new Visitor(site.url).get('/desk/nothing-here')
    expect([
      page.status,
      page.text.includes('Sign out'),
      page.text.includes('/desk/people')
    ]).toEqual([404, false, false])
  })
})
