import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { channels } from '../../../channels/index.ts'
import { enqueueUpdates } from '../../../core/verification/updates.ts'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { recordDelivery } from '../../../core/outbox/text-delivery.ts'
import { forgetOld } from '../../../core/records/retention.ts'
import { sendReply } from '../../../core/replies/send.ts'
import { newId } from '../../../platform/ids.ts'
import { codeRates } from '../../../platform/limits/rates.ts'
import {
  bringIn,
  contactRow,
  emptyLine,
  settlerOf,
  stand,
  take,
  type Mail,
  type Stood
} from '../../helpers/contacts.ts'
import { openMailServer, type MailServer } from '../../helpers/mail-server.ts'
import { openSite, Visitor, type Page, type Site } from '../../helpers/site.ts'
import { openTwilio, type TwilioStandIn } from '../../helpers/twilio.ts'

let site: Site
let mails: MailServer
let twilio: TwilioStandIn
beforeAll(async () => {
  mails = await openMailServer()
  twilio = await openTwilio()
  site = await openSite({ MAIL_URL: mails.url, ...twilio.environment })
})
afterEach(async () => {
  await emptyLine(site.runtime)
  // Each test has its own day: the codes of the others do not count.
  await sql`update address_proofs set asked_at = asked_at - interval '1 day'`.execute(
    site.runtime.db
  )
})
afterAll(async () => {
  await site.close()
  await mails.close()
  await twilio.close()
})

const ann = 'staff:ann'
const secretWords = 'We mend the swing on Thursday.'

/** What was sent by this: mails unfolded, then texts. */
async function delivered(...contactIds: string[]): Promise<string[]> {
  const [mailsBefore, textsBefore] = [mails.taken.length, twilio.sent.length]
  await openDispatcher(site.runtime, channels).acknowledge(contactIds)
  return [
    ...mails.taken.slice(mailsBefore).map(({ raw }) => raw.replaceAll('=\r\n', '')),
    ...twilio.sent.slice(textsBefore).map(({ to, body }) => `To: ${to}\n\n${body}`)
  ]
}

async function standing(mail: Mail = {}): Promise<Stood> {
  const stood = await stand(site.runtime, {
    channel: 'web',
    text: `The swing is broken: ${randomUUID()}`,
    sender: { name: 'Rosa Diaz', emails: ['rosa@people.example'] },
    ...mail
  })
  await delivered(stood.contactId)
  return stood
}

async function answer(stood: Stood, address = 'rosa@people.example'): Promise<void> {
  await take(site.runtime, ann)
  await sendReply(site.runtime, {
    replyId: newId(),
    caseId: stood.caseId,
    contactId: stood.contactId,
    actor: ann,
    way: 'mail',
    address,
    typed: false,
    name: undefined,
    language: 'en',
    subject: 'The swing',
    text: secretWords
  })
}

const codeIn = (mails: readonly string[]) => /\b\d{6}\b/.exec(mails.at(-1) ?? '')?.[0] ?? 'none'
const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

async function send(
  visitor: Visitor,
  receipt: string,
  [from, to]: [from: string, to: string],
  fields: Record<string, string>
): Promise<Page> {
  const page = await visitor.get(from)
  return visitor.post(`/r/${receipt}/${to}`, { _token: page.input('_token'), ...fields })
}

const askUpdates = (visitor: Visitor, receipt: string, address: string) =>
  send(visitor, receipt, [`/r/${receipt}`, 'updates'], { address })

async function give(visitor: Visitor, location: string, code: string): Promise<Page> {
  const page = await visitor.get(location)
  return visitor.post(location, { _token: page.input('_token'), code })
}

/** Asks for updates and gives the code back. */
async function confirm(
  stood: Pick<Stood, 'contactId' | 'receipt'>,
  address: string
): Promise<Visitor> {
  const visitor = new Visitor(site.url)
  const asked = await askUpdates(visitor, stood.receipt, address)
  const location = asked.headers.get('location')!
  const given = await give(visitor, location, codeIn(await delivered(stood.contactId)))
  expect(given.headers.get('location')).toBe(`/r/${stood.receipt}?updates=1`)
  return visitor
}

const update = async (...contactIds: string[]) => {
  await enqueueUpdates(site.runtime, 0)
  return delivered(...contactIds)
}

describe('reading the answer', () => {
  let stood: Stood
  let visitor: Visitor
  beforeEach(async () => {
    stood = await standing()
    await answer(stood)
    await delivered(stood.contactId)
    visitor = new Visitor(site.url)
  })

  const choose = () =>
    send(visitor, stood.receipt, [`/r/${stood.receipt}/answer`, 'answer'], { to: '0' })

  test('takes a code sent to an address of the message; the receipt alone shows nothing', async () => {
    const status = await visitor.get(`/r/${stood.receipt}`)
    const choice = await visitor.get(`/r/${stood.receipt}/answer`)
    expect(status.text).toContain('Read our answer')
    expect(choice.text).toContain('Email a code to r•••@people.example')
    for (const { text } of [status, choice])
      expect(text).not.toMatch(/swing|Rosa|Diaz|rosa@|Thursday/)

    const asked = await choose()
    const location = asked.headers.get('location')!
    const mails = await delivered(stood.contactId)
    expect(mails).toHaveLength(1)
    expect(mails[0]).toMatch(/^To: rosa@people\.example\r$/m)
    expect(mails[0]).not.toContain(stood.receipt)
    expect((await visitor.get(location)).text).toContain('r•••@people.example')

    const opened = await give(visitor, location, codeIn(mails))
    expect(opened.headers.get('location')).toBe(`/r/${stood.receipt}/answer`)
    expect(opened.headers.getSetCookie()[0]).toMatch(
      new RegExp(`^evenhand-answer=[^;]+; Path=/r/${stood.receipt}; HttpOnly; SameSite=Lax$`)
    )
    const answers = await visitor.get(`/r/${stood.receipt}/answer`)
    expect(answers.text).toContain(secretWords)
    expect(answers.headers.get('cache-control')).toBe('no-store')
    expect((await new Visitor(site.url).get(`/r/${stood.receipt}/answer`)).text).not.toContain(
      secretWords
    )
    await visitor.post(`/r/${stood.receipt}/answer/close`, {})
    expect((await visitor.get(`/r/${stood.receipt}/answer`)).text).not.toContain(secretWords)
  })

  test('takes neither a wrong code, nor the right one after five tries', async () => {
    const location = (await choose()).headers.get('location')!
    const code = codeIn(await delivered(stood.contactId))
    const pages = []
    for (let n = 0; n < codeRates.codeTries; n += 1)
      pages.push(await give(visitor, location, wrong(code)))
    expect(pages.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422])
    expect(pages[0]!.text).toContain('That is not the code')
    expect(pages[4]!.text).toContain('no longer good')
    const late = await visitor.post(location, { _token: pages[4]!.input('_token'), code })
    expect(late.headers.getSetCookie().join()).not.toContain('evenhand-answer')
  })

  test('takes no code once its ten minutes are over, and shows answers for half an hour', async () => {
    const location = (await choose()).headers.get('location')!
    const code = codeIn(await delivered(stood.contactId))
    await sql`update address_proofs set expires_at = now()
      where contact_id = ${stood.contactId}`.execute(site.runtime.db)
    expect((await visitor.get(location)).text).toContain('no longer good')

    const again = (await choose()).headers.get('location')!
    expect(again).not.toBe(location)
    await give(visitor, again, codeIn(await delivered(stood.contactId)))
    await sql`update address_proofs set proved_at = now() - make_interval(mins =>
      ${codeRates.openMinutes})
      where contact_id = ${stood.contactId}`.execute(site.runtime.db)
    expect((await visitor.get(`/r/${stood.receipt}/answer`)).text).not.toContain(secretWords)
    expect(code).toMatch(/^\d{6}$/)
  })

  test('a code is in no table, job or ledger', async () => {
    await choose()
    const code = codeIn(await delivered(stood.contactId))
    const { rows } = await sql<{ found: string }>`
      select to_jsonb(address_proofs)::text as found from address_proofs
      union all select to_jsonb(outbound)::text from outbound
      union all select to_jsonb(events)::text from events`.execute(site.runtime.db)
    // A number of six digits may stand in a longer one by chance.
    expect(rows.filter(({ found }) => new RegExp(`"${code}"`).test(found))).toEqual([])
    expect(rows.length).toBeGreaterThan(2)
  })

  test('a cookie of one message opens no other', async () => {
    const location = (await choose()).headers.get('location')!
    await give(visitor, location, codeIn(await delivered(stood.contactId)))
    const other = await standing({ text: 'Another', sender: { emails: ['leo@people.example'] } })
    await answer(other, 'leo@people.example')
    await delivered(other.contactId)
    expect((await visitor.get(`/r/${other.receipt}/answer`)).text).not.toContain(secretWords)
    expect((await visitor.get(`/r/${other.receipt}${location.slice(23)}`)).status).toBe(404)
  })
})

test('who gave no address is told how else to hear the answer', async () => {
  const stood = await standing({ sender: { emails: [], addresses: ['1 Oak St, Willow Creek'] } })
  await answer(stood, 'typed@people.example')
  await delivered(stood.contactId)
  const page = await new Visitor(site.url).get(`/r/${stood.receipt}/answer`, {
    'accept-language': 'es'
  })
  for (const part of ['217-555-0100', 'Town Hall, 12 Main Street', 'ninguna dirección ni número'])
    expect(page.text).toContain(part)
  expect(page.text).not.toMatch(/name="to"/)
})

describe('updates', () => {
  test('nothing but a code is sent before the address is confirmed', async () => {
    const stood = await standing()
    const visitor = new Visitor(site.url)
    const asked = await askUpdates(visitor, stood.receipt, 'Ana@friends.example')
    expect(asked.status).toBe(303)
    const mails = await delivered(stood.contactId)
    expect(mails).toHaveLength(1)
    expect(mails[0]).toMatch(/^To: Ana@friends\.example\r$/m)
    expect(mails[0]).not.toMatch(new RegExp(`${stood.receipt}|swing|https?://`))
    await take(site.runtime, ann)
    await site.runtime.line.close(stood.caseId, ann, 'Mended')
    expect(await update(stood.contactId)).toEqual([])
  })

  test('tell of an ending with its outcome, once, with a way to stop', async () => {
    const stood = await standing()
    const visitor = await confirm(stood, 'ana@friends.example')
    expect((await visitor.get(`/r/${stood.receipt}?updates=1`)).text).toMatch(
      /we write to you when something changes[\s\S]*a•••@friends\.example/
    )
    await take(site.runtime, ann)
    await site.runtime.line.close(stood.caseId, ann, 'Mended', { outcomeId: 'no-action' })
    const [mail, ...more] = await update(stood.contactId)
    expect(more).toEqual([])
    expect(mail).toMatch(/^To: ana@friends\.example\r$/m)
    expect(mail).toContain('Closed by Parks and Recreation.')
    expect(mail).toMatch(/^Auto-Submitted: auto-generated/m)
    expect(mail).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click/m)
    expect(mail).not.toMatch(/Mended|swing|Rosa/)
    expect(await update(stood.contactId)).toEqual([])

    const [link] = /\/u\/[\w.-]+/.exec(mail!)!
    expect((await visitor.get(link)).text).toContain('Stop these updates?')
    const forged = link.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))
    expect((await visitor.get(forged)).status).toBe(404)
    await site.runtime.line.reopen(stood.caseId, ann, 'not mended')
    expect((await visitor.post(link, { 'List-Unsubscribe': 'One-Click' })).status).toBe(200)
    await take(site.runtime, ann)
    await site.runtime.line.close(stood.caseId, ann, 'Now it is')
    expect(await update(stood.contactId)).toEqual([])
  })

  test('tell that the resident is waited for, by text in their language', async () => {
    const stood = await standing()
    const visitor = new Visitor(site.url)
    await visitor.get(`/?lang=es`)
    const asked = await askUpdates(visitor, stood.receipt, '(217) 555-0142')
    const texts = await delivered(stood.contactId)
    expect(texts[0]).toMatch(/^To: \+12175550142\n/)
    await give(visitor, asked.headers.get('location')!, codeIn(texts))
    await take(site.runtime, ann)
    await site.runtime.line.pause(stood.caseId, {
      actor: ann,
      reason: 'which swing?',
      until: new Date(Date.now() + 86_400_000)
    })
    const [text] = await update(stood.contactId)
    expect(text).toContain('Necesitamos una respuesta suya.')
    expect(text).not.toContain('which swing')
  })

  test('tell of each case that a message was split into, as its page does', async () => {
    const stood = await standing()
    const visitor = await confirm(stood, 'ana@friends.example')
    await take(site.runtime, ann)
    const part = await site.runtime.line.split(stood.caseId, ann, 'the bench, too')
    await site.runtime.line.close(stood.caseId, ann, 'Mended')
    expect(await update(stood.contactId)).toEqual([])
    expect((await visitor.get(`/r/${stood.receipt}`)).text).toContain(
      'dealt with as 2 matters; ended so far: 1<'
    )
    await take(site.runtime, ann)
    const until = new Date(Date.now() + 86_400_000)
    await site.runtime.line.pause(part, { actor: ann, reason: 'which bench?', until })
    expect((await update(stood.contactId)).join()).toContain('We need an answer from you.')
    await site.runtime.line.resume(part, ann, 'they called')
    await take(site.runtime, ann)
    await site.runtime.line.close(part, ann, 'Mended')
    expect((await update(stood.contactId)).join()).toContain('Closed by Parks and Recreation.')
    expect((await visitor.get(`/r/${stood.receipt}`)).text).toContain(
      'dealt with as 2 matters. All are ended'
    )
  })

  test('can be asked for while nobody has sorted the message yet', async () => {
    const { contactId, receipt } = await bringIn(site.runtime, { text: 'The pier has a hole' })
    await confirm({ contactId, receipt }, 'ana@friends.example')
    await settlerOf(site.runtime).settle([contactId])
    const { case_id: caseId } = await contactRow(site.runtime, contactId)
    await take(site.runtime, ann)
    await site.runtime.line.close(caseId!, ann, 'Mended')
    expect((await update(contactId)).join()).toContain('Closed by Parks and Recreation.')
  })

  test('are not sent to the address that the answer itself went to', async () => {
    const stood = await standing()
    await confirm(stood, 'Rosa@people.example')
    await answer(stood)
    const mails = await delivered(stood.contactId)
    expect(mails.filter((mail) => mail.includes(secretWords))).toHaveLength(1)
    expect(await update(stood.contactId)).toEqual([])
  })

  test('tell another address of an answer only when it has been sent', async () => {
    const stood = await standing()
    await confirm(stood, 'ana@friends.example')
    await answer(stood)
    await enqueueUpdates(site.runtime, 0)
    expect((await delivered(stood.contactId)).join()).not.toContain('ana@friends.example')
    const [mail] = await update(stood.contactId)
    expect(mail).toContain('We have sent an answer.')
    expect(mail).not.toContain('Thursday')
  })

  test('go to one address of a kind: the latest confirmed one', async () => {
    const stood = await standing()
    await confirm(stood, 'ana@friends.example')
    await confirm(stood, 'leo@friends.example')
    await take(site.runtime, ann)
    await site.runtime.line.close(stood.caseId, ann, 'Mended')
    const mails = await update(stood.contactId)
    expect(mails.map((mail) => /^To: (\S+)/m.exec(mail)![1])).toEqual(['leo@friends.example'])
  })

  test('cannot be used to bother somebody: five codes a day, with whatever receipt', async () => {
    const two = [await standing(), await standing({ text: 'The lamp is out' })]
    const statuses: number[] = []
    for (let n = 0; n < 6; n += 1) {
      const { receipt, contactId } = two[n % 2]!
      const visitor = new Visitor(site.url)
      statuses.push((await askUpdates(visitor, receipt, 'victim@people.example')).status)
      await sql`update address_proofs set asked_at = asked_at - interval '1 minute'
        where contact_id = ${contactId}`.execute(site.runtime.db)
    }
    expect(statuses).toEqual([303, 303, 303, 303, 303, 429])
  })

  test('asked for twice by a second press send one code', async () => {
    const stood = await standing()
    const visitor = new Visitor(site.url)
    const [one, two] = [
      await askUpdates(visitor, stood.receipt, 'ana2@friends.example'),
      await askUpdates(visitor, stood.receipt, 'ana2@friends.example')
    ]
    const location = one.headers.get('location')!
    expect(two.headers.get('location')).toBe(`${location}?again=1`)
    expect(await delivered(stood.contactId)).toHaveLength(1)
    const page = async (more = '') => (await visitor.get(`${location}${more}`)).text
    expect(await page()).toMatch(/We sent a code to a•••@friends\.example\. It is good for 10 more/)
    expect(await page('?again=1')).toMatch(
      /sent a code to a•••@friends\.example\. [^<]+\. No second code was sent\. You can ask for another one in \d+ seconds/
    )
    await sql`update address_proofs set asked_at = asked_at - interval '1 minute',
      expires_at = expires_at - interval '9 minutes 30 seconds'
      where contact_id = ${stood.contactId}`.execute(site.runtime.db)
    expect(await page('?again=1')).toContain(
      'It is good for one more minute. No second code was sent. You can ask for another one.'
    )
    expect((await askUpdates(visitor, stood.receipt, 'ana2@friends.example')).text).toBe('')
    expect(await delivered(stood.contactId)).toHaveLength(1)
  })

  test('say what became of the code: being sent, filed, sent, or not delivered', async () => {
    const stood = await standing()
    const visitor = new Visitor(site.url)
    const asked = await askUpdates(visitor, stood.receipt, '(217) 555-0143')
    const said = async () => (await visitor.get(asked.headers.get('location')!)).text
    expect(await said()).toContain('We are sending a code to')
    await sql`update outbound set state = 'sent', delivery = 'filed' where kind like 'code:%'
      and contact_id = ${stood.contactId}`.execute(site.runtime.db)
    expect(await said()).toContain('was written to a file and not sent, because')
    const { rows } = await sql<{ id: string }>`select id from outbound where kind like 'code:%'
      and contact_id = ${stood.contactId}`.execute(site.runtime.db)
    const report = (status: string) =>
      recordDelivery(site.runtime.db, { outboundId: rows[0]!.id, providerId: 'SM1', status })
    await report('sent')
    expect(await said()).toContain('We sent a code to')
    await report('undelivered')
    expect(await said()).toMatch(/could not be sent, or did not arrive\. Please choose another/)
    expect(await said()).not.toContain('We sent a code')
  })

  test.each(['nobody', 'a@b@c', '12', 'x'.repeat(300), '<b>@c.example'])(
    '%s is no address, and is given back to be mended',
    async (address) => {
      const stood = await standing()
      const page = await askUpdates(new Visitor(site.url), stood.receipt, address)
      expect([page.status, page.text.includes('id="updates" open')]).toEqual([422, true])
      expect(page.text).toContain('Please enter an email address')
      expect(await delivered(stood.contactId)).toEqual([])
    }
  )

  test('need a page of ours: another site cannot have a code sent', async () => {
    const stood = await standing()
    const page = await new Visitor(site.url).post(`/r/${stood.receipt}/updates`, {
      address: 'victim@people.example'
    })
    expect(page.status).toBe(403)
    expect(await delivered(stood.contactId)).toEqual([])
  })
})

test('what is no longer needed is forgotten, and the ledger holds', async () => {
  const { db } = site.runtime
  await sql`update address_proofs set asked_at = now() - interval '2 days'`.execute(db)
  await forgetOld(site.runtime)
  const { rows } = await sql<{ kept: string }>`
    select count(*) filter (where told_event is null or stopped_at is not null) as kept
    from address_proofs`.execute(db)
  expect(rows).toEqual([{ kept: '0' }])
  const report = await verifyAudit(db)
  expect(report.problems).toEqual([])
})
