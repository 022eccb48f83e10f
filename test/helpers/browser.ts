import { AxeBuilder } from '@axe-core/playwright'
import fs from 'node:fs'
import path from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { until } from './until.ts'

const candidates = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome'
]

/** Chromium from the system; talks to the loopback interface only. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = candidates.find((one) => one && fs.existsSync(one))
  if (!executablePath)
    throw new Error(
      'Chromium is not installed: install the package "chromium", or set CHROMIUM to its path'
    )
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'
    ]
  })
}

export const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 320, height: 640 } }

/** What axe finds wrong by WCAG 2.2 A and AA and its best practices, as "rule: element". */
export async function findBarriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`
    )
  )
}

/**
 * Whether the cursor comes to stand in the element whose id or text this is. It is waited for: a
 * browser gives the focus to a field of a new page (`autofocus`) only as it draws it.
 */
export function isFocused(page: Page, part: 'id' | 'textContent', value: string): Promise<boolean> {
  return until(async () => (await page.evaluate(`document.activeElement.${part}`)) === value)
}

/** Pictures to look at, in the folder PICTURES, where somebody wants them. */
export async function look(page: Page, name: string): Promise<void> {
  const folder = process.env['PICTURES']
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true })
}

/**
 * Collects what the browser complains about: scripts that fail, files that are missing, rules of
 * the page's own policy broken.
 */
export function watchComplaints(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  // A request that a page gives up as it is left is nobody's fault.
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'net::ERR_ABORTED')
      complaints.push(`${request.url()} failed`)
  })
  return complaints
}

/** A page on which nothing has to be scrolled sideways (WCAG 2.2, success criterion 1.4.10). */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth'
  )
}

/** Sends the reply that is typed, and keeps the case. */
export async function sendAndKeep(page: Page): Promise<void> {
  await page.locator('.split > .menu > summary').click()
  await page.getByRole('button', { name: 'Send and keep the case' }).click()
}

/** Closes the case that is open without a reply, with keys alone. */
export async function closeByKeyboard(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Close without a reply' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel(/^Something else/).focus()
  await page.keyboard.press('Space')
  await page.getByLabel(/^In our own words/).focus()
  await page.keyboard.type('Answered by phone')
  await page.getByLabel('Why is it closed without an answer?').focus()
  await page.keyboard.type('They called us')
  await page.getByRole('button', { name: 'Close case' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('The case is closed.').waitFor()
}
