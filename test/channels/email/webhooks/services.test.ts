import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import net from 'node:net'
import { email } from '../../../../channels/email/index.ts'
import { releaseContact } from '../../../../core/contacts/quarantine.ts'
import { openHttpDoor, type HttpDelivery, type HttpDoor } from '../../../contract/http-door.ts'
import { contactRow } from '../../../helpers/contacts.ts'
import { openFileHost, type FileHost } from '../../../helpers/file-host.ts'
import { mailWith } from '../../../helpers/mail.ts'
import { openPipeline, type Pipeline } from '../../../helpers/pipeline.ts'
import { createTestRuntime, type TestRuntime } from '../../../helpers/runtime.ts'
import {
  mailgunAccount,
  postalAccount,
  postmarkAccount,
  resendAccount,
  sendgridAccount
} from './support.ts'

const [postmark, sendgrid, mailgun] = [postmarkAccount(), sendgridAccount(), mailgunAccount()]
const [postal, resend] = [postalAccount(), resendAccount()]
const whole = [postmark, sendgrid, mailgun, postal]
let store: FileHost
let runtime: TestRuntime
let door: HttpDoor
let pipeline: Pipeline
beforeAll(async () => {
  store = await openFileHost()
  runtime = await createTestRuntime('postgres', {
    ...Object.assign({}, ...[...whole, resend].map(({ environment }) => environment)),
    RESEND_API_URL: store.url,
    RESEND_FILE_HOSTS: store.host
  })
  door = await openHttpDoor(runtime, email)
  pipeline = openPipeline(runtime)
})
afterAll(async () => {
  await door.close()
  await pipeline.close()
  await runtime.remove()
  await store.close()
})

let number = 0
const newId = () => `delivery-${++number}`
const newMail = (text = 'The lamp is out', files = 0) =>
  mailWith(
    `${text} (${newId()})`,
    files
      ? [{ name: 'a.bin', type: 'application/octet-stream', bytes: Buffer.alloc(files, 7) }]
      : [],
    { subject: 'Lamp' }
  )

async function deliver(delivery: HttpDelivery) {
  const { response } = await door.post(delivery)
  expect(response.status).toBe(200)
  const receipt = await response.text()
  const row = await runtime.db
    .selectFrom('contacts')
    .select('id')
    .where('receipt', '=', receipt)
    .executeTakeFirst()
  if (!row) return { receipt, contact: undefined }
  await pipeline.run([row.id])
  return { receipt, contact: await contactRow(runtime, row.id) }
}

describe.each(whole)('$id', (account) => {
  test('a mail is read from the bytes the service took in, with MAIL FROM and recipient of its envelope', async () => {
    const mail = await newMail()
    const { contact } = await deliver(
      account.post({ mail, to: 'Water@willowcreek.example', from: 'bounces@people.example' })
    )
    expect((await runtime.blobs.get(contact!.raw_sha256)).equals(mail)).toBe(true)
    expect(contact).toMatchObject({
      channel: 'email',
      source: 'smtp',
      media_type: 'message/rfc822',
      recipients: ['water@willowcreek.example'],
      state: 'settled'
    })
    expect(contact!.envelope).toMatchObject({
      subject: 'Lamp',
      sender: { name: 'Agnes Whitlock', emails: ['agnes@people.example'] },
      evidence: {
        service: account.id,
        signed: true,
        ...(account.id === 'postmark' ? {} : { mailFrom: 'bounces@people.example' })
      }
    })
  })

  test('the same mail by SMTP is the same contact', async () => {
    const mail = await newMail()
    const { receipt } = await deliver(account.post({ mail }))
    expect(
      await runtime.acceptor.accept(email.fromFile('a.eml', mail, runtime.agency()))
    ).toMatchObject({ receipt, repeated: true })
  })

  test('a large mail comes in whole', async () => {
    const mail = await newMail('with a file', 600_000)
    const { contact } = await deliver(account.post({ mail }))
    expect((await runtime.blobs.get(contact!.raw_sha256)).equals(mail)).toBe(true)
    expect(contact!.envelope!.documents).toMatchObject([{ name: 'a.bin', bytes: 600_000 }])
  })

  test('cut off in the middle it leaves nothing, and comes in when it is sent again', async () => {
    const delivery = account.post({ mail: await newMail() })
    const before = await count()
    await cut(delivery)
    expect(await count()).toBe(before)
    expect((await deliver(delivery)).contact).toMatchObject({ state: 'settled' })
  })

  test('a forged mail waits with its place and is told apart from the real one', async () => {
    const mail = await newMail()
    const forged = await deliver(account.post({ mail, signature: 'wrong' }))
    expect(forged.contact).toMatchObject({
      source: account.id,
      state: 'quarantined',
      evidence: { signed: false }
    })
    const real = await deliver(account.post({ mail }))
    expect(real.contact).toMatchObject({ source: 'smtp' })
    expect(real.receipt).not.toBe(forged.receipt)
  })

  test('a mail that was held for its proof is read like any other when a person releases it', async () => {
    const delivery = account.post({ mail: await newMail('not proved'), signature: 'none' })
    const { contact } = await deliver(delivery)
    expect(contact).toMatchObject({ state: 'quarantined', envelope: { subject: 'Lamp' } })
    await releaseContact(runtime.db, contact!.id, 'staff:ann', 'known to us')
    await pipeline.run([contact!.id])
    expect(await contactRow(runtime, contact!.id)).toMatchObject({
      state: 'settled',
      ordinal: contact!.ordinal,
      envelope: {
        subject: 'Lamp',
        text: expect.stringContaining('not proved'),
        recipients: ['parks@willowcreek.example']
      }
    })
  })

  test('without the mail itself it waits, says what is to be switched on, and is one contact however often it comes', async () => {
    const delivery = account.post({ mail: await newMail(), id: newId(), without: true })
    const first = await deliver(delivery)
    expect(first.contact).toMatchObject({
      source: account.id,
      state: 'quarantined',
      evidence: {
        signed: true,
        quarantine: expect.stringMatching(/sent no mail.*(Switch|Let|Set)/)
      }
    })
    expect((await deliver(delivery)).receipt).toBe(first.receipt)
  })

  test('released by a person, what the service read in it goes to its line', async () => {
    const { contact } = await deliver(
      account.post({ mail: await newMail(), id: newId(), without: true })
    )
    await releaseContact(runtime.db, contact!.id, 'staff:ann', 'known to us')
    await pipeline.run([contact!.id])
    expect(await contactRow(runtime, contact!.id)).toMatchObject({
      state: 'settled',
      ordinal: contact!.ordinal,
      envelope: {
        text: expect.stringContaining('the words as'),
        sender: { emails: ['agnes@people.example'] },
        evidence: { incomplete: expect.stringContaining('sent no mail') }
      }
    })
  })

  test('a body that is none of theirs waits for a person, who alone can make a case of it', async () => {
    const { contact } = await deliver(account.postBody(Buffer.from('{"hello": 1}')))
    expect(contact).toMatchObject({ state: 'quarantined', source: account.id })
    await releaseContact(runtime.db, contact!.id, 'staff:ann', 'a look')
    await pipeline.run([contact!.id])
    expect(await contactRow(runtime, contact!.id)).toMatchObject({
      state: 'settled',
      ordinal: contact!.ordinal,
      envelope: { text: '', documents: [{ name: 'original' }] }
    })
  })
})

describe('Resend', () => {
  const place = (id: string) => `/emails/receiving/${id}?html_format=cid`
  const named = (id: string) => ({
    body: JSON.stringify({ raw: { download_url: `${store.url}/${id}.eml` } })
  })

  test('the mail is fetched with the key, and only its place is asked for with it', async () => {
    const [id, mail] = [newId(), await newMail()]
    store.tell(place(id), named(id))
    store.tell(`/${id}.eml`, { body: mail })
    const { contact } = await deliver(resend.post({ mail, id }))
    expect(contact).toMatchObject({
      source: 'resend',
      external_id: id,
      state: 'settled',
      envelope: { subject: 'Lamp', sender: { name: 'Agnes Whitlock' } }
    })
    expect(store.asked.slice(-2)).toEqual([
      { path: place(id), authorization: `Bearer ${resend.key}` },
      { path: `/${id}.eml`, authorization: undefined }
    ])
  })

  test('while Resend is down the mail keeps its place and is fetched later', async () => {
    const [id, mail] = [newId(), await newMail()]
    store.tell(place(id), { status: 503 }, named(id))
    store.tell(`/${id}.eml`, { body: mail, breakAfter: 10 }, { body: mail })
    const { contact } = await deliver(resend.post({ mail, id }))
    expect(contact).toMatchObject({ state: 'accepted' })
    for (let tries = 0; tries < 2; tries += 1) {
      await runtime.db
        .updateTable('remote_files')
        .set({ due_at: new Date(0) })
        .execute()
      await pipeline.run([contact!.id])
    }
    expect(await contactRow(runtime, contact!.id)).toMatchObject({
      state: 'settled',
      ordinal: contact!.ordinal,
      envelope: { subject: 'Lamp' }
    })
  })

  test('a mail on another host is not fetched; a person sees who wrote it and about what', async () => {
    const id = newId()
    store.tell(place(id), {
      body: JSON.stringify({ raw: { download_url: 'https://elsewhere.example/a.eml' } })
    })
    const { contact } = await deliver(resend.post({ mail: Buffer.alloc(0), id }))
    expect(contact).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'TEXT_UNSURE',
      envelope: { subject: 'as Resend read it', sender: { emails: ['agnes@people.example'] } }
    })
  })

  test('nothing is fetched for a forged notice', async () => {
    const id = newId()
    store.tell(place(id), named(id))
    const { contact } = await deliver(
      resend.post({ mail: Buffer.alloc(0), id, signature: 'wrong' })
    )
    expect(contact).toMatchObject({ state: 'quarantined', evidence: { signed: false } })
    expect(store.asked.filter(({ path }) => path === place(id))).toEqual([])
  })

  test('other events are answered and not taken', async () => {
    const event = { type: 'email.bounced', data: { email_id: 'a' } }
    expect(await deliver(resend.postBody(Buffer.from(JSON.stringify(event))))).toEqual({
      receipt: 'nothing to take',
      contact: undefined
    })
  })
})

test('what a service or the mail itself says of its being genuine counts for nothing', async () => {
  const mail = await mailWith('Forged', [], {
    headers: { 'Authentication-Results': 'mx.town.example; dkim=pass header.d=people.example' }
  })
  const { contact } = await deliver(sendgrid.post({ mail }))
  expect(contact!.envelope!.evidence).toMatchObject({
    verdicts: { dkim: '{@people.example : pass}', spf: 'pass' }
  })
  expect(contact!.envelope!.evidence).not.toHaveProperty('authenticated')
})

test('a service whose setting is not there has no address', async () => {
  const plain = await createTestRuntime('postgres')
  const open = await openHttpDoor(plain, email)
  for (const account of [...whole, resend])
    expect((await open.post(account.post({ mail: await newMail() }))).response.status).toBe(404)
  await open.close()
  await plain.remove()
})

async function count(): Promise<number> {
  const { n } = await runtime.db
    .selectFrom('contacts')
    .select(({ fn }) => fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** Sends half of the body and goes away, once the server has let go of the connection, too. */
function cut({ path, headers, body }: HttpDelivery): Promise<void> {
  const { hostname, port } = new URL(door.url)
  const head = Object.entries({ ...headers, host: hostname, 'content-length': body.length })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname)
    socket.on('error', reject).on('close', () => resolve())
    socket.write(`POST ${path} HTTP/1.1\r\n${head}\r\n`)
    socket.write(body.subarray(0, body.length >> 1), () => socket.end())
    socket.resume()
  })
}
