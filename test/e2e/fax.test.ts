/**
 * A fax from the fax server's folder to the desk: every step real, the page looked at by a browser.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { spoolFolder, spoolWatch } from '../../channels/fax/spool.ts'
import { intakeFor } from '../../channels/register.ts'
import { faxPdf } from '../channels/fax/support.ts'
import { findBarriers, openBrowser, overflows, sizes } from '../helpers/browser.ts'
import { contactRow } from '../helpers/contacts.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'
import { openSite, type Site } from '../helpers/site.ts'
import { signIn } from '../helpers/staff.ts'

let site: Site
let pipeline: Pipeline
let browser: Browser
beforeAll(async () => {
  site = await openSite()
  pipeline = openPipeline(site.runtime)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await pipeline.close()
  await site.close()
})

test('a fax that broke off stands in its line, and its page says so, who called and what the machine calls itself', async () => {
  const { runtime } = site
  const folder = spoolFolder(runtime.settings.DATA_DIR)
  await fs.mkdir(folder, { recursive: true })
  await fs.writeFile(
    path.join(folder, 'ttyS0_000000077.txt'),
    'CIDNUMBER=+12025550143\nCIDNAME=ELM <LIBRARY>\nSENDER=Reading Room\nMSG=Carrier lost on page 2\n'
  )
  await fs.writeFile(
    path.join(folder, 'ttyS0_000000077.pdf'),
    await faxPdf(
      'Dear town, the water main in Elm Street leaks since Monday. Please send somebody. A resident.'
    )
  )
  const watch = spoolWatch(
    intakeFor(runtime, 'fax', {
      route: () => undefined,
      endpoint: () => undefined,
      service: () => undefined
    }),
    { stillMs: 0 }
  )
  await watch.look()
  expect(await watch.look()).toBe(1)
  const { id } = await runtime.db.selectFrom('contacts').select('id').executeTakeFirstOrThrow()
  await pipeline.run([id])
  const contact = await contactRow(runtime, id)
  expect(contact).toMatchObject({
    state: 'settled',
    outcome: 'case',
    envelope: {
      text: expect.stringContaining('water main'),
      language: 'en',
      documents: [{ pages: 1 }]
    }
  })

  const { department } = await runtime.db
    .selectFrom('cases')
    .select('department')
    .executeTakeFirstOrThrow()
  const agent = await signIn(site, 'agent', [department])
  const context = await browser.newContext({ viewport: sizes.phone })
  await context.addCookies(
    [...agent.cookies].map(([name, value]) => ({ name, value, url: site.url }))
  )
  const page = await context.newPage()
  await page.goto(`${site.url}/desk/cases/${contact.case_id}`)
  expect(await page.locator('.notice.warn').first().innerText()).toBe(
    'The fax broke off (Carrier lost on page 2); pages may be missing.'
  )
  const facts = await page.locator('.message .facts').first().textContent()
  for (const said of [
    '+12025550143',
    'ELM <LIBRARY>',
    'Reading Room (typed in there, checked by nobody)'
  ])
    expect(facts).toContain(said)
  expect([await overflows(page), await findBarriers(page)]).toEqual([false, []])
  await context.close()
})
