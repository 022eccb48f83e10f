/**
 * A reply by each channel, from the case page to the resident and back: what they get, what becomes
 * of it, and what they write in return.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PDFParse } from 'pdf-parse'
import type { Page } from 'playwright-core'
import { verifyAudit } from '../../core/audit/verify.ts'
import { findBarriers, look, overflows, sendAndKeep } from '../helpers/browser.ts'
import { emptyLine, stand, town } from '../helpers/contacts.ts'
import { openOffice, type Office, type Seat } from '../helpers/office.ts'
import { incomingText, OUR_NUMBER } from '../helpers/twilio.ts'
import { until } from '../helpers/until.ts'

let office: Office
let seat: Seat
let page: Page
beforeAll(async () => {
  office = await openOffice()
  seat = await office.seat('agent', ['streets'])
  page = seat.page
})
afterAll(() => office.close())

/** A mail of somebody nobody knows yet. */
async function wrote(more: { subject?: string; text?: string; headers?: string } = {}) {
  await emptyLine(office.site.runtime, 'streets')
  const id = randomUUID()
  const from = `rosa.${id.slice(0, 8)}@people.example`
  const { subject = 'A hole in Elm Street', text = `It is deep, by number ${id}.` } = more
  const { receipt } = await office.mail(
    `From: Rosa Delgado <${from}>\nTo: streets@willowcreek.example\nSubject: ${subject}\n` +
      `Message-ID: <${id}@people.example>\n${more.headers ?? ''}` +
      `Content-Type: text/plain; charset=utf-8\n\n${text}\n`,
    from,
    'streets@willowcreek.example'
  )
  return { from, receipt, messageId: `<${id}@people.example>` }
}

async function takeNext() {
  await page.goto('/desk')
  await page.getByRole('button', { name: 'Take next case' }).click()
  await page.getByLabel('Your reply').waitFor()
}

async function send(text: string) {
  await page.getByLabel('Your reply').fill(text)
  await sendAndKeep(page)
  await page.getByText(text).first().waitFor()
}

/** Loads the page until it says this. */
const untilSaid = (text: string) =>
  until(async () => {
    await page.reload()
    return (await page.getByText(text).count()) > 0
  })

const isAnswer = ({ messageId }: { messageId?: string | undefined }) =>
  messageId?.startsWith('<a.') === true

describe('by keyboard alone', () => {
  test('a case is taken, answered and closed in four keys beside the words, and its resident reads so', async () => {
    const { from, receipt } = await wrote()
    await page.goto('/desk')
    let keys = 0
    const press = async (key: string) => {
      keys += 1
      await page.keyboard.press(key)
    }
    await Promise.all([page.waitForURL('**/desk/cases/**'), press('n')])
    await page.getByLabel('Your reply').waitFor()
    await press('r')
    const words = 'no /, no ?: we fill it by Thursday. Please be patient.'
    await page.keyboard.type(words)
    expect(await page.getByLabel('Your reply').inputValue()).toBe(words)
    expect(await page.locator('details[open] form').count()).toBe(0)
    await Promise.all([page.waitForURL(/\/desk$/), press('Control+Enter')])
    expect(await page.getByRole('status').first().textContent()).toContain(
      'The reply is on its way, and the case is closed. Nobody else is waiting.'
    )
    expect(keys).toBeLessThanOrEqual(6)
    expect((await office.mailServer.mailTo(from, isAnswer)).mail.text).toContain(words)
    for (const [language, said] of [
      ['en', 'We answered you.'],
      ['es', 'Le respondimos.']
    ]) {
      await page.goto(`/r/${receipt}?lang=${language}`)
      expect(await page.locator('.outcome > p').first().textContent()).toBe(said)
      expect(await findBarriers(page)).toEqual([])
    }
    await page.goto('/?lang=en')
  })

  test('“?” shows all keys; each leads to its place, and none does once they are switched off', async () => {
    await wrote()
    await takeNext()
    const address = page.url()
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.name')
    for (const [key, id] of [
      ['r', 'answer'],
      ['i', 'note-text'],
      ['e', 'outcome-repair-ordered'],
      ['b', 'return-reason'],
      ['p', 'pass-reason'],
      ['t', 'transfer-department'],
      ['h', 'hand-off-to'],
      ['w', 'pause-reason'],
      ['s', 'split-reason'],
      ['j', 'join-receipt'],
      ['/', 'search']
    ] as const) {
      const chord = key === '/' ? [] : [`Alt+Shift+Key${key.toUpperCase()}`]
      for (const pressed of [key, ...chord]) {
        await page.evaluate('document.activeElement.blur()')
        await page.keyboard.press(pressed)
        expect([pressed, await focused()]).toEqual([pressed, id])
      }
    }
    await page.evaluate('document.activeElement.blur()')
    await Promise.all([page.waitForURL('**/desk/shortcuts'), page.keyboard.press('?')])
    await page.getByRole('button', { name: 'Switch single keys off' }).click()
    await page.getByRole('button', { name: 'Switch single keys on' }).waitFor()
    await page.goto(address)
    const before = await focused()
    for (const key of ['r', 'i', 'e', '/', '?', 'n']) await page.keyboard.press(key)
    expect([page.url(), await focused()]).toEqual([address, before])
    await page.keyboard.press('Alt+Shift+KeyR')
    expect(await focused()).toBe('answer')
    await page.goto('/desk/shortcuts')
    await page.getByRole('button', { name: 'Switch single keys on' }).click()
  })
})

describe('by mail', () => {
  test('the reply comes from the agency, under the mail it answers, in its language, with its file', async () => {
    const { from, receipt, messageId } = await wrote({
      subject: 'Un hoyo en la calle',
      text: 'Buenos días, hay un hoyo muy profundo en la calle Elm y los niños se caen allí.',
      headers: 'References: <before@people.example>\n'
    })
    await takeNext()
    expect(await page.getByLabel('Language', { exact: true }).inputValue()).toBe('es')
    await page.getByText('Attach', { exact: true }).click()
    await page.getByLabel(/^Files for a mail or letter/).setInputFiles({
      name: 'plano de la obra.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('aquí')
    })
    await send('Lo rellenamos el jueves. – Año nuevo')
    const taken = await office.mailServer.mailTo(from, isAnswer)
    const { mail, raw } = taken
    expect(taken).toMatchObject({ from: 'hello@willowcreek.example', to: [from] })
    expect(mail.from?.value).toEqual([
      { name: 'Town of Willow Creek', address: 'hello@willowcreek.example' }
    ])
    expect(mail.replyTo?.text).toMatch(/^reply\+\S+@willowcreek\.example$/)
    expect(mail.messageId).toMatch(/^<a\.[0-9a-f-]{36}\.\S+@willowcreek\.example>$/)
    expect(mail.inReplyTo).toBe(messageId)
    expect(mail.references).toEqual(['<before@people.example>', messageId])
    expect(mail.subject).toBe('Re: Un hoyo en la calle')
    expect(mail.headers.get('auto-submitted')).toBeUndefined()
    expect(mail.headers.get('content-language')).toBe('es')
    expect(mail.text).toContain('Lo rellenamos el jueves. – Año nuevo')
    expect(mail.text).toContain(`Municipio de Willow Creek · su comprobante ${receipt}`)
    expect(mail.attachments.map(({ filename, content }) => [filename, content.toString()])).toEqual(
      [['plano de la obra.txt', 'aquí']]
    )
    expect(raw).not.toContain('Note for staff')
    await untilSaid('sent')
    await look(page, 'answer-mail')
    const receiptMail = await office.mailServer.mailTo(from, (one) => !isAnswer(one))
    expect(receiptMail).toMatchObject({ from: '' })
    expect(receiptMail.mail.headers.get('auto-submitted')).toBe('auto-replied')
  })

  test('their answer joins the case as new words over folded history, and brings it back', async () => {
    const { from, receipt } = await wrote()
    await takeNext()
    await send('Which side of the street?')
    const { mail: answer } = await office.mailServer.mailTo(from, isAnswer)
    await page.getByText('Wait for the resident', { exact: true }).first().click()
    await page.getByLabel('What is waited for').fill('The side')
    await page.getByRole('button', { name: 'Wait for the resident' }).click()
    await page.getByText('The case waits for its resident').waitFor()
    const later = await stand(office.site.runtime, { to: town('streets'), text: randomUUID() })
    const quoted = answer
      .text!.trim()
      .split('\n')
      .map((line) => `> ${line}`)
    const joined = await office.mail(
      `From: Rosa Delgado <${from}>\nTo: hello@willowcreek.example\nSubject: ${answer.subject!}\n` +
        `Message-ID: <${randomUUID()}@people.example>\nIn-Reply-To: ${answer.messageId!}\n` +
        `References: ${answer.messageId!}\n\n` +
        `The north side, by the bakery.\n\nOn Mon, Nov 30, 2026 at 9:12 AM Town of Willow Creek\n<hello@willowcreek.example> wrote:\n${quoted.join('\n')}\n`,
      from,
      'hello@willowcreek.example'
    )
    expect(joined).toMatchObject({ outcome: 'follow-up' })
    await takeNext()
    expect(await page.locator('.meta').textContent()).toContain(receipt)
    const last = page.locator('#latest')
    expect(await last.locator('.said > .text').first().textContent()).toBe(
      'The north side, by the bakery.'
    )
    const history = last.locator('.quoted')
    expect(await history.isVisible()).toBe(false)
    await last.getByText(/^Quoted text/).click()
    expect(await history.textContent()).toContain('Which side of the street?')
    await look(page, 'answer-back')
    expect(later.caseId).not.toBe(joined.case_id)
  })

  test.each([
    ['with the headers of our mail', (id: string) => `Message-ID: ${id}\nSubject: Re: A hole\n`],
    ['to who wrote it, with nothing but that', undefined]
  ])('a bounce %s is a duty until somebody settles it', async (_, headers) => {
    const { from } = await wrote()
    await takeNext()
    await page.getByLabel('Your reply').fill('We fill it on Monday.')
    await page.getByRole('button', { name: 'Send and close' }).click()
    await page.getByText('The reply is on its way, and the case is closed.').waitFor()
    const { mail } = await office.mailServer.mailTo(from, isAnswer)
    const original = headers
      ? `Content-Type: text/rfc822-headers\n\n${headers(mail.messageId!)}`
      : `Content-Type: message/rfc822\n\nFrom: hello@willowcreek.example\nTo: ${from}\nReply-To: ${mail.replyTo!.text}\nMessage-ID: ${mail.messageId!}\nSubject: x\n\nWe fill it\n`
    const bounced = await office.mail(
      `From: Mail Delivery System <MAILER-DAEMON@mx.people.example>\nTo: hello@willowcreek.example\n` +
        `Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n` +
        `Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n` +
        `Content-Type: text/plain\n\nThe address was not found.\n--b\n` +
        `Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.people.example\n\n` +
        `Final-Recipient: rfc822; ${from}\nAction: failed\nStatus: 5.1.1\n--b\n${original}\n--b--\n`,
      '',
      'hello@willowcreek.example'
    )
    expect(bounced).toMatchObject({ outcome: 'bounce' })
    await page.goto('/desk')
    await page.getByText('Not delivered').waitFor()
    await page.reload()
    await look(page, 'bounce-desk')
    await page.getByRole('link', { name: 'A hole in Elm Street' }).first().click()
    await look(page, 'bounce-case')
    await page.getByText('Not delivered: the resident has not heard from us').waitFor()
    await page.getByLabel('Called them').check()
    await page.getByLabel('In a few words').fill('Rang them: Monday.')
    await page.getByRole('button', { name: 'Settle it' }).click()
    await page.getByText(/^Called them, you, .*Rang them: Monday\.$/).waitFor()
    await page.goto('/desk')
    expect(await page.getByText('Not delivered').count()).toBe(0)
  })

  test('a report as spam is a duty, which says that nothing is stopped', async () => {
    const { from } = await wrote()
    await takeNext()
    await send('We fill it on Friday.')
    const { mail } = await office.mailServer.mailTo(from, isAnswer)
    await office.mail(
      `From: Feedback <fbl@mx.people.example>\nTo: hello@willowcreek.example\n` +
        `Subject: FW: A hole\nMIME-Version: 1.0\n` +
        `Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n` +
        `Content-Type: text/plain\n\nThis is an abuse report.\n--b\n` +
        `Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n--b\n` +
        `Content-Type: message/rfc822\n\nMessage-ID: ${mail.messageId!}\nSubject: x\n\nWe fill it\n\n--b--\n`,
      'fbl@mx.people.example',
      'hello@willowcreek.example'
    )
    await page.goto('/desk')
    await page.getByText('Reported as unwanted').waitFor()
    await page.getByRole('link', { name: 'A hole in Elm Street' }).first().click()
    await page.getByText('mail to them is not stopped').waitFor()
    await look(page, 'complaint-case')
    expect(await findBarriers(page)).toEqual([])
    await page.getByLabel('Asked them how they want to hear from us').check()
    await page.getByLabel('In a few words').fill('A slip of the finger.')
    await page.getByRole('button', { name: 'Settle it' }).click()
    await page.getByText(/^Asked them how .*, you, .*A slip of the finger\.$/).waitFor()
  })
})

describe('by text message', () => {
  let number = 0
  async function texted() {
    await emptyLine(office.site.runtime, 'streets')
    number += 1
    const From = `+1202555${String(4_000 + number)}`
    const { db } = office.site.runtime
    expect(
      await office.post(
        '/hooks/sms/twilio',
        incomingText({ From, Body: `There is a pothole in Oak Street, number ${number}` })
      )
    ).toBe(200)
    await until(async () => {
      const waiting = await db
        .selectFrom('cases')
        .select('id')
        .where('state', '=', 'waiting')
        .where('department', '=', 'streets')
        .execute()
      return waiting.length > 0
    })
    await takeNext()
    return From
  }
  const textTo = (number: string, words: string) =>
    until(() => office.carrier.sent.find(({ to, body }) => to === number && body.includes(words)))
  async function report(
    text: { sid: string; to: string; statusCallback: string | undefined },
    status: string
  ) {
    const { pathname, search } = new URL(text.statusCallback!)
    return office.post(pathname + search, {
      MessageSid: text.sid,
      MessageStatus: status,
      SmsStatus: status,
      To: text.to,
      From: OUR_NUMBER
    })
  }

  test('the reply goes to the number that wrote, from ours, and is delivered', async () => {
    const from = await texted()
    await send('We fill it on Monday.')
    const text = await textTo(from, 'We fill it on Monday.')
    expect(text).toMatchObject({ from: OUR_NUMBER })
    expect(await report(text, 'delivered')).toBe(204)
    await page.reload()
    expect(await page.locator('#latest .state').textContent()).toBe('delivered')
  })

  test('one that failed is a duty', async () => {
    const from = await texted()
    await send('We fill it on Tuesday.')
    expect(await report(await textTo(from, 'Tuesday'), 'undelivered')).toBe(204)
    await page.reload()
    expect(await page.locator('#duties').textContent()).toContain('The carrier did not deliver')
    await page.getByLabel('Sent again another way').check()
    await page.getByLabel('In a few words').fill('By letter')
    await page.getByRole('button', { name: 'Settle it' }).click()
    await page.getByText(/^Sent again another way, you, /).waitFor()
  })
})

describe('by a person', () => {
  test('a letter is printed with its address and receipt, and is sent once it is in the mail', async () => {
    await emptyLine(office.site.runtime, 'streets')
    const { receipt } = await stand(office.site.runtime, {
      channel: 'postal',
      to: town('streets'),
      text: `The lamp is out. ${randomUUID()}`,
      sender: { name: 'Rosa Delgado', addresses: ['12 Alder Lane, Willow Creek, IL 62001'] }
    })
    await takeNext()
    await send('Dear Ms. Delgado, it is mended.')
    const href = await page
      .getByRole('link', { name: 'Open the letter to print' })
      .first()
      .getAttribute('href')
    const file = await seat.context.request.get(href!)
    expect(file.headers()['content-type']).toBe('application/pdf')
    const { pages } = await new PDFParse({ data: new Uint8Array(await file.body()) }).getText()
    for (const part of [
      'Rosa Delgado\n12 Alder Lane\nWillow Creek\nIL 62001',
      `Receipt ${receipt}`,
      'Dear Ms. Delgado, it is mended.'
    ])
      expect(pages[0]!.text).toContain(part)
    await look(page, 'letter')
    await page.getByLabel('Printed and in the mail').check()
    await page.getByRole('button', { name: 'Settle it' }).click()
    await page.getByText(/^Printed and in the mail, you, /).waitFor()
    expect(await page.locator('#latest .state').textContent()).toBe('sent')
  })

  test('a call shows the number to call, and stands until somebody says how it went', async () => {
    await emptyLine(office.site.runtime, 'streets')
    await stand(office.site.runtime, {
      channel: 'phone',
      to: town('streets'),
      text: `The lamp is out. ${randomUUID()}`,
      sender: { phones: ['+1 217-555-0142'] }
    })
    await takeNext()
    await send('Tell them it is mended.')
    await page.goto('/desk')
    await page.getByText('Call to make').waitFor()
    await page.locator('section[aria-labelledby="to-do"] a').first().click()
    const duty = page.locator('#duties')
    expect(await duty.textContent()).toContain('A call to make: +1 217-555-0142')
    await look(page, 'call')
    expect([await findBarriers(page), await overflows(page)]).toEqual([[], false])
    await page.getByLabel('Reached them').check()
    await page.getByLabel('In a few words').fill('They are glad.')
    await page.getByRole('button', { name: 'Settle it' }).click()
    await page.getByText(/^Reached them, you, .*They are glad\.$/).waitFor()
  })
})

test('the browser had nothing to complain about, and the ledger holds', async () => {
  expect(seat.complaints).toEqual([])
  const { problems } = await verifyAudit(office.site.runtime.db)
  expect(problems.filter((one) => !one.startsWith('account '))).toEqual([])
})
