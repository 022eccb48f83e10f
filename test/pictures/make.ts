/**
 * `npm run pictures`: writes pictures of the main pages to docs/pictures, from a throw-away town.
 * `npm run pictures -- <folder> [all] [page…]` writes them elsewhere; with `all` every page at 1280
 * and 375 px and in dark mode, to look at while working on pages.
 */
import fs from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import setup from '../helpers/global-setup.ts'
import { openBrowser } from '../helpers/browser.ts'
import { openSite } from '../helpers/site.ts'
import { password } from '../helpers/staff.ts'
import { pagesOf, type Shown } from './pages.ts'
import { fillTown } from './town.ts'

const [folder = path.resolve(import.meta.dirname, '../../docs/pictures'), ...rest] =
  process.argv.slice(2)
const all = rest.includes('all')
const only = rest.filter((word) => word !== 'all')

const views = all
  ? [
      { name: '1280', width: 1280, height: 900, dark: false },
      { name: '375', width: 375, height: 800, dark: false },
      { name: 'dark', width: 1280, height: 900, dark: true }
    ]
  : [{ name: '', width: 1280, height: 800, dark: false }]

await setup()
const site = await openSite({ PUBLIC_URL: '' })
const browser = await openBrowser()
try {
  const town = await fillTown(site)
  fs.mkdirSync(folder, { recursive: true })
  const wanted = pagesOf(town).filter(({ name, inDocs }) =>
    only.length > 0 ? only.includes(name) : all || inDocs
  )
  for (const who of new Set(wanted.map(({ who }) => who))) {
    const page = await enter(browser, who && town.staff[who].email)
    for (const one of wanted.filter((shown) => shown.who === who)) await picture(page, one)
    await page.context().close()
  }
} finally {
  await browser.close()
  await site.close()
  await globalThis.evenhandTest?.stop()
}

async function enter(from: Browser, email: string | undefined): Promise<Page> {
  const context = await from.newContext({ baseURL: site.url, locale: 'en-US' })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  if (!email) return page
  await page.goto('/desk/sign-in')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => !url.pathname.includes('sign-in'))
  return page
}

async function picture(page: Page, { name, open }: Shown): Promise<void> {
  try {
    await open(page)
    for (const view of views) {
      await page.setViewportSize(view)
      await page.emulateMedia({
        colorScheme: view.dark ? 'dark' : 'light',
        // Otherwise a picture catches colours half-way.
        reducedMotion: 'reduce'
      })
      await page.evaluate('document.fonts.ready')
      const file = path.join(folder, `${[name, view.name].filter(Boolean).join('-')}.png`)
      await write(file, await page.screenshot({ fullPage: all }))
    }
  } catch (error) {
    console.error(`${name}: ${String(error)}`)
    process.exitCode = 1
  }
}

/** Few colours are enough for pages, and make a file a fifth as large. */
async function write(file: string, bytes: Buffer): Promise<void> {
  await sharp(bytes).png({ palette: true, colours: 64, compressionLevel: 9 }).toFile(file)
  console.log(file)
}
