/**
 * Mails that hide their words, by SMTP into the running product: read, in the right line, and
 * answered to the right person.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { createTransport, type Transporter } from 'nodemailer'
import {
  findContactId,
  findDone,
  viewContact,
  type SettledContact
} from '../../core/contacts/find.ts'
import { openRuntime, type OpenRuntime } from '../../core/open-runtime.ts'
import { createLog } from '../../platform/logger.ts'
import { testSettings } from '../helpers/runtime.ts'
import {
  runEvenhand,
  startEvenhand,
  stopEvenhand,
  temporaryFolder,
  type Running
} from '../helpers/running.ts'
import { until } from '../helpers/until.ts'

const dataDir = temporaryFolder()
const configDir = temporaryFolder()
let running: Running
let mail: Transporter
let runtime: OpenRuntime
beforeAll(async () => {
  fs.cpSync('config', configDir, { recursive: true })
  fs.writeFileSync(
    path.join(configDir, 'gateways.yaml'),
    'gateways:\n  - id: website\n    kind: form\n    from: [noreply@webhost.example]\n    proof: { networks: [127.0.0.0/8, "::1"] }\n'
  )
  running = await startEvenhand(dataDir, { CONFIG_DIR: configDir })
  mail = createTransport({ host: '127.0.0.1', port: running.smtpPort, ignoreTLS: true })
  runtime = await openRuntime(testSettings({ DATA_DIR: dataDir }), { log: createLog('silent') })
})
afterAll(async () => {
  mail.close()
  await runtime.close()
  await stopEvenhand(running)
  for (const folder of [dataDir, configDir])
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** Sends it and waits until a machine has done all it can. */
async function sent(
  raw: string | Buffer,
  from = 'jane@people.example',
  to = 'hello@willowcreek.example'
): Promise<SettledContact> {
  const { response } = (await mail.sendMail({
    envelope: { from, to },
    raw: typeof raw === 'string' ? raw.replaceAll('\n', '\r\n') : raw
  })) as { response: string }
  const id = await findContactId(runtime.db, /receipt (\S+)/.exec(response)![1]!)
  await until(async () => (await findDone(runtime.db, [id])).has(id))
  return viewContact(runtime.db, id)
}

const receiptOf = (contactId: string) =>
  runtime.db
    .selectFrom('outbound')
    .selectAll()
    .where('contact_id', '=', contactId)
    .where('kind', '=', 'acknowledgement')
    .executeTakeFirst()
const outboxTo = (address: string) =>
  fs
    .readdirSync(path.join(dataDir, 'outbox'))
    .filter((name) =>
      fs.readFileSync(path.join(dataDir, 'outbox', name), 'utf8').includes(`To: ${address}`)
    )

test("a table's words are apart, what is hidden routes nothing", async () => {
  const table =
    'From: Form <web@people.example>\nSubject: x\nContent-Type: text/html\n\n<div style="display:none">building permit zoning</div><table><tr><td>Topic</td><td>pothole</td></tr><tr><td>Where</td><td>Elm</td></tr></table>'
  expect(await sent(table)).toMatchObject({
    outcome: 'case',
    department: 'streets',
    envelope: { text: 'Topic pothole\nWhere Elm' }
  })
})

test('encrypted mail waits for a person, and so does a mail that is nothing but an unread file', async () => {
  expect(await sent(fs.readFileSync('test/fixtures/email/smime-encrypted.eml'))).toMatchObject({
    outcome: 'quarantined',
    envelope: { text: '' }
  })
  const sound =
    'From: jane@people.example\nSubject: Fwd: audio\nContent-Type: audio/amr; name=a.amr\nContent-Transfer-Encoding: base64\n\nIyFBTVIK\n'
  expect((await sent(sound)).trail.at(-1)).toMatchObject({
    verdict: 'quarantined',
    reason: expect.stringContaining('audio/amr')
  })
})

test('signed mail is read as by SMTP so by `evenhand submit`', async () => {
  expect(await sent(fs.readFileSync('test/fixtures/email/smime-signed.eml'))).toMatchObject({
    outcome: 'case',
    envelope: { text: 'The lamp at 7 Oak Street is out.' }
  })
  const { stdout } = await runEvenhand(
    [
      'submit',
      'test/fixtures/email/smime-signed-in-pieces.eml',
      '--channel',
      'email',
      '--wait',
      '--json'
    ],
    { DATA_DIR: dataDir }
  )
  expect(JSON.parse(stdout)).toMatchObject({
    envelope: { text: 'The lamp at 7 Oak Street is out.' }
  })
})

test('a contact form that is set up is answered to the resident', async () => {
  const { contactId, envelope } = await sent(
    'From: Website <noreply@webhost.example>\nReply-To: Rosa Diaz <rosa@people.example>\nSubject: New message\n\nThe fountain in Mill Park is off.\n',
    'noreply@webhost.example'
  )
  expect(envelope!.sender).toMatchObject({ name: 'Rosa Diaz', emails: ['rosa@people.example'] })
  await until(async () => (await receiptOf(contactId))?.state === 'sent')
  expect(outboxTo('rosa@people.example')).toHaveLength(1)
})

test('a report that our receipt is delayed leaves it sent', async () => {
  const { contactId } = await sent(
    'From: Max <max@people.example>\nSubject: Lamp\n\nThe lamp at the library is out.\n',
    'max@people.example'
  )
  await until(async () => (await receiptOf(contactId))?.state === 'sent')
  const receipt = fs.readFileSync(
    path.join(dataDir, 'outbox', outboxTo('max@people.example')[0]!),
    'utf8'
  )
  const replyTo = /^Reply-To: (\S+)/m.exec(receipt)![1]!
  const report = (action: string, status: string) =>
    `From: MAILER-DAEMON@mx.people.example\nTo: ${replyTo}\nSubject: Delivery status\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nStatus of your message, ${action}.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; max@people.example\nAction: ${action}\nStatus: ${status}\n--b--\n`
  expect(await sent(report('delayed', '4.4.1'), '', replyTo)).toMatchObject({ outcome: 'bounce' })
  expect(await receiptOf(contactId)).toMatchObject({ state: 'sent', delivery: 'delayed' })
  await sent(report('failed', '5.1.1'), '', replyTo)
  expect(await receiptOf(contactId)).toMatchObject({ state: 'undeliverable', delivery: 'failed' })
})
