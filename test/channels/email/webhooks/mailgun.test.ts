import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { email } from '../../../../channels/email/index.ts'
import { CLOCK_SLACK_MS, MAILGUN_WINDOW_MS } from '../../../../channels/email/webhooks/limits.ts'
import { mailgun, mailgunDoor } from '../../../../channels/email/webhooks/mailgun.ts'
import type { ChannelRequest } from '../../../../core/intake/channel.ts'
import { isTokenFor } from '../../../../platform/limits/one-time-tokens.ts'
import { sign } from '../../../../platform/signing.ts'
import { openHttpDoor, type HttpDoor } from '../../../contract/http-door.ts'
import { createTestRuntime, type TestRuntime } from '../../../helpers/runtime.ts'
import { mailgunAccount } from './support.ts'

const at = Date.parse('2026-11-30T09:00:00Z')
const account = mailgunAccount(() => at)
const mail = Buffer.from('From: agnes@people.example\r\nSubject: Lamp\r\n\r\nThe lamp is out\r\n')

const unused = async () => true

/** What a door says of a delivery, at some time after it was signed. */
async function verdict(
  sent: { id?: string; mail?: Buffer } = {},
  laterMs = 0,
  door = mailgunDoor(account.environment['MAILGUN_SIGNING_KEY']!, unused, () => at + laterMs)
) {
  const { headers, body } = account.post({ mail, ...sent })
  const posted = await mailgun.read(body, headers['content-type']!)
  return door.whyUnproved({ headers, body } as unknown as ChannelRequest, async () => posted)
}

test('a signature counts for as long as Mailgun tries, and not before its time', async () => {
  expect(await verdict({}, MAILGUN_WINDOW_MS)).toBeUndefined()
  expect(await verdict({}, -CLOCK_SLACK_MS)).toBeUndefined()
  for (const late of [MAILGUN_WINDOW_MS + 1, -CLOCK_SLACK_MS - 1])
    expect(await verdict({}, late)).toMatch(/time of Mailgun's signature/)
})

test('a time that is no number is none, even where it is signed', async () => {
  const signed = { timestamp: 'soon', token: 't', signature: sign('key', 'soont').toString('hex') }
  const request = { headers: {}, body: Buffer.alloc(0) } as unknown as ChannelRequest
  expect(
    await mailgunDoor('key', unused, () => at).whyUnproved(request, async () => ({
      event: '',
      signed
    }))
  ).toMatch(/time of Mailgun's signature/)
})

let runtime: TestRuntime
let door: HttpDoor
const live = mailgunAccount()
beforeAll(async () => {
  runtime = await createTestRuntime('postgres', live.environment)
  door = await openHttpDoor(runtime, email)
})
afterAll(async () => {
  await door.close()
  await runtime.remove()
})

test('a mail in a urlencoded form keeps every byte, also such as are no text', async () => {
  const bytes = Buffer.concat([mail, Buffer.from([0xe9, 0x20, 0x2b, 0x25, 0x26, 0xff, 0x0a])])
  const encoded = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const fields = new URLSearchParams({
    recipient: 'parks@willowcreek.example',
    sender: 'agnes@people.example',
    ...live.fields()
  })
  const { response } = await door.post({
    path: '/hooks/mail/mailgun/mime',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(`${fields}&body-mime=${encoded}`)
  })
  const { raw_sha256: hash } = await runtime.db
    .selectFrom('contacts')
    .select('raw_sha256')
    .where('receipt', '=', await response.text())
    .executeTakeFirstOrThrow()
  expect((await runtime.blobs.get(hash)).equals(bytes)).toBe(true)
})

test('news of a mail we sent is answered and not taken', async () => {
  const fields = new URLSearchParams({
    event: 'delivered',
    recipient: 'a@b.example',
    ...live.fields()
  })
  const { response } = await door.post({
    path: '/hooks/mail/mailgun',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(String(fields))
  })
  expect(await response.text()).toBe('nothing to take')
})

test('one signature brings one mail, however often, and no other, by any process', async () => {
  const id = 'token-1'
  const openOne = () =>
    mailgunDoor(
      account.environment['MAILGUN_SIGNING_KEY']!,
      (token, use, ms) => isTokenFor(runtime.db, token, use, ms),
      () => at
    )
  const [one, other] = [openOne(), openOne()]
  const another = Buffer.from('From: x@y.example\r\n\r\nanother')
  expect(await verdict({ id }, 0, one)).toBeUndefined()
  expect(await verdict({ id }, 0, other)).toBeUndefined()
  for (const door of [one, other])
    expect(await verdict({ id, mail: another }, 0, door)).toMatch(/was used for another mail/)
})
