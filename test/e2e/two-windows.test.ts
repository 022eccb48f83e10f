import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Browser, Page } from 'playwright-core'
import { quarantine } from '../../core/contacts/quarantine.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { findBarriers, look, openBrowser, overflows, sizes } from '../helpers/browser.ts'
import { stand } from '../helpers/contacts.ts'
import { openSite, type Site } from '../helpers/site.ts'
import { makeStaff, password } from '../helpers/staff.ts'

let site: Site
let browser: Browser
beforeAll(async () => {
  ;[site, browser] = await Promise.all([openSite(), openBrowser()])
})
afterAll(async () => {
  await browser.close()
  await site.close()
})

async function fillSignIn(page: Page, email: string) {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test.each(Object.entries(sizes))(
  'two windows of one browser, %s wide: signing in, out and in again loses no word and says nothing untrue',
  async (size, viewport) => {
    const staff = await makeStaff(site.runtime, 'supervisor', ['parks'])
    const { caseId } = await stand(site.runtime, { text: `The swing ${randomUUID()} is broken` })
    await sql`update cases set state = 'taken', taken_by = ${`staff:${staff.id}`},
        lease_until = now() + interval '1 hour' where id = ${caseId}::uuid`.execute(site.runtime.db)
    const context = await browser.newContext({ viewport, baseURL: site.url })
    const [one, two] = [await context.newPage(), await context.newPage()]
    for (const page of [one, two]) await page.goto(`/desk/sign-in?next=/desk/cases/${caseId}`)
    for (const page of [one, two]) await fillSignIn(page, staff.email)
    expect(new URL(two.url()).pathname).toBe(`/desk/cases/${caseId}`)
    await two.getByText('Give back', { exact: true }).first().click()
    await two.locator('#return-reason').fill('She speaks Hmong,\nand I do not')
    await one.locator('.account summary').click()
    await one.getByRole('button', { name: 'Sign out' }).click()
    await two.getByRole('button', { name: 'Give back' }).click()
    await look(two, `ended-${size}`)
    expect([await findBarriers(two), await overflows(two)]).toEqual([[], false])
    await fillSignIn(two, staff.email)
    expect(await two.getByLabel('Reason').inputValue()).toBe('She speaks Hmong,\nand I do not')
    await look(two, `again-${size}`)
    expect([await findBarriers(two), await overflows(two)]).toEqual([[], false])
    await two.getByRole('button', { name: 'Give back' }).click()
    expect(await two.getByRole('status').textContent()).toContain(
      'The case is back at its place in line.'
    )

    for (let n = 0; n < 14; n++) {
      const { contactId } = await site.runtime.acceptor.accept({
        channel: 'email',
        source: 'smtp',
        bytes: Buffer.from(
          `From: Ana Díaz ${n} <ana@d${n}.example>\r\nSubject: My water bill ${n} ${'long'.repeat(n * 5)}\r\nMessage-ID: <${randomUUID()}>\r\n\r\nx`
        ),
        mediaType: 'message/rfc822',
        recipients: [],
        evidence: { mailFrom: `ana@d${n}.example` }
      })
      await quarantine(
        site.runtime.db,
        contactId,
        'read',
        new EvenhandError('READ_LIMIT', 'the mail is encrypted')
      )
    }
    await two.goto('/desk/quarantine')
    await look(two, `quarantine-${size}`)
    expect([await findBarriers(two), await overflows(two)]).toEqual([[], false])
    await one.goto('/desk/quarantine')
    for (const page of [one, two]) {
      await page.getByLabel('Reason').last().fill('Advertising')
      await page.getByRole('button', { name: 'aside' }).first().click()
    }
    await look(two, `overtaken-${size}`)
    expect(await two.getByRole('alert').textContent()).toContain(
      'Nothing was done. Since your page was made, 14 were put aside by Test supervisor at'
    )
    await context.close()
  }
)
