/**
 * People at work beside each other, and windows left alone: nothing that was typed is lost, what is
 * shown renews itself, and a second person looks at a reply where a department wants it.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { verifyAudit } from '../../core/audit/verify.ts'
import { findBarriers, look, overflows } from '../helpers/browser.ts'
import { emptyLine, stand, town, type Stood } from '../helpers/contacts.ts'
import { openOffice, type Office, type Seat } from '../helpers/office.ts'
import { password } from '../helpers/staff.ts'
import { until } from '../helpers/until.ts'

let office: Office
beforeAll(async () => {
  office = await openOffice({ approval: ['parks'] })
})
afterAll(() => office.close())

const reply = (page: Page) => page.getByLabel('Your reply')
const kept = (page: Page) => page.locator('#reply [data-kept]')

async function standIn(department: string): Promise<Stood> {
  await emptyLine(office.site.runtime, department)
  return stand(office.site.runtime, {
    to: town(department),
    subject: 'A hole in Elm Street',
    text: `It is deep. ${randomUUID()}`,
    sender: { name: 'Rosa Delgado', emails: [`rosa.${randomUUID().slice(0, 8)}@people.example`] }
  })
}

async function takeNext({ page }: Seat): Promise<void> {
  await page.goto('/desk')
  await page.getByRole('button', { name: 'Take next case' }).click()
  await reply(page).waitFor()
}

/** Types like a person and waits until the page says that it is kept. */
async function type({ page }: Pick<Seat, 'page'>, words: string): Promise<void> {
  await reply(page).focus()
  const saved = page.waitForResponse(/\/drafts\/reply$/)
  await page.keyboard.type(words)
  expect((await saved).status()).toBe(200)
  await kept(page).filter({ hasText: /kept/ }).waitFor()
}

async function expectNoBarriers(page: Page, name: string): Promise<void> {
  await look(page, name)
  expect([name, await findBarriers(page), await overflows(page)]).toEqual([name, [], false])
}

describe('what is typed', () => {
  let ana: Seat
  let page: Page
  let stood: Stood
  beforeEach(async () => {
    ana ??= await office.seat('agent', ['streets'])
    page = ana.page
    stood = await standIn('streets')
    await takeNext(ana)
  })

  test('is kept a moment later, and is there in another window, though this one is closed', async () => {
    await type(ana, 'We fill it on Monday.')
    expect(await kept(page).textContent()).toMatch(/^Draft kept \d/)
    const other = await ana.context.newPage()
    await other.goto(page.url())
    expect(await reply(other).inputValue()).toBe('We fill it on Monday.')
    // Leaves without waiting: the last words go along as the page is closed.
    await reply(other).fill('We fill it on Tuesday.')
    await other.close({ runBeforeUnload: true })
    await until(async () => {
      await page.goto('/desk')
      await page.goBack()
      await page.reload()
      return (await reply(page).inputValue()) === 'We fill it on Tuesday.'
    })
  })

  test('in two windows of one person is kept of both', async () => {
    const other = await ana.context.newPage()
    await other.goto(page.url())
    await type(ana, 'From the first window.')
    await reply(other).fill('From the second.')
    await other.getByText(/^Draft kept\. Another window of yours holds other words/).waitFor()
    await page.reload()
    expect(await reply(page).inputValue()).toBe('From the second.')
    const elsewhere = page.locator('#reply .elsewhere')
    expect(await elsewhere.textContent()).toMatch(
      /Kept from another window, \d+:\d\d [AP]M\s+From the first window\./
    )
    await elsewhere.locator('summary').click()
    await expectNoBarriers(page, 'two-windows-draft')
    await page.getByRole('button', { name: 'Discard it' }).click()
    await elsewhere.waitFor({ state: 'detached' })
    await other.close()
  })

  test('stands beside what a colleague writes meanwhile', async () => {
    const bob = await office.seat('agent', ['streets'])
    await bob.page.goto(page.url())
    await bob.page.getByLabel(/^Note for staff \(/).fill('Crew two is free.')
    await reply(page).fill('We fill it on Monday.')
    await page.keyboard.press('Tab')
    await page.locator('summary[data-key="i"]').click()
    await page.getByLabel(/^Note for staff \(/).fill('I ask crew one.')
    await bob.page.getByRole('button', { name: 'Save note' }).click()
    await bob.page.getByText('The note is kept.').waitFor()
    await page.getByRole('button', { name: 'Save note' }).click()
    await page.getByText('The note is kept.').waitFor()
    for (const words of ['Crew two is free.', 'I ask crew one.'])
      await page.locator('.thread').getByText(words).waitFor()
    expect(await reply(page).inputValue()).toBe('We fill it on Monday.')
    await bob.context.close()
  })

  test('is kept where the case was given back for its holder, and comes back with it', async () => {
    await type(ana, 'We fill')
    const sue = await office.seat('supervisor', [])
    await sue.page.goto(page.url())
    await sue.page.getByText(/^Give back for/).click()
    await sue.page.getByLabel('Reason').last().fill('Ana is ill')
    await sue.page.getByRole('button', { name: 'Give back to its place' }).click()
    await sue.page.getByText('The case is back at its place').waitFor()
    await sue.context.close()
    await reply(page).fill('We fill it on Monday.')
    await page.getByRole('button', { name: 'Send and close' }).click()
    await page.getByText('You do not hold this case').waitFor()
    await page.getByText('What you wrote is kept.').waitFor()
    await expectNoBarriers(page, 'kept-without-case')
    expect(await page.locator('.write .notice .text').textContent()).toBe('We fill it on Monday.')
    await takeNext(ana)
    expect(await reply(page).inputValue()).toBe('We fill it on Monday.')
  })

  test('is shown where the case went to another department', async () => {
    await office.site.runtime.line.transfer(stood.caseId, `staff:${ana.staff.id}`, 'water', '')
    await reply(page).fill('We fill it on Monday.')
    await page.getByText('Not kept: the case is with another department by now.').waitFor()
    await page.getByRole('button', { name: 'Send and close' }).click()
    await page.getByRole('heading', { name: 'Not sent yet' }).waitFor()
    expect(await page.getByLabel('Text').inputValue()).toBe('We fill it on Monday.')
    await expectNoBarriers(page, 'elsewhere')
    ana.complaints.splice(0)
    await emptyLine(office.site.runtime, 'water')
  })

  test('comes back after a session that ended, and is then sent', async () => {
    await sql`delete from staff_sessions where staff_id = ${ana.staff.id}::uuid`.execute(
      office.site.runtime.db
    )
    await reply(page).fill('We fill it on Monday.')
    await page.getByText(/^Not kept: you are signed out/).waitFor()
    await page.getByRole('button', { name: 'Send and close' }).click()
    await page.getByLabel('E-mail address').fill(ana.staff.email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Not sent yet' }).waitFor()
    expect(await page.getByLabel('Text').inputValue()).toBe('We fill it on Monday.')
    await expectNoBarriers(page, 'not-sent-yet')
    await page.getByRole('button', { name: 'Send and close' }).click()
    await page.getByText('The reply is on its way, and the case is closed.').waitFor()
    ana.complaints.splice(0)
  })

  test('is kept with the connection gone, until it is there again', async () => {
    await ana.context.setOffline(true)
    await reply(page).fill('We fill it')
    await page.getByText('Not kept: there is no connection.').waitFor()
    await ana.context.setOffline(false)
    await type(ana, ' on Monday.')
    await page.reload()
    expect(await reply(page).inputValue()).toContain('on Monday.')
    ana.complaints.splice(0)
  })
})

describe('a desk left alone', () => {
  test('asks before it signs out, stays by one press, and is silent while somebody types', async () => {
    await standIn('streets')
    const seat = await office.seat('agent', ['streets'])
    const { page } = seat
    await page.clock.install()
    await takeNext(seat)
    await reply(page).fill('Half a sentence')
    const dialog = page.getByRole('dialog', { name: 'Are you still there?' })
    await page.clock.fastForward('01:50:00')
    expect(await dialog.isVisible()).toBe(false)
    await page.clock.fastForward('04:30')
    await dialog.waitFor()
    expect(await dialog.textContent()).toMatch(/signed out in [45] minutes.*What you typed is kept/)
    await expectNoBarriers(page, 'idle')
    const stayed = page.waitForResponse(/\/desk\/stay$/)
    await page.keyboard.press('Enter')
    expect((await stayed).status()).toBe(204)
    expect(await dialog.isVisible()).toBe(false)
    expect(await reply(page).inputValue()).toBe('Half a sentence')
    await page.clock.fastForward('01:53:00')
    await reply(page).focus()
    await page.keyboard.type(' more')
    const unasked = page.waitForResponse(/\/desk\/stay$/)
    await page.clock.fastForward('02:00')
    expect((await unasked).status()).toBe(204)
    expect(await dialog.isVisible()).toBe(false)
    await seat.context.close()
  })
})

describe('counts', () => {
  test('renew themselves, and with a plain reload where there is no JavaScript', async () => {
    await emptyLine(office.site.runtime, 'clerk')
    const live = await office.seat('agent', ['clerk'])
    const plain = await office.seat('agent', ['clerk'], { javaScriptEnabled: false })
    for (const { page } of [live, plain]) {
      await page.goto('/desk')
      await page.getByText('Nobody waits', { exact: true }).waitFor()
    }
    await live.page.evaluate('window.sameAsBefore = true')
    await until(async () => (await live.page.title()).startsWith('Desk'))
    await stand(office.site.runtime, { to: town('clerk'), text: randomUUID() })
    await until(async () => (await live.page.title()).startsWith('(1) Desk'))
    expect(await live.page.locator('[data-waiting="clerk"]').textContent()).toBe('1 waiting')
    expect(await live.page.getByText('Nobody waits', { exact: true }).isVisible()).toBe(false)
    expect(await live.page.evaluate('window.sameAsBefore')).toBe(true)
    await live.page.getByRole('link', { name: 'Somebody new waits. Load again' }).click()
    await live.page.getByRole('button', { name: 'Take next case' }).click()
    await live.page.getByText('Nobody waits', { exact: false }).waitFor()
    const counted = live.page.waitForResponse(/\/desk\/events(?:\?|$)/)
    await live.page.reload()
    await counted
    expect(await live.page.locator('[data-waiting="clerk"]').isVisible()).toBe(false)
    await emptyLine(office.site.runtime, 'clerk')
    await stand(office.site.runtime, { to: town('clerk'), text: randomUUID() })
    expect(await plain.page.locator('[data-waiting="clerk"]').isVisible()).toBe(false)
    await plain.page.reload()
    expect(await plain.page.locator('[data-waiting="clerk"]').textContent()).toBe('1 waiting')
    for (const { context, complaints } of [live, plain]) {
      expect(complaints).toEqual([])
      await context.close()
    }
    await emptyLine(office.site.runtime, 'clerk')
  })
})

describe('where a second person looks at each reply', () => {
  test('its writer cannot let it go, a colleague sends it back with words, and then lets it go', async () => {
    const stood = await standIn('parks')
    const writer = await office.seat('agent', ['parks'])
    const colleague = await office.seat('agent', ['parks'])
    const { page } = writer
    await takeNext(writer)
    const address = page.url()
    await page.getByLabel('To', { exact: true }).selectOption('other')
    await page.getByLabel('Address or number').fill('lawyer@firm.example')
    await page.getByText('Attach', { exact: true }).click()
    await page.getByLabel(/^Files for a mail or letter/).setInputFiles({
      name: 'map.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('a map')
    })
    await page.getByLabel('Subject', { exact: true }).fill('The hole')
    await page.getByLabel('Language', { exact: true }).selectOption('es')
    await reply(page).fill('It is nothing.')
    await page.getByRole('button', { name: 'Ask for a second look' }).click()
    await page.getByText('The reply waits until a colleague has looked at it.').waitFor()
    await expectNoBarriers(page, 'proposed')
    expect(await page.getByRole('button', { name: 'Let it go' }).count()).toBe(0)
    await page.goto('/desk')
    expect(await page.getByText('Replies to look at').count()).toBe(0)

    await colleague.page.goto('/desk')
    await colleague.page.locator('section[aria-labelledby="proposed"] a').click()
    await expectNoBarriers(colleague.page, 'to-look-at')
    await colleague.page.getByText(/^Send it back to/).click()
    await colleague.page.getByLabel('What should be different?').fill('Kinder, please.')
    await colleague.page.getByRole('button', { name: 'Send back' }).click()
    await colleague.page.getByText('The reply went back to its writer').waitFor()

    await page.goto('/desk')
    await page.locator('section[aria-labelledby="mentions"] a').click()
    expect(page.url()).toContain(address)
    await page.locator('.thread').getByText('Kinder, please.').waitFor()
    expect(await reply(page).inputValue()).toBe('It is nothing.')
    expect(await page.getByLabel('Address or number').inputValue()).toBe('lawyer@firm.example')
    expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe('other')
    expect(await page.getByLabel('Language', { exact: true }).inputValue()).toBe('es')
    await page.locator('.composer .files').getByText('map.txt').waitFor()
    await expectNoBarriers(page, 'sent-back')
    await reply(page).fill('Thank you for telling us.')
    await page.getByRole('button', { name: 'Ask for a second look' }).click()
    await page.getByText('The reply waits until a colleague has looked at it.').waitFor()

    await colleague.page.goto(address)
    await colleague.page.getByRole('button', { name: 'Let it go' }).click()
    await colleague.page.getByText('The reply is on its way.').waitFor()
    const { mail } = await office.mailServer.mailTo('lawyer@firm.example')
    expect(mail).toMatchObject({ subject: 'The hole' })
    expect(mail.text).toContain('Thank you for telling us.')
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['map.txt'])
    expect(office.mailServer.taken.some(({ raw }) => raw.includes('It is nothing.'))).toBe(false)
    await page.goto(address)
    await page.getByText(/^Looked at by/).waitFor()
    await page.getByText('Close without a reply').click()
    await page.getByLabel('We answered you.').check()
    await page.getByRole('button', { name: 'Close case' }).click()
    await page.getByText('The case is closed.').waitFor()
    await page.goto(`/r/${stood.receipt}`)
    expect(await page.locator('.outcome > p').first().textContent()).toBe('We answered you.')
    for (const { context, complaints } of [writer, colleague]) {
      expect(complaints).toEqual([])
      await context.close()
    }
  })
})

describe('photos of a resident', () => {
  test('are made smaller and upright before they are sent, and single ones are taken away', async () => {
    const context = await office.browser.newContext({ baseURL: office.site.url })
    const page = await context.newPage()
    await page.goto('/')
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 }
    const photo = await sharp({
      create: { width: 3_000, height: 2_000, channels: 3, noise, background: 'black' }
    })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer()
    expect(photo.length).toBeGreaterThan(3_000_000)
    const field = page.getByLabel('Photos or files')
    const file = (name: string) => ({ name, mimeType: 'image/jpeg', buffer: photo })
    await field.setInputFiles([file('one.jpg'), file('two.jpg')])
    await page.locator('.picker li').nth(1).waitFor()
    await look(page, 'photos')
    expect(await findBarriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Remove one.jpg' }).click()
    await page.locator('.picker li').nth(1).waitFor({ state: 'detached' })
    await page.getByLabel('Your message').fill('Two photos, of which one')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('We have your message.').waitFor()
    const receipt = (await page.locator('.receipt-code').textContent())!
    const [sent] = await until(() => documentsOf(receipt))
    expect(sent).toMatchObject({ name: 'two.jpg', mediaType: 'image/jpeg' })
    const bytes = await office.site.runtime.blobs.get(sent!.sha256)
    expect(bytes.length).toBeLessThan(photo.length)
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 1_600, height: 2_400 })
    await context.close()
  })
})

/** The documents that came with a contact, once it is read. */
async function documentsOf(receipt: string) {
  const { envelope } = await office.site.runtime.db
    .selectFrom('contacts')
    .select('envelope')
    .where('receipt', '=', receipt)
    .executeTakeFirstOrThrow()
  return envelope?.documents
}

test('the ledger holds', async () => {
  const { problems } = await verifyAudit(office.site.runtime.db)
  expect(problems.filter((one) => !one.startsWith('account '))).toEqual([])
})
