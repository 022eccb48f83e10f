import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { channels } from '../../channels/index.ts'
import { openDispatcher } from '../helpers/dispatcher.ts'
import { sendReply } from '../../core/replies/send.ts'
import { newId } from '../../platform/ids.ts'
import { findBarriers, openBrowser, overflows, sizes } from '../helpers/browser.ts'
import { stand, take, type Stood } from '../helpers/contacts.ts'
import { openMailServer, type MailServer } from '../helpers/mail-server.ts'
import { openSite, type Site } from '../helpers/site.ts'

let site: Site
let mails: MailServer
let browser: Browser
let answered: Stood
let silent: Stood
let waiting: Stood

const words = 'We mend the swing on Thursday.\n\nParks and Recreation'
const sender = { emails: ['rosa@people.example'], phones: ['217-555-0142'] }

beforeAll(async () => {
  mails = await openMailServer()
  site = await openSite({ PUBLIC_URL: '', MAIL_URL: mails.url })
  browser = await openBrowser()
  answered = await stand(site.runtime, { channel: 'web', sender })
  await answer(answered, { outcome: true })
  silent = await stand(site.runtime, { channel: 'web' })
  await answer(silent, { outcome: false })
  await stand(site.runtime)
  waiting = await stand(site.runtime, { channel: 'web', sender })
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await mails?.close()
})

const dispatch = (...ids: string[]) => openDispatcher(site.runtime, channels).acknowledge(ids)

async function answer({ caseId, contactId }: Stood, { outcome }: { outcome: boolean }) {
  const actor = 'staff:ann'
  await take(site.runtime, actor)
  const replyId = newId()
  await sendReply(site.runtime, {
    replyId,
    caseId,
    contactId,
    actor,
    way: 'mail',
    address: 'rosa@people.example',
    typed: false,
    name: undefined,
    language: 'en',
    subject: 'The swing',
    text: words
  })
  await dispatch(contactId)
  await site.runtime.line.close(
    caseId,
    actor,
    'Answered',
    outcome ? { outcomeId: 'reply-sent', answered: {} } : {}
  )
}

/** The code of the last message to an address. */
async function codeFor(contactId: string, to: string): Promise<string> {
  await dispatch(contactId)
  const codes = mails.taken
    .filter((taken) => taken.to.includes(to))
    .flatMap(({ mail }) => /\b\d{6}\b/.exec(mail.text ?? '')?.[0] ?? [])
  return codes.at(-1)!
}

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: site.url, locale: 'en-US', ...options })
  context.setDefaultTimeout(60_000)
  return context.newPage()
}

/** The pages of an answered message, each come to as a resident does. */
const steps: readonly [what: string, step: (page: Page) => Promise<unknown>][] = [
  ['the form', (page) => page.goto('/')],
  ['a message in line', (page) => page.goto(`/r/${waiting.receipt}`)],
  [
    'an address that is none',
    async (page) => {
      await page.goto(`/r/${waiting.receipt}`)
      await page.locator('#updates summary').click()
      await page.locator('#field-updates').fill('nobody')
      await page.locator('#updates button').click()
      await page.locator('#error-updates').waitFor()
    }
  ],
  ['an answer of which no code can tell', (page) => page.goto(`/r/${silent.receipt}/answer`)],
  ['an answered message', (page) => page.goto(`/r/${answered.receipt}`)],
  ['where a code is to go', (page) => page.locator(`a[href$="/answer"]`).click()],
  ['a code to enter', (page) => page.locator('button[name="to"]').first().click()],
  [
    'a wrong code',
    async (page) => {
      await page.locator('#code').fill('12')
      await page.locator('main form button').click()
      await page.getByRole('alert').waitFor()
    }
  ],
  [
    'the answer',
    async (page) => {
      await page.locator('#code').fill(await codeFor(answered.contactId, 'rosa@people.example'))
      await page.locator('main form button').click()
      await page.waitForURL(`**/r/${answered.receipt}/answer`)
      await page.getByText('We mend the swing on Thursday.').waitFor()
    }
  ]
]

/** What is wrong with a page on a desktop and on a phone. */
async function look(page: Page, what: string): Promise<string[]> {
  const wrong: string[] = []
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    const folder = process.env['SCREENSHOTS']
    if (folder)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const name = `${size}-${colorScheme}-${what.replaceAll(' ', '-')}.png`
        await page.screenshot({ path: path.join(folder, name), fullPage: true })
      }
    wrong.push(...(await findBarriers(page)).map((one) => `${size}, ${what}: ${one}`))
    if (await overflows(page)) wrong.push(`${size}, ${what}: has to be scrolled sideways`)
  }
  return wrong
}

test.each([
  ['in Spanish without our scripts', 'es-US', false],
  ['in English with them', 'en-US', true]
] as const)(
  'a resident reads the answer %s, on a desktop and on a phone',
  async (_, locale, scripts) => {
    const page = await open({ locale })
    // Axe is a script itself: it cannot look at a page in which none may run.
    if (!scripts) await page.route('**/*.js', (route) => route.fulfill({ body: '' }))
    for (const [what, step] of steps) {
      await step(page)
      expect(await look(page, `${what} ${locale}`)).toEqual([])
    }
    await page.context().close()
  }
)

test('updates are asked for and confirmed without JavaScript', async () => {
  const page = await open({ javaScriptEnabled: false })
  await page.goto(`/r/${waiting.receipt}`)
  await page.locator('#updates summary').click()
  await page.getByLabel('Email address').fill('ana@friends.example')
  await page.getByRole('button', { name: 'Send me a code' }).click()
  await page.getByText(/code (?:to|for) a•••@friends\.example/).waitFor()
  await page
    .getByLabel('6-digit code')
    .fill(await codeFor(waiting.contactId, 'ana@friends.example'))
  await page.getByRole('button', { name: 'Confirm' }).click()
  const news = page.getByRole('status')
  expect(await news.textContent()).toContain('we write to you when something changes')
  await page.context().close()
})

/** What moved while a page was drawn, as Chromium counts it (web.dev/cls); good is below 0.1. */
const shifts = `new Promise((resolve) => {
  let sum = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
  const twice = () => requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)))
  document.fonts.ready.then(twice)
})`

describe.each(Object.entries(sizes))('at the size of a %s', (_, viewport) => {
  test.each([
    ['the form', () => '/'],
    ['a message in line', () => `/r/${waiting.receipt}`],
    ['an answered message', () => `/r/${answered.receipt}`]
  ])('%s does not move while it loads', async (_what, address) => {
    const page = await open({ viewport })
    await page.goto(address(), { waitUntil: 'load' })
    expect(await page.evaluate<number>(shifts)).toBeLessThan(0.05)
    await page.context().close()
  })
})
