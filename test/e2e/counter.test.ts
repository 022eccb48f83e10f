import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { counter } from '../../channels/counter/index.ts'
import { web } from '../../channels/web/index.ts'
import {
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
beforeAll(async () => {
  site = await openSite({ PUBLIC_URL: '' }, [web, counter])
  browser = await openBrowser()
  pipeline = openPipeline(site.runtime)
})
afterAll(async () => {
  await browser?.close()
  await pipeline?.close()
  await site?.close()
})

async function clerk(
  options: { javaScriptEnabled?: boolean } = {}
): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const staff = await makeStaff(site.runtime, 'agent', ['streets'])
  const context = await browser.newContext({ baseURL: site.url, locale: 'en-US', ...options })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const complaints = watchComplaints(page)
  await page.goto('/desk')
  await page.getByLabel('E-mail address').fill(staff.email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Desk', level: 1 }).waitFor()
  return { page, context, complaints }
}

async function look(page: Page, what: string): Promise<void> {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    if (process.env['SCREENSHOTS'])
      await page.screenshot({
        path: `${process.env['SCREENSHOTS']}/${size}-${what}.png`,
        fullPage: true
      })
    expect(await findBarriers(page)).toEqual([])
    expect(await overflows(page)).toBe(false)
  }
}

async function settleAll(): Promise<void> {
  const rows = await site.runtime.db
    .selectFrom('contacts')
    .select('id')
    .where('state', '=', 'accepted')
    .execute()
  await pipeline.run(rows.map(({ id }) => id))
}

describe('at the counter', () => {
  test('a whole entry takes three keys besides the typing, and the next one begins with one', async () => {
    const { page, context } = await clerk()
    let keys = 0
    const press = async (key: string) => {
      keys++
      await page.keyboard.press(key)
    }
    await press('Alt+Shift+KeyC')
    await page.getByRole('heading', { name: 'Counter', level: 1 }).waitFor()
    await page.keyboard.type('The pothole on Elm Street is back')
    await press('Tab')
    await page.keyboard.type('Ana Ruiz')
    await press('Enter')
    await page.waitForURL(/\/desk\/slips\/[0-9A-Z-]{20}\?new=1$/)
    await page.getByRole('heading', { name: 'Slip', level: 1 }).waitFor()
    expect(keys).toBe(3)
    expect(await isFocused(page, 'textContent', 'Next entry')).toBe(true)
    await press('Enter')
    await page.getByRole('heading', { name: 'Counter', level: 1 }).waitFor()
    expect(await isFocused(page, 'id', 'field-text')).toBe(true)
    const { envelope } = await site.runtime.db
      .selectFrom('contacts')
      .innerJoin('blobs', 'blobs.sha256', 'contacts.raw_sha256')
      .select('content as envelope')
      .executeTakeFirstOrThrow()
    expect(JSON.parse(envelope.toString())).toMatchObject({
      text: 'The pothole on Elm Street is back',
      sender: { name: 'Ana Ruiz' }
    })
    await context.close()
  })

  test('all fields are reached by keyboard, in the order they are read', async () => {
    const { page, context } = await clerk()
    await page.goto('/desk/counter')
    expect(await isFocused(page, 'id', 'field-text')).toBe(true)
    const reached: string[] = []
    for (let step = 0; step < 18; step++) {
      reached.push(
        await page.evaluate(
          'document.activeElement.id || document.activeElement.textContent.trim()'
        )
      )
      await page.keyboard.press('Tab')
    }
    expect(reached).toEqual([
      'field-text',
      'field-sender-name',
      'field-sender-phone',
      'field-answer-topic',
      'Save and print the slip',
      'field-sender-email',
      'field-sender-address',
      'field-language',
      'field-kind-walk-in',
      'field-files',
      'field-behalf-name',
      'field-behalf-phone',
      'field-behalf-email',
      'field-behalf-address',
      'Receipts owed',
      expect.anything(),
      expect.anything(),
      expect.anything()
    ])
    await context.close()
  })

  test('it needs no JavaScript, with papers and for somebody else', async () => {
    const { page, context } = await clerk({ javaScriptEnabled: false })
    await page.goto('/desk/counter')
    await page.getByLabel('What is it about?').selectOption('housing')
    await page.getByLabel('Their name').fill('Old Mr. Roe')
    await page.getByText('By phone').click()
    await page.getByLabel('Papers handed over, scanned').setInputFiles({
      name: 'notice.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('The landlord says that we must leave by Friday.')
    })
    await page.getByRole('button', { name: 'Save and print the slip' }).click()
    await page.waitForURL(/\/desk\/slips\//)
    await settleAll()
    await page.reload()
    await page.getByText('Housing Help').waitFor()
    expect(await page.getByText('print this page from your browser’s menu').isVisible()).toBe(true)
    await context.close()
  })

  test('no page has barriers, on a desktop and on a phone', async () => {
    const { page, context, complaints } = await clerk()
    await page.goto('/desk/counter')
    expect(await page.getByRole('navigation').count()).toBe(1)
    await look(page, 'counter')
    await page.getByRole('button', { name: 'Save and print the slip' }).click()
    await page.getByRole('alert').waitFor()
    expect(await isFocused(page, 'id', 'problems')).toBe(true)
    await look(page, 'counter-with-problems')
    await page.getByLabel('What do they say?').fill('The lamp at Main Street 5 flickers')
    await page.getByLabel('Language to answer in').selectOption('es')
    await page.getByRole('button', { name: 'Save and print the slip' }).click()
    await page.waitForURL(/\/desk\/slips\//)
    await settleAll()
    await page.reload()
    await look(page, 'slip')
    await page.goto('/desk/slips')
    await look(page, 'slips-owed')
    expect(complaints.filter((complaint) => !/status of 422/.test(complaint))).toEqual([])
    await context.close()
  })

  test('only the slip is printed, on one page of a narrow printer', async () => {
    const { page, context } = await clerk()
    await page.goto('/desk/counter')
    await page.getByLabel('What do they say?').fill('Print me')
    await page.getByRole('button', { name: 'Save and print the slip' }).click()
    await page.getByRole('button', { name: 'Print' }).waitFor()
    await page.emulateMedia({ media: 'print' })
    if (process.env['SCREENSHOTS'])
      await page.screenshot({
        path: `${process.env['SCREENSHOTS']}/print-slip.png`,
        fullPage: true
      })
    for (const hidden of ['header', 'footer', 'h1', 'form', '.slip-do', '.notice']) {
      for (const one of await page.locator(hidden).all())
        expect([hidden, await one.isVisible()]).toEqual([hidden, false])
    }
    expect(await page.locator('.receipt-code').isVisible()).toBe(true)
    const paper = (
      await page.pdf({
        width: '80mm',
        height: '160mm',
        margin: { top: '4mm', bottom: '4mm', left: '4mm', right: '4mm' }
      })
    ).toString('latin1')
    expect(paper.match(/\/Type \/Page\b/g)).toHaveLength(1)
    await context.close()
  })
})
