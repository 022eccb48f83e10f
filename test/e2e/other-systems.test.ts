import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import type { Browser, Page } from 'playwright-core'
import { Registry } from 'prom-client'
import { api } from '../../channels/api/index.ts'
import { addKey, rotateKey } from '../../core/access/api-keys.ts'
import { registerChannels } from '../../channels/register.ts'
import { tellDepartment } from '../../core/webhooks/deliver.ts'
import { openLine } from '../../core/webhooks/store.ts'
import { openWeb } from '../../web/open-web.ts'
import { findBarriers, openBrowser, overflows, sizes, watchComplaints } from '../helpers/browser.ts'
import { standMany } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { openReceiver, withWebhooks, type Receiver } from '../helpers/receiver.ts'
import { listen } from '../helpers/site.ts'
import { makeStaff, password } from '../helpers/staff.ts'

let runtime: TestRuntime
let receiver: Receiver
let browser: Browser
let site: { url: string; close(): Promise<void> }
beforeAll(async () => {
  const plain = await createTestRuntime()
  receiver = await openReceiver()
  runtime = withWebhooks(plain, {
    parks: { url: receiver.url },
    water: { url: receiver.url },
    clerk: { url: receiver.url }
  })
  site = await listen(openWeb(runtime, registerChannels(runtime, [api]), new Registry()).app)
  browser = await openBrowser()
  const { id } = await addKey(
    runtime.db,
    {
      name: "The parks department's work order system of 2019",
      scopes: ['contacts:write', 'line:serve:parks', 'line:read:*']
    },
    'staff:ann'
  )
  await rotateKey(runtime.db, id, 'staff:ann')
  for (const department of ['parks', 'water']) await openLine(runtime.db, department)
  await standMany(runtime, 3)
  await standMany(runtime, 2, 'water')
  receiver.answer = ({ events }) => (events[0]!.data!.department === 'water' ? 410 : 422)
  for (let n = 0; n < 5; n++) {
    await sql`update webhook_lines set due_at = now()`.execute(runtime.db)
    for (const department of ['parks', 'water']) await tellDepartment(runtime, department)
  }
})
afterAll(async () => {
  await browser.close()
  await site.close()
  await receiver.close()
  await runtime.remove()
})

async function openPage(size: keyof typeof sizes): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    baseURL: site.url,
    locale: 'en-US',
    viewport: sizes[size]
  })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const complaints = watchComplaints(page)
  const staff = await makeStaff(runtime, 'admin', ['parks'])
  await page.goto('/desk')
  await page.getByLabel('E-mail address').fill(staff.email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Desk', level: 1 }).waitFor()
  return { page, complaints }
}

const pages: [what: string, open: (page: Page) => Promise<unknown>][] = [
  ["the API's description", (page) => page.goto('/v1/docs')],
  [
    "a part of the API's description",
    async (page) => {
      await page.goto('/v1/docs')
      // Every part is made by one template; axe takes half a minute for all of them.
      await page.evaluate(
        'for (const more of document.querySelectorAll("article:nth-of-type(n+2), h3:nth-of-type(n+3) ~ .scroll, section h3:nth-of-type(n+3), dt:nth-of-type(n+6), dd:nth-of-type(n+6)")) more.remove()'
      )
    }
  ],
  ['keys', (page) => page.goto('/desk/keys')],
  [
    'a key with problems',
    async (page) => {
      await page.goto('/desk/keys')
      await page.getByLabel('The other system').fill('Nothing')
      await page.getByRole('button', { name: 'Add and show its secret' }).click()
      await page.getByRole('alert').waitFor()
    }
  ],
  [
    'a secret',
    async (page) => {
      await page.goto('/desk/keys')
      await page.getByLabel('The other system').fill('Chat')
      await page.getByText('Hands in contacts', { exact: true }).click()
      await page.getByRole('button', { name: 'Add and show its secret' }).click()
      await page.getByLabel('Secret').waitFor()
    }
  ],
  ['webhooks', (page) => page.goto('/desk/webhooks')]
]

describe.each(['desktop', 'phone'] as const)('on a %s', (size) => {
  let opened: Awaited<ReturnType<typeof openPage>>
  beforeAll(async () => {
    opened = await openPage(size)
  })
  afterAll(() => opened.page.context().close())

  test.each(pages)('%s can be used by everyone, and nothing is cut off', async (what, open) => {
    const { page, complaints } = opened
    await open(page)
    // What a screen reader and a keyboard meet is the same on both; the phone has the narrower
    // page.
    if (size === 'phone' && what !== "the API's description")
      expect(await findBarriers(page)).toEqual([])
    expect(await overflows(page)).toBe(false)
    expect(complaints.filter((one) => !/favicon|status of 422/.test(one))).toEqual([])
  })
})
