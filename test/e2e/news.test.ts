/** A message that comes while the page of its case is open, told before anything is sent. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { findBarriers, look, openBrowser, overflows, sizes } from '../helpers/browser.ts'
import { stand, take, tokenFor, town } from '../helpers/contacts.ts'
import { takeSeat, type Seat } from '../helpers/office.ts'
import { openSite, type Site } from '../helpers/site.ts'
import { signIn } from '../helpers/staff.ts'

let site: Site
let browser: Browser
let agent: Seat
beforeAll(async () => {
  ;[site, browser] = await Promise.all([openSite(), openBrowser()])
  agent = await takeSeat(site, browser, { role: 'agent', departments: ['parks'] })
})
afterAll(async () => {
  await browser.close()
  await site.close()
})

const rosa = { name: 'Rosa Delgado', emails: ['rosa@people.example'] }

test('the page says when it came, and one press shows it beside the words typed', async () => {
  const first = await stand(site.runtime, { to: town('parks'), subject: 'A swing', sender: rosa })
  await take(site.runtime, `staff:${agent.staff.id}`)
  const { page } = agent
  await page.goto(`/desk/cases/${first.caseId}`)
  const news = page.getByText('A new message came at')
  expect(await news.isVisible()).toBe(false)
  await page.locator('#answer').fill('We mend it on Thursday.')
  await stand(site.runtime, {
    to: town('parks'),
    tokens: [tokenFor(site.runtime, first.receipt)],
    text: 'Now the chain is gone too.',
    sender: rosa
  })
  await news.waitFor()
  expect(await page.locator('[data-news][role="status"]').textContent()).toMatch(
    /^A new message came at \d{1,2}:\d\d [AP]M\. Show it$/
  )
  for (const [name, size] of Object.entries(sizes)) {
    await page.setViewportSize(size)
    await look(page, `news-${name}`)
    expect([await findBarriers(page), await overflows(page)]).toEqual([[], false])
  }
  await page.getByRole('link', { name: 'Show it' }).click()
  await page.getByText('Now the chain is gone too.').first().waitFor()
  expect(await page.locator('#answer').inputValue()).toBe('We mend it on Thursday.')
  expect(await news.isVisible()).toBe(false)
})

test('that a way is not set up is said where it is chosen, and not of the others', async () => {
  const { caseId } = await stand(site.runtime, {
    to: town('parks'),
    sender: { ...rosa, phones: ['+12175550142'] }
  })
  await take(site.runtime, `staff:${agent.staff.id}`)
  const { page } = agent
  await page.setViewportSize(sizes.desktop)
  await page.goto(`/desk/cases/${caseId}`)
  const said = () =>
    Promise.all(['mail', 'text'].map((way) => page.locator(`.filed-${way}`).isVisible()))
  await page.locator('#answer').fill('We mend it.')
  expect(await said()).toEqual([true, false])
  await page.locator('#reply-to').selectOption('text +12175550142')
  expect(await said()).toEqual([false, true])
})

test('of a case that somebody may not see they hear nothing', async () => {
  const { caseId } = await stand(site.runtime, { to: town('parks'), sender: rosa })
  const heard = async (department: string) => {
    const { cookies } = await signIn(site, 'agent', [department])
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const stream = await fetch(`${site.url}/desk/events?case=${caseId}&shown=0.`, {
      headers: { cookie }
    })
    const reader = stream.body!.getReader()
    const { value } = await reader.read()
    await reader.cancel()
    const [, data] = /^data: (.*)\n/.exec(new TextDecoder().decode(value))!
    return (JSON.parse(data!) as { news?: string }).news
  }
  expect(await heard('parks')).toEqual(expect.any(String))
  expect(await heard('streets')).toBeUndefined()
})
