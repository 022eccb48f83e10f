import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { fromFile } from '../../channels/web/from-file.ts'
import {
  closeByKeyboard,
  findBarriers,
  openBrowser,
  overflows,
  sizes,
  isFocused,
  watchComplaints
} from '../helpers/browser.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'
import { openSite, type Site } from '../helpers/site.ts'
import { makeStaff, password } from '../helpers/staff.ts'

let site: Site
let browser: Browser
let pipeline: Pipeline
let receipt: string

beforeAll(async () => {
  site = await openSite({ PUBLIC_URL: '' })
  browser = await openBrowser()
  pipeline = openPipeline(site.runtime)
  const contact = (fields: object, more: object = {}) => ({
    ...fromFile(
      'x.json',
      Buffer.from(JSON.stringify({ form: 'contact', fields })),
      site.runtime.agency()
    ),
    ...more
  })
  const raws = [
    contact({
      topic: 'streets',
      subject: 'Lamp',
      message: 'The street lamp at Main Street 5 is out.\nIt has been dark since Monday.',
      name: 'Ana Ruiz',
      email: 'ana@example.com',
      phone: '555 010 0000'
    }),
    ...['A second matter', 'The bridge is icy', 'Who paints the crossings?'].map((message) =>
      contact({ topic: 'streets', message })
    ),
    contact({}, { bytes: Buffer.from('broken'), mediaType: 'multipart/form-data; boundary=x' })
  ]
  const accepted = []
  for (const raw of raws) accepted.push(await site.runtime.acceptor.accept(raw))
  await pipeline.run(accepted.map(({ contactId }) => contactId))
  receipt = accepted[0]!.receipt
})
afterAll(async () => {
  await browser?.close()
  await pipeline?.close()
  await site?.close()
})

async function visit(
  options: { javaScriptEnabled?: boolean } = {}
): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({ baseURL: site.url, locale: 'en-US', ...options })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  return { page, context, complaints: watchComplaints(page) }
}

async function signIn(page: Page): Promise<void> {
  const staff = await makeStaff(site.runtime, 'admin', ['streets', 'parks'])
  await page.goto('/desk')
  await page.getByLabel('E-mail address').fill(staff.email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Desk', level: 1 }).waitFor()
}

type Step = (page: Page) => Promise<unknown>

/** Every kind of page, and how to come to it. */
const residentPages: [what: string, open: Step][] = [
  ['the form', (page) => page.goto('/')],
  ['the form in Spanish', (page) => page.goto('/?lang=es')],
  ['a form with radio buttons', (page) => page.goto('/f/streets')],
  [
    'a form with problems',
    async (page) => {
      await page.goto('/f/streets')
      await page.evaluate('document.querySelector("main form").noValidate = true')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByRole('alert').waitFor()
    }
  ],
  ['a receipt just got', (page) => page.goto(`/r/${receipt}?sent=1`)],
  ['where a contact stands', (page) => page.goto(`/r/${receipt}`)],
  ['asking for a receipt', (page) => page.goto('/r')],
  ['an unknown receipt', (page) => page.goto('/r/unknown')],
  ['an error', (page) => page.goto('/nothing-here')],
  ['signing in', (page) => page.goto('/desk/sign-in')],
  [
    'setting up an account',
    async (page) => {
      const token = await site.staff.invite(
        {
          email: `${crypto.randomUUID()}@town.example`,
          name: 'New Colleague',
          role: 'agent',
          departments: ['streets']
        },
        'system:test'
      )
      await page.goto(`/desk/setup/${token}`)
    }
  ]
]
const deskPages: [what: string, open: Step][] = [
  ['the desk', (page) => page.goto('/desk')],
  [
    'a case',
    async (page) => {
      await page.goto('/desk')
      const held = page.getByRole('heading', { level: 3 }).getByRole('link')
      if ((await held.count()) > 0) await held.first().click()
      else await page.getByRole('button', { name: 'Take next case' }).first().click()
      await page.getByRole('heading', { name: 'What to do' }).waitFor()
      // Reply and note are one of the other: opening the note would close the reply.
      await page.evaluate(
        'for (const box of document.querySelectorAll("main details:not([name])")) box.open = true'
      )
    }
  ],
  [
    'search',
    async (page) => {
      await page.goto('/desk')
      await page.getByRole('searchbox').fill('street')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Search' }).waitFor()
      await page.locator('main summary').click()
    }
  ],
  ['held cases', (page) => page.goto('/desk/held')],
  ['cases that wait for residents', (page) => page.goto('/desk/paused')],
  ['stated waits', (page) => page.goto('/desk/waits')],
  ['shortcuts', (page) => page.goto('/desk/shortcuts')],
  ['quarantine', (page) => page.goto('/desk/quarantine')],
  ['what was put aside', (page) => page.goto('/desk/quarantine?show=discarded')],
  ['the access log', (page) => page.goto('/desk/access')],
  [
    'staff',
    async (page) => {
      await page.goto('/desk/staff')
      await page.locator('main summary').first().click()
    }
  ],
  [
    'a set-up link',
    async (page) => {
      await site.staff.invite(
        {
          email: `${crypto.randomUUID()}@town.example`,
          name: 'Aaron Colleague',
          role: 'agent',
          departments: ['streets']
        },
        'system:test'
      )
      await page.goto('/desk/staff')
      await page.locator('main summary').first().click()
      await page.getByRole('button', { name: 'New set-up link' }).first().click()
      await page.getByLabel('Link').waitFor()
    }
  ]
]

/** On a desktop and on a phone. */
async function expectNoBarriers(page: Page, what: string): Promise<void> {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    if (process.env['SCREENSHOTS'])
      await page.screenshot({
        path: `${process.env['SCREENSHOTS']}/${size}-${what.replaceAll(' ', '-')}.png`,
        fullPage: true
      })
    expect(await findBarriers(page)).toEqual([])
    expect([what, size, await overflows(page)]).toEqual([what, size, false])
  }
}

describe('on a desktop and on a phone', () => {
  test.each(residentPages)('%s has no barriers', async (what, open) => {
    const { page, context, complaints } = await visit()
    await open(page)
    await expectNoBarriers(page, what)
    expect(complaints.filter((complaint) => !/status of (404|422)/.test(complaint))).toEqual([])
    await context.close()
  })

  test('no page of the desk has barriers', async () => {
    const { page, context, complaints } = await visit()
    await signIn(page)
    for (const [what, open] of deskPages) {
      await open(page)
      await expectNoBarriers(page, what)
    }
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('a resident', () => {
  test('can do it all by keyboard, with a file, and finds their place in line', async () => {
    const { page, context } = await visit()
    await page.goto('/')
    await page.keyboard.press('Tab')
    expect(await isFocused(page, 'textContent', 'Skip to main content')).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByLabel('Your message').focus()
    await page.keyboard.type('Written by keyboard')
    await page
      .getByLabel('Photos or files')
      .setInputFiles({ name: 'photo.txt', mimeType: 'text/plain', buffer: Buffer.from('photo') })
    await page.getByRole('button', { name: 'Send' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/r\/[0-9A-Z-]{20}\?sent=1$/)
    await page.getByText('We have your message.').waitFor()
    const code = (await page.locator('.receipt-code').textContent())!
    await page.getByRole('link', { name: 'Check a receipt' }).click()
    await page.getByLabel('Your receipt').fill(code.toLowerCase().replaceAll('-', ' '))
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/r/${code}`)
    await context.close()
  })

  test('needs no JavaScript', async () => {
    const { page, context } = await visit({ javaScriptEnabled: false })
    await page.goto('/f/streets')
    await page.getByText('Street light', { exact: true }).click()
    await page.getByLabel('Where is it?').fill('Oak Street')
    await page.getByLabel('Tell us more').fill('Flickers')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.waitForURL(/\/r\//)
    expect(await page.getByRole('status').textContent()).toContain('We have your message.')
    await context.close()
  })

  test('who clicks twice sends once', async () => {
    const { page, context } = await visit()
    await page.goto('/')
    await page.getByLabel('Your message').fill('Click click')
    await page.getByRole('button', { name: 'Send' }).dblclick()
    await page.waitForURL(/\/r\//)
    const rows = await site.runtime.db
      .selectFrom('contacts')
      .innerJoin('blobs', 'blobs.sha256', 'contacts.raw_sha256')
      .select('content')
      .execute()
    expect(rows.filter(({ content }) => content.includes('Click click'))).toHaveLength(1)
    await context.close()
  })

  test('is led to what needs attention', async () => {
    const { page, context } = await visit()
    await page.goto('/')
    await page.getByLabel('Your message').fill('hello')
    await page.getByLabel('Subject').fill('x'.repeat(201))
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('alert').waitFor()
    expect(await isFocused(page, 'id', 'problems')).toBe(true)
    await page.getByRole('link', { name: /Subject/ }).click()
    expect(await isFocused(page, 'id', 'field-subject')).toBe(true)
    expect(await page.getByLabel('Your message').inputValue()).toBe('hello')
    await context.close()
  })
})

test('an agent takes, closes and finds nothing to pick from, by keyboard', async () => {
  const { page, context } = await visit()
  await signIn(page)
  await page.keyboard.press('Alt+Shift+KeyN')
  expect(await isFocused(page, 'textContent', 'Take next case')).toBe(true)
  await page.keyboard.press('Enter')
  await closeByKeyboard(page)
  await context.close()
})
