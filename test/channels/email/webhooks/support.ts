/** Mail services that post as the real ones do: each with its own key, over its own wire. */
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { signedText, type Download } from '../../../../channels/email/webhooks/sns.ts'
import type { HttpDelivery } from '../../../contract/http-door.ts'

export interface Sent {
  readonly mail: Buffer
  readonly to?: string
  readonly from?: string
  /** The service's own id. */
  readonly id?: string
  /** Posted as if the service had not been told to send the mail itself. */
  readonly without?: boolean
  readonly signature?: 'wrong' | 'none'
}

export interface ServiceAccount {
  readonly id: string
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  post(sent: Sent): HttpDelivery
  /** Any body, sent with whatever proves where it comes from. */
  postBody(body: Uint8Array, signature?: Sent['signature']): HttpDelivery
}

const town = 'parks@willowcreek.example'
const writer = 'agnes@people.example'
const json = { 'content-type': 'application/json' }

function basic(password: string, signature: Sent['signature']): Record<string, string> {
  const given = signature === 'wrong' ? `${password}x` : password
  return signature === 'none'
    ? {}
    : { authorization: `Basic ${Buffer.from(`town:${given}`).toString('base64')}` }
}

function spki(key: { export(options: { format: 'der'; type: 'spki' }): Buffer }): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64')
}

export function postmarkAccount(): ServiceAccount {
  const password = randomUUID()
  const postBody = (body: Uint8Array, signature?: Sent['signature']): HttpDelivery => ({
    path: '/hooks/mail/postmark',
    headers: { ...json, ...basic(password, signature) },
    body
  })
  return {
    id: 'postmark',
    environment: { POSTMARK_WEBHOOK_PASSWORD: password },
    secrets: [password],
    postBody,
    post: ({ mail, to = town, id = '73e6d360-66eb', without, signature }) =>
      postBody(
        Buffer.from(
          JSON.stringify({
            FromName: 'Agnes',
            MessageStream: 'inbound',
            From: writer,
            OriginalRecipient: to,
            Subject: 'as Postmark read it',
            MessageID: id,
            TextBody: 'the words as Postmark read them',
            Headers: [{ Name: 'X-Spam-Status', Value: 'No' }],
            Attachments: [],
            ...(without ? {} : { RawEmail: mail.toString() })
          })
        ),
        signature
      )
  }
}

export function sendgridAccount(): ServiceAccount {
  const password = randomUUID()
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const time = '1764093600'
  const postBody = (body: Uint8Array, signature?: Sent['signature']): HttpDelivery => {
    const signed = sign('sha256', Buffer.concat([Buffer.from(time), body]), privateKey)
    if (signature === 'wrong') signed[signed.length - 1]! ^= 1
    return {
      path: '/hooks/mail/sendgrid',
      headers: {
        'content-type': 'multipart/form-data; boundary=xYzZY',
        ...basic(password, undefined),
        'x-twilio-email-event-webhook-timestamp': time,
        ...(signature === 'none'
          ? {}
          : { 'x-twilio-email-event-webhook-signature': signed.toString('base64') })
      },
      body
    }
  }
  return {
    id: 'sendgrid',
    environment: {
      SENDGRID_WEBHOOK_PASSWORD: password,
      SENDGRID_WEBHOOK_PUBLIC_KEY: spki(publicKey)
    },
    secrets: [password],
    postBody,
    post: ({ mail, to = town, from = writer, without, signature }) =>
      postBody(
        multipart('xYzZY', {
          dkim: '{@people.example : pass}',
          SPF: 'pass',
          from: `Agnes <${writer}>`,
          subject: 'as SendGrid read it',
          envelope: JSON.stringify({ to: [to], from }),
          ...(without ? { text: 'the words as SendGrid read them' } : { email: mail })
        }),
        signature
      )
  }
}

export function mailgunAccount(now: () => number = () => Date.now()): ServiceAccount & {
  fields(signature?: Sent['signature'], token?: string): Record<string, string>
} {
  const key = `key-${randomUUID()}`
  const fields = (signature?: Sent['signature'], token: string = randomUUID()) => {
    const timestamp = String(Math.floor(now() / 1000))
    const signed = createHmac('sha256', signature === 'wrong' ? 'another' : key)
      .update(timestamp + token)
      .digest('hex')
    return { timestamp, token, ...(signature === 'none' ? {} : { signature: signed }) }
  }
  const postBody = (body: Uint8Array): HttpDelivery => ({
    path: '/hooks/mail/mailgun/mime',
    headers: { 'content-type': 'multipart/form-data; boundary=mailgun' },
    body
  })
  return {
    id: 'mailgun',
    environment: { MAILGUN_SIGNING_KEY: key },
    secrets: [key],
    fields,
    postBody,
    post: ({ mail, to = town, from = writer, id, without, signature }) =>
      postBody(
        multipart('mailgun', {
          recipient: to,
          sender: from,
          from: `Agnes <${writer}>`,
          subject: 'as Mailgun read it',
          ...fields(signature, id),
          ...(without ? { 'body-plain': 'the words as Mailgun read them' } : { 'body-mime': mail })
        })
      )
  }
}

export const topic = 'arn:aws:sns:us-east-1:111111111111:mail'

/** Amazon's side: notices it signs, and what it answers when it is asked for something. */
export function sesAccount(): ServiceAccount & {
  readonly get: Download
  readonly asked: string[]
  notice(more: Record<string, string>, signature?: Sent['signature']): HttpDelivery
} {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const asked: string[] = []
  const post = (body: Uint8Array): HttpDelivery => ({
    path: '/hooks/mail/ses',
    headers: { 'content-type': 'text/plain; charset=UTF-8' },
    body
  })
  const notice = (more: Record<string, string>, signature?: Sent['signature']) => {
    const said: Record<string, string> = {
      Type: 'Notification',
      MessageId: randomUUID(),
      TopicArn: topic,
      Timestamp: '2026-11-30T09:00:00.000Z',
      SignatureVersion: '2',
      SigningCertURL:
        'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-12345abcde.pem',
      ...more
    }
    const digest = said['SignatureVersion'] === '2' ? 'sha256' : 'sha1'
    const signed = sign(digest, Buffer.from(signedText(said)), privateKey)
    if (signature === 'wrong') signed[0]! ^= 1
    return post(
      Buffer.from(
        JSON.stringify({
          ...said,
          ...(signature === 'none' ? {} : { Signature: signed.toString('base64') })
        })
      )
    )
  }
  return {
    id: 'ses',
    environment: { SES_TOPIC_ARN: topic },
    secrets: [],
    asked,
    get: async ({ url }) => {
      asked.push(url)
      return {
        mediaType: 'text/plain',
        bytes: Buffer.from(publicKey.export({ format: 'pem', type: 'spki' }))
      }
    },
    notice,
    postBody: post,
    post: ({ mail, to = town, from = writer, id = 'jili9m351il3g', without, signature }) =>
      notice(
        {
          Message: JSON.stringify({
            notificationType: 'Received',
            mail: {
              source: from,
              messageId: id,
              commonHeaders: { from: [`Agnes <${writer}>`], subject: 'as Amazon read it' }
            },
            receipt: {
              recipients: [to],
              spamVerdict: { status: 'PASS' },
              action: { type: 'SNS', topicArn: topic, encoding: 'BASE64' }
            },
            ...(without ? {} : { content: mail.toString('base64') })
          })
        },
        signature
      )
  }
}

export function postalAccount(): ServiceAccount {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const postBody = (body: Uint8Array, signature?: Sent['signature']): HttpDelivery => {
    const signed = sign('sha256', body, privateKey)
    if (signature === 'wrong') signed[0]! ^= 1
    return {
      path: '/hooks/mail/postal',
      headers: {
        ...json,
        ...(signature === 'none' ? {} : { 'x-postal-signature-256': signed.toString('base64') })
      },
      body
    }
  }
  return {
    id: 'postal',
    environment: { POSTAL_PUBLIC_KEY: publicKey.export({ format: 'pem', type: 'spki' }) as string },
    secrets: [],
    postBody,
    post: ({ mail, to = town, from = writer, id = '12345', without, signature }) =>
      postBody(
        Buffer.from(
          JSON.stringify({
            id: Number.parseInt(id, 10) || 12345,
            rcpt_to: to,
            mail_from: from,
            ...(without
              ? {
                  from: writer,
                  subject: 'as Postal read it',
                  plain_body: 'the words as Postal read them'
                }
              : { message: mail.toString('base64').replace(/.{60}/g, '$&\n'), base64: true })
          })
        ),
        signature
      )
  }
}

export function resendAccount(): ServiceAccount & { readonly key: string } {
  const secret = Buffer.from(randomUUID())
  const key = `re_${randomUUID()}`
  const postBody = (body: Uint8Array, signature?: Sent['signature']): HttpDelivery => {
    const signed = createHmac('sha256', signature === 'wrong' ? 'another' : secret)
      .update('msg_1.1764093600.')
      .update(body)
      .digest('base64')
    return {
      path: '/hooks/mail/resend',
      headers: {
        ...json,
        'svix-id': 'msg_1',
        'svix-timestamp': '1764093600',
        ...(signature === 'none'
          ? {}
          : { 'svix-signature': `v1,${Buffer.alloc(32).toString('base64')} v1,${signed}` })
      },
      body
    }
  }
  return {
    id: 'resend',
    key,
    environment: {
      RESEND_WEBHOOK_SECRET: `whsec_${secret.toString('base64')}`,
      RESEND_API_KEY: key
    },
    secrets: [key, secret.toString('base64')],
    postBody,
    post: ({ to = town, id = '56761188-7520', signature }) =>
      postBody(
        Buffer.from(
          JSON.stringify({
            type: 'email.received',
            created_at: '2026-02-22T23:41:12.126Z',
            data: {
              email_id: id,
              from: `Agnes <${writer}>`,
              to: [to],
              subject: 'as Resend read it',
              attachments: []
            }
          })
        ),
        signature
      )
  }
}

/** A multipart form; a mail in it stands there as it is. */
export function multipart(
  boundary: string,
  fields: Readonly<Record<string, string | Uint8Array>>
): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`,
    value,
    '\r\n'
  ])
  return Buffer.concat([...parts, `--${boundary}--\r\n`].map((part) => Buffer.from(part as string)))
}
