/** Proofs against what the services document, not against our own idea of it. */
import { expect, test } from '@jest/globals'
import { generateKeyPairSync, sign } from 'node:crypto'
import { postal } from '../../../../channels/email/webhooks/postal.ts'
import { resend } from '../../../../channels/email/webhooks/resend.ts'
import type { ChannelRequest } from '../../../../core/intake/channel.ts'
import { testSettings } from '../../../helpers/runtime.ts'

const asked = (headers: Record<string, string>, body: string | Uint8Array) =>
  ({ headers, body: Buffer.from(body as string) }) as unknown as ChannelRequest
const unread = async () => undefined
const ports = { tokenIsFor: async () => true }

test("the example of Svix's documentation is proved, and one of another time is not", async () => {
  const door = resend.open(
    testSettings({ RESEND_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }),
    ports
  )!
  const verdict = (time: string) =>
    door.whyUnproved(
      asked(
        {
          'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
          'svix-timestamp': time,
          'svix-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
        },
        '{"test": 2432232314}'
      ),
      unread
    )
  expect(await verdict('1614265330')).toBeUndefined()
  expect(await verdict('1614265331')).toMatch(/not Resend's/)
})

test('Postal may send a form, and may sign with SHA-1 as its older versions do', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = publicKey.export({ format: 'pem', type: 'spki' }) as string
  const mail = 'Subject: Lamp\r\n\r\nThe lamp is out\r\n'
  const body = String(
    new URLSearchParams({
      id: '12',
      rcpt_to: 'parks@willowcreek.example',
      mail_from: '',
      message: Buffer.from(mail).toString('base64'),
      base64: 'true'
    })
  )
  const signature = sign('sha1', Buffer.from(body), privateKey).toString('base64')
  const door = postal.open(testSettings({ POSTAL_PUBLIC_KEY: key }), ports)!
  expect(
    await door.whyUnproved(asked({ 'x-postal-signature': signature }, body), unread)
  ).toBeUndefined()
  const posted = await postal.read(Buffer.from(body), 'application/x-www-form-urlencoded')
  expect(posted!.mail).toMatchObject({ id: '12', mailFrom: '' })
  expect(Buffer.from(posted!.mail!.raw!).toString()).toBe(mail)
})
