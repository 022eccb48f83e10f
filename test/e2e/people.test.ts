import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { listCampaigns } from '../../core/campaigns/view.ts'
import { findBarriers, openBrowser, overflows, sizes, watchComplaints } from '../helpers/browser.ts'
import { stand } from '../helpers/contacts.ts'
import { signedBy } from '../helpers/letters.ts'
import { openSite, type Site } from '../helpers/site.ts'
import { makeStaff, password } from '../helpers/staff.ts'

let site: Site
let browser: Browser
const paths = new Map<string, string>()

beforeAll(async () => {
  site = await openSite({ PUBLIC_URL: '' })
  browser = await openBrowser()
  const { runtime } = site
  const text =
    'The playground gate on Birch Lane has been broken since the storm, and the little ones run straight onto the road. The hinge on the left is torn out of the post.'
  const first = await stand(runtime, {
    text,
    sender: {
      name: 'Omar Haddad',
      emails: ['omar@mail.example'],
      phones: ['(217) 555-0142'],
      addresses: ['12 Birch Lane, Springfield, IL 62704']
    }
  })
  await stand(runtime, {
    text: `${text} `,
    sender: { name: 'Omar Haddad', emails: ['omar@mail.example'] }
  })
  const possible = []
  for (const phone of ['(312) 555-0188', '(312) 555-0189'])
    possible.push(
      await stand(runtime, {
        text: `${text} Call me at ${phone}.`,
        sender: { emails: ['omar@mail.example'], phones: [phone] }
      })
    )
  for (const [name, own] of [
    ['Ada Byrne', 'My twins learned to read there.'],
    ['Bo Carver', ''],
    ['Cy Dunn', 'I am 82 and it is my only walk.']
  ] as const)
    await stand(runtime, signedBy(name, own))
  const {
    campaigns: [campaign]
  } = await listCampaigns(runtime.db)
  for (const [what, path] of Object.entries({
    people: '/desk/people',
    'who is this': `/desk/people/review/${possible[0]!.contactId}/sender`,
    'somebody on record': '/desk/people/1',
    thresholds: '/desk/people/thresholds',
    'a case with links': `/desk/cases/${first.caseId}`,
    campaigns: '/desk/campaigns',
    'a campaign': `/desk/campaigns/${campaign!.campaignId}`
  }))
    paths.set(what, path)
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

async function signIn(): Promise<{ page: Page; complaints: string[]; close(): Promise<void> }> {
  const context = await browser.newContext({ baseURL: site.url, locale: 'en-US' })
  const page = await context.newPage()
  const complaints = watchComplaints(page)
  const staff = await makeStaff(site.runtime, 'supervisor', ['parks'])
  await page.goto('/desk')
  await page.getByLabel('E-mail address').fill(staff.email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Desk', level: 1 }).waitFor()
  return { page, complaints, close: () => context.close() }
}

describe('pages about people and campaigns', () => {
  test.each([
    'people',
    'who is this',
    'somebody on record',
    'thresholds',
    'a case with links',
    'campaigns',
    'a campaign'
  ])('%s: no barriers, fits a phone, complains of nothing', async (what) => {
    const { page, complaints, close } = await signIn()
    const found: string[] = []
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport)
      await page.goto(paths.get(what)!)
      for (const details of await page.locator('details').all())
        await details.evaluate('(element) => { element.open = true }')
      found.push(
        ...(await findBarriers(page)).map((barrier) => `${size}: ${barrier}`),
        ...((await overflows(page)) ? [`${size}: is too wide`] : [])
      )
    }
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  test('a case names each other contact that says the same once; a surname typed there finds somebody, chosen by the keyboard alone', async () => {
    const { page, close } = await signIn()
    await page.goto(paths.get('a case with links')!)
    const named = await page.locator('section[aria-labelledby="same"] h3 a').allTextContents()
    expect(named.length).toBe(2)
    expect(new Set(named).size).toBe(2)
    const anonymous = await stand(site.runtime, {
      channel: 'postal',
      text: 'The bench by the pond has lost a plank.',
      sender: {}
    })
    await page.goto(`/desk/cases/${anonymous.caseId}`)
    await page.getByText(/^Who: nobody on record/).focus()
    for (const key of ['Enter', 'Tab', 'Enter', 'Tab']) await page.keyboard.press(key)
    await page.keyboard.type('hadd')
    await Promise.all([page.waitForURL('**/find'), page.keyboard.press('Enter')])
    const found: string[] = []
    for (const viewport of Object.values(sizes)) {
      await page.setViewportSize(viewport)
      found.push(
        ...(await findBarriers(page)),
        ...((await overflows(page)) ? [`${viewport.width} px: too wide`] : [])
      )
    }
    expect(found).toEqual([])
    await page.getByRole('radio', { name: 'Omar Haddad' }).focus()
    await page.keyboard.press('Space')
    await Promise.all([page.waitForURL('**/sender'), page.keyboard.press('Alt+Shift+S')])
    await page.getByRole('link', { name: 'The case' }).click()
    await page.getByText(/^Who: sender Omar Haddad/).click()
    await page.getByText(/^\(by .*: a person said who it is\)$/).waitFor()
    await close()
  })

  test('two people are told apart or together by the keyboard alone, in two keys each', async () => {
    const { page, close } = await signIn()
    await page.goto('/desk/people')
    let keys = 0
    const press = async (key: string) => {
      keys += 1
      await page.keyboard.press(key)
    }
    await press('Alt+Shift+N')
    await Promise.all([page.waitForURL('**/review/**'), press('Enter')])
    for (let left = 2; left > 0; left--) {
      const address = page.url()
      await press('Space')
      await Promise.all([page.waitForURL((url) => url.href !== address), press('Alt+Shift+S')])
    }
    await page.getByText('No contact waits for somebody to say who it is from.').waitFor()
    console.log(`who is who: ${keys} keys for 2 contacts`)
    expect(keys).toBeLessThanOrEqual(6)
    await close()
  })
})
