/** A mailbox from the page where it is set up to the resident's answer to our answer. */
import fs from 'node:fs'
import path from 'node:path'
import { parse, stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { findBarriers, look, overflows, sendAndKeep } from '../helpers/browser.ts'
import { openDovecot, PASSWORD, type Dovecot } from '../helpers/dovecot.ts'
import { CLIENT, CLIENT_SECRET, mailboxAt, openGraph, USER, type Graph } from '../helpers/graph.ts'
import { lyingMail, passwordsOf } from '../helpers/mailboxes.ts'
import { openOffice, type Office, type Seat } from '../helpers/office.ts'
import { until } from '../helpers/until.ts'

const RESIDENT = 'agnes@people.example'
let dovecot: Dovecot
let graph: Graph
let office: Office
let admin: Seat
let pulling: { stop(): Promise<void> }
beforeAll(async () => {
  dovecot = await openDovecot()
  graph = await openGraph()
  const settings = { ...passwordsOf(['parks']), MAILBOX_CLERK_CLIENT_SECRET: CLIENT_SECRET }
  office = await openOffice({ settings, watch: true })
  pulling = await office.site.services.find(({ name }) => name === 'mailboxes')!.start()
  admin = await office.seat('admin', [])
})
afterAll(async () => {
  await pulling.stop()
  await office.close()
  await dovecot.remove()
  await graph.close()
})

async function fillIn(password: string): Promise<void> {
  const { page } = admin
  await page.goto('/desk/mailboxes')
  await page.getByLabel('Short name').fill('parks')
  await page.getByLabel('Address').fill('parks@willowcreek.example')
  await page.getByLabel('Mail server').fill(`127.0.0.1:${dovecot.port}`)
  await page.getByLabel('User').fill('parks')
  await page.getByLabel('Take mail from this day on').fill('2020-01-01')
  await page.getByLabel('Encryption').selectOption('none')
  await page.getByLabel('Department').selectOption('parks')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Try it out' }).click()
}

const contacts = () =>
  office.site.runtime.db
    .selectFrom('contacts')
    .select(['outcome', 'case_id'])
    .orderBy('ordinal')
    .execute()

describe('a mailbox', () => {
  test('that is set up wrongly: what is wrong is said beside the field, and what the server says', async () => {
    const { page } = admin
    await fillIn('another')
    expect(await page.getByRole('status').textContent()).toMatch(/does not take the sign-in/)
    expect(await findBarriers(page)).toEqual([])
    await page.getByLabel('Mail server').fill('imap.town.example')
    await page.getByLabel('Password').fill('another')
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.locator('#error-encryption').textContent()).toMatch(/only to this machine/)
    expect(await page.getByLabel('Short name').inputValue()).toBe('parks')
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    expect(await findBarriers(page)).toEqual([])
  })

  test('is set up by the lines that the page gives, and from then on shown as it stands', async () => {
    const { page } = admin
    dovecot.deliver('parks', lyingMail(1, { to: 'parks@willowcreek.example' }))
    await fillIn(PASSWORD)
    expect(await page.getByRole('status').textContent()).toBe(
      'It can be opened. Mails since 2020-01-01: 1, not taken yet: 1.'
    )
    expect(await page.getByText('MAILBOX_PARKS_PASSWORD').count()).toBe(1)
    expect(await findBarriers(page)).toEqual([])
    expect(await overflows(page)).toBe(false)
    await look(page, 'mailbox-set-up')
    const lines = await page.getByLabel('Lines for mailboxes.yaml').textContent()
    const file = path.join(office.site.runtime.settings.CONFIG_DIR, 'mailboxes.yaml')
    fs.writeFileSync(file, `mailboxes:\n${lines}`)
    await until(async () => {
      await page.goto('/desk/mailboxes')
      return (await page.getByText('Last mail taken').count()) > 0
    })
    await page.getByRole('button', { name: 'Test' }).click()
    expect(await page.getByRole('status').textContent()).toMatch(/: 1, not taken yet: 0/)
    expect(await findBarriers(page)).toEqual([])
    await look(page, 'mailboxes')
    // The form that was wrong is answered with 422.
    expect(admin.complaints.filter((one) => !one.includes('422'))).toEqual([])
  })

  test('has its mail answered, and what comes back joins the case', async () => {
    const { page } = await office.seat('agent', ['parks'])
    await until(async () => (await contacts())[0]?.case_id ?? false)
    await page.goto('/desk')
    await page.getByRole('button', { name: 'Take next case' }).click()
    await page.getByLabel('Your reply').fill('We mend the swing on Monday.')
    await sendAndKeep(page)
    const { mail } = await office.mailServer.mailTo(RESIDENT, ({ text }) =>
      Boolean(text?.includes('on Monday'))
    )
    const [replyTo] = mail.replyTo!.value
    dovecot.deliver(
      'parks',
      lyingMail('thanks', { to: replyTo!.address!, body: 'Thank you, Monday is fine.' })
    )
    const [first, second] = await until(async () => {
      const found = await contacts()
      return found[1]?.outcome ? found : false
    })
    expect(second).toEqual({ outcome: 'follow-up', case_id: first!.case_id })
  })
})

describe('a mailbox at Microsoft 365', () => {
  test('that is set up wrongly: what is wrong is said beside the field', async () => {
    const { page } = admin
    await page.goto('/desk/mailboxes')
    await page.getByRole('link', { name: 'For Microsoft 365, use Microsoft Graph' }).click()
    await page.getByLabel('Short name').fill('clerk')
    await page.getByLabel('Address').fill('clerk@willowcreek.example')
    await page.getByLabel('User').fill(USER)
    await page.getByLabel('Tenant').fill('common')
    await page.getByLabel('Application (client) id').fill(CLIENT)
    await page.getByLabel('Cloud').selectOption('us-gov')
    await page.getByLabel('Client secret').fill('kept')
    expect(await findBarriers(page)).toEqual([])
    await look(page, 'mailbox-graph')
    await page.getByRole('button', { name: 'Try it out' }).click()
    expect(await page.locator('#error-tenant').textContent()).toMatch(/id of your directory/)
    expect(await page.getByLabel('Cloud').inputValue()).toBe('us-gov')
    expect(await page.getByLabel('Client secret').inputValue()).toBe('')
    expect(await findBarriers(page)).toEqual([])
    expect(await overflows(page)).toBe(false)
  })

  test('is pulled and tested like any other', async () => {
    const { page } = admin
    graph.folders.deliver(lyingMail('graph', { to: 'clerk@willowcreek.example' }))
    const file = path.join(office.site.runtime.settings.CONFIG_DIR, 'mailboxes.yaml')
    const address = 'clerk@willowcreek.example'
    const clerk = { id: 'clerk', address, since: '2020-01-01', ...mailboxAt(graph) }
    const { mailboxes } = parse(fs.readFileSync(file, 'utf8')) as { mailboxes: object[] }
    fs.writeFileSync(file, stringify({ mailboxes: [...mailboxes, clerk] }))
    const card = page.getByRole('listitem').filter({ hasText: address })
    await until(async () => {
      await page.goto('/desk/mailboxes')
      return (await card.getByText('Last mail taken').count()) > 0
    })
    expect(await card.textContent()).toContain(`Inbox of ${USER} at Microsoft 365`)
    await card.getByRole('button', { name: 'Test' }).click()
    expect(await page.getByRole('status').textContent()).toMatch(/: 1, not taken yet: 0/)
    expect(await findBarriers(page)).toEqual([])
    await look(page, 'mailboxes-graph')
  })
})

test('the page of mailboxes is for administrators', async () => {
  const { page } = await office.seat('supervisor', ['parks'])
  expect((await page.goto('/desk/mailboxes'))!.status()).toBe(403)
})
