/** Mails that Amazon stored in a bucket, and only gave notice of. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createHmac, hash } from 'node:crypto'
import { email } from '../../../../channels/email/index.ts'
import { heldContact, postedContact } from '../../../../channels/email/webhooks/raw-contact.ts'
import { fileInS3 } from '../../../../channels/email/webhooks/s3.ts'
import { ses } from '../../../../channels/email/webhooks/ses.ts'
import { contactRow } from '../../../helpers/contacts.ts'
import { openFileHost, type FileHost } from '../../../helpers/file-host.ts'
import { mailWith } from '../../../helpers/mail.ts'
import { openPipeline, type Pipeline } from '../../../helpers/pipeline.ts'
import { createTestRuntime, testSettings, type TestRuntime } from '../../../helpers/runtime.ts'
import { sesAccount } from './support.ts'

const amazon = sesAccount()
const keys = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const access = {
  SES_BUCKETS: 'us-east-1/town-mail, eu-west-1/old-mail',
  SES_BUCKET_KEY_ID: keys.id,
  SES_BUCKET_SECRET_KEY: keys.secret
}
let store: FileHost
let runtime: TestRuntime
let pipeline: Pipeline
beforeAll(async () => {
  store = await openFileHost()
  runtime = await createTestRuntime('postgres', { ...access, SES_BUCKET_URL: store.url })
  pipeline = openPipeline(runtime)
})
afterAll(async () => {
  await pipeline.close()
  await runtime.remove()
  await store.close()
})

let number = 0

function notice(bucketName: string, objectKey: string) {
  const id = `mail-${++number}`
  const Message = JSON.stringify({
    notificationType: 'Received',
    mail: {
      source: 'agnes@people.example',
      messageId: id,
      commonHeaders: { from: ['Agnes <agnes@people.example>'], subject: 'as Amazon read it' }
    },
    receipt: {
      recipients: ['parks@willowcreek.example'],
      action: { type: 'S3', bucketName, objectKeyPrefix: 'in', objectKey }
    }
  })
  return amazon.notice({ Message })
}

async function deliver(bucket: string, key: string) {
  const { body } = notice(bucket, key)
  const mail = (await ses.read(body, 'text/plain'))!.mail
  const raw = postedContact({ service: ses, body, mediaType: 'text/plain', mail }, [])
  const { contactId } = await runtime.acceptor.accept(raw)
  await pipeline.run([contactId])
  return contactId
}

async function tryAgain(id: string) {
  await runtime.db
    .updateTable('remote_files')
    .set({ due_at: new Date(0) })
    .execute()
  await pipeline.run([id])
}

test('the mail is fetched with a signed request, and read like any other', async () => {
  store.tell('/town-mail/in/a%20mail%27s', { body: await mailWith('The lamp is out', []) })
  const id = await deliver('town-mail', "in/a mail's")
  expect(await contactRow(runtime, id)).toMatchObject({
    source: 'ses',
    state: 'settled',
    recipients: ['parks@willowcreek.example'],
    envelope: {
      text: 'The lamp is out',
      sender: { name: 'Agnes Whitlock' },
      evidence: { mailFrom: 'agnes@people.example', signed: true }
    }
  })
  expect(store.asked.at(-1)!.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/us-east-1\/s3\/aws4_request, /
  )
})

test('while S3 is down the mail keeps its place and is fetched later', async () => {
  const mail = await mailWith('The swing is broken', [])
  store.tell('/old-mail/in/b', { status: 503 }, { body: mail, breakAfter: 10 }, { body: mail })
  const id = await deliver('old-mail', 'in/b')
  const { ordinal } = await contactRow(runtime, id)
  for (let tries = 0; tries < 2; tries += 1) await tryAgain(id)
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'settled',
    ordinal,
    envelope: { text: 'The swing is broken' }
  })
})

test.each([404, 403])(
  'answered %i at every try, a person sees who wrote and about what',
  async (status) => {
    const key = `in/refused-${status}`
    store.tell(`/town-mail/${key}`, { status })
    const id = await deliver('town-mail', key)
    expect(await contactRow(runtime, id)).toMatchObject({ state: 'accepted' })
    await runtime.db.updateTable('remote_files').set({ attempts: 200 }).execute()
    await tryAgain(id)
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'TEXT_UNSURE',
      envelope: { subject: 'as Amazon read it', sender: { emails: ['agnes@people.example'] } }
    })
  }
)

test('a bucket that is not named is not asked, and a person is told', async () => {
  const asked = store.asked.length
  expect(await contactRow(runtime, await deliver('other-mail', 'in/c'))).toMatchObject({
    state: 'quarantined',
    envelope: { evidence: { incomplete: expect.stringContaining('SES_BUCKETS') } }
  })
  expect(store.asked).toHaveLength(asked)
})

test('nothing is fetched for a forged notice', async () => {
  const { body } = notice('town-mail', 'in/d')
  const asked = store.asked.length
  const raw = heldContact({ service: ses, body, mediaType: 'text/plain' }, 'not proved')
  const { contactId } = await runtime.acceptor.accept(raw)
  await pipeline.run([contactId])
  expect(store.asked).toHaveLength(asked)
})

test('no key leads out of its bucket, and none is asked for without an account', () => {
  const settings = testSettings({ ...access, SES_BUCKET_URL: 'https://s3.example' })
  for (const key of ['../old-mail/x', 'a/../../x', './x'])
    expect(fileInS3({ bucket: 'town-mail', key }, settings)).toBeUndefined()
  expect(fileInS3({ bucket: 'mail', key: 'x' }, settings)).toBeUndefined()
  const keyless = testSettings({ SES_BUCKETS: access.SES_BUCKETS })
  expect(fileInS3({ bucket: 'town-mail', key: 'x' }, keyless)).toBeUndefined()
})

test('the signature is that of the documented computation', () => {
  const file = fileInS3({ bucket: 'town-mail', key: 'in/a mail' }, testSettings(access))!
  expect(file.url).toBe('https://s3.us-east-1.amazonaws.com/town-mail/in/a%20mail')
  const headers = Object.fromEntries(
    Object.entries(file.headers!).map(([name, value]) => [name.toLowerCase(), value])
  )
  const signed = /SignedHeaders=([^,]+)/.exec(headers['authorization']!)![1]!
  const date = headers['x-amz-date']!
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`
  const lines = signed.split(';').map((name) => `${name}:${headers[name]}\n`)
  const request = ['GET', '/town-mail/in/a%20mail', '', lines.join(''), signed, hash('sha256', '')]
  const text = ['AWS4-HMAC-SHA256', date, scope, hash('sha256', request.join('\n'))].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>((secret, step) => mac(secret, step), `AWS4${keys.secret}`)
  expect(headers['authorization']).toContain(`Signature=${mac(key, text).toString('hex')}`)
})

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

test('the notice is the email channel’s to fetch for', () => {
  const { body } = notice('town-mail', 'in/e')
  const raw = { channel: 'email', source: 'ses', bytes: body, mediaType: 'text/plain' } as const
  const settings = testSettings(access)
  expect(email.remoteFiles!({ ...raw, sha256: '', evidence: {} }, settings)).toHaveLength(1)
})
