/** What a case shows at once, whatever there is to do on it: the conversation, the reply, the next. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { keepDraft } from '../../core/replies/drafts.ts'
import { sendReply } from '../../core/replies/send.ts'
import { newId } from '../../platform/ids.ts'
import { findBarriers, look, openBrowser, overflows } from '../helpers/browser.ts'
import { stand, take, town, type Stood } from '../helpers/contacts.ts'
import { takeSeat, type Seat } from '../helpers/office.ts'
import { openSite, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let agent: Seat
let busy: Stood
let other: Stood
beforeAll(async () => {
  ;[site, browser] = await Promise.all([openSite({ PUBLIC_URL: '' }), openBrowser()])
  agent = await takeSeat(site, browser, { role: 'agent', departments: ['parks'] })
  for (let held = 0; held < 2; held += 1) other = await inHand(`Bench ${held}`)
  busy = await inHand('Broken swing')
  await fill(busy)
  await stand(site.runtime, { text: `Somebody waits, by number ${randomUUID()}.` })
})
afterAll(async () => {
  await browser.close()
  await site.close()
})

const actor = () => `staff:${agent.staff.id}`

async function inHand(subject: string): Promise<Stood> {
  const text = `${subject}, by number ${randomUUID()}.\n\n${'The chain hangs down. '.repeat(20)}`
  const sender = { name: 'Rosa Delgado', emails: [`${randomUUID()}@people.example`] }
  const stood = await stand(site.runtime, { subject, text, sender, to: town('parks') })
  await take(site.runtime, actor())
  return stood
}

/** Two calls to make, and two windows with long drafts. */
async function fill({ caseId, contactId }: Stood): Promise<void> {
  const call = { caseId, contactId, actor: actor(), way: 'call', typed: true } as const
  for (const address of ['217-555-0142', '217-555-0177'])
    await sendReply(site.runtime, {
      ...call,
      replyId: newId(),
      address,
      name: undefined,
      language: 'en',
      subject: '',
      text: 'We mend it on Thursday.'
    })
  const key = { caseId, author: actor(), kind: 'reply' } as const
  for (const words of ['We come on Thursday. ', 'We come on Friday. '])
    await keepDraft(site.runtime.db, {
      ...key,
      version: 0,
      becomes: newId(),
      fields: { text: words.repeat(30) }
    })
}

/** Whether the beginning of an element is on the screen, and covered by nothing. */
const seen = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const { left, top } = element.getBoundingClientRect()
      const on = element.ownerDocument.elementFromPoint(left + 4, top + 4)
      return on !== null && (element.contains(on) || on.contains(element))
    })

const talkHeight = 'document.querySelector(".talk").clientHeight'
const filled = `[...document.querySelectorAll('.button.primary')].filter((one) => one.checkVisibility()).length`

test.each([
  ['1280 by 900', { width: 1280, height: 900 }, '', '#latest'],
  [
    '1440 by 900, looking at the reply',
    { width: 1440, height: 900 },
    '?preview=1#preview',
    '#preview'
  ],
  ['1920 by 1080', { width: 1920, height: 1080 }, '', '#latest']
])(
  'with duties, drafts of two windows and many cases held, %s has room for the conversation',
  async (name, viewport, query, newest) => {
    const { page } = agent
    await page.setViewportSize(viewport)
    await page.goto(`/desk/cases/${busy.caseId}${query}`)
    await look(page, `case-screen-${name}`)
    expect(await page.evaluate(talkHeight)).toBeGreaterThanOrEqual(400)
    for (const part of [
      newest,
      '#reply-to',
      '#answer',
      'button[value="send-close"]',
      '[data-key="n"]'
    ])
      expect([part, await seen(page, part)]).toEqual([part, true])
    expect(await page.evaluate(filled)).toBe(1)
    expect([await findBarriers(page), await overflows(page)]).toEqual([[], false])
  }
)

test('on a low screen the reply unfolds when somebody goes into it, and leaves the room before', async () => {
  const { page } = agent
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(`/desk/cases/${other.caseId}`)
  expect(await page.evaluate(talkHeight)).toBeGreaterThanOrEqual(400)
  expect(await seen(page, '#reply-to')).toBe(false)
  for (const part of ['#answer', 'button[value="send-close"]'])
    expect([part, await seen(page, part)]).toEqual([part, true])
  expect([await findBarriers(page), await overflows(page)]).toEqual([[], false])
  await page.locator('#answer').click()
  expect(await seen(page, '#reply-to')).toBe(true)
  await page.keyboard.type('We look')
  await page.locator('h1').click()
  expect(await seen(page, '#reply-to')).toBe(true)
  await page.locator('#answer').fill('')
})

test('the address of a letter has the lines of an envelope, and shows all that was typed', async () => {
  const { page } = agent
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`/desk/cases/${other.caseId}`)
  await page.getByLabel('To', { exact: true }).selectOption('other')
  await page.locator('[name="otherWay"]').selectOption('letter')
  const field = page.locator('[name="otherAddress"]')
  await field.fill('Rosa Delgado\nApartment 3\n12 Alder Lane\nWillow Creek\nIL 62001')
  const isWhole = () => field.evaluate((one) => one.scrollHeight <= one.clientHeight + 1)
  expect(await isWhole()).toBe(true)
  // On a low screen only while nobody is writing: the words have the room of two lines then.
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.locator('#answer').fill('We look at it.\nOn Monday.\nYours')
  expect(await isWhole()).toBe(false)
  expect(await page.locator('#answer').evaluate((one) => one.clientHeight)).toBeGreaterThan(55)
  await look(page, 'letter-800')
  await field.click()
  expect(await isWhole()).toBe(true)
})

test('what is to do is said at the top, and opens from the list of the desk', async () => {
  const { page } = agent
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`/desk/cases/${busy.caseId}`)
  expect(await page.getByRole('button', { name: 'Settle it' }).count()).toBe(0)
  await page.getByRole('link', { name: '2 to do' }).click()
  expect(await seen(page, '#duties')).toBe(true)
  await page.goto('/desk')
  expect(await seen(page, '[data-key="n"]')).toBe(true)
  await page.getByRole('link', { name: 'Broken swing' }).last().click()
  await page.getByRole('button', { name: 'Settle it' }).waitFor()
  expect(await page.getByRole('button', { name: 'Settle it' }).count()).toBe(1)
})

test('the field of the reply grows as words are typed, and not before', async () => {
  const { page } = agent
  await page.goto(`/desk/cases/${busy.caseId}`)
  const height = () => page.locator('#answer').evaluate((field) => field.clientHeight)
  const before = await height()
  await page.locator('#answer').press('End')
  await page.keyboard.type('More.')
  expect(await height()).toBeGreaterThan(before)
  const talk = () => page.evaluate<number>(talkHeight)
  const withReply = await talk()
  await page.locator('summary[data-key="i"]').click()
  expect(await page.locator('#answer').isVisible()).toBe(false)
  expect(await page.getByLabel(/^Note for staff \(/).isVisible()).toBe(true)
  expect(await talk()).toBeGreaterThan(withReply)
})

test('on a phone a case that is not in hand leads to the next one', async () => {
  const { page } = agent
  await page.setViewportSize({ width: 390, height: 844 })
  await site.runtime.line.close(other.caseId, actor(), 'done', { reason: 'seen to' })
  await page.goto(`/desk/cases/${other.caseId}`)
  const next = page.locator('.dock').getByRole('button', { name: 'Take next' })
  expect(await seen(page, '.dock button')).toBe(true)
  expect([await findBarriers(page), await overflows(page)]).toEqual([[], false])
  await next.click()
  await page.getByText('This is the next case.').waitFor({ state: 'attached' })
})

test('the browser had nothing to complain about', () => {
  expect(agent.complaints).toEqual([])
})
