/** What services say became of our mail: each in the shape that it documents, over its own wire. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { email } from '../../../../channels/email/index.ts'
import { MAX_EVENTS } from '../../../../channels/email/webhooks/limits.ts'
import { ses, sesDoor } from '../../../../channels/email/webhooks/ses.ts'
import { sendgrid } from '../../../../channels/email/webhooks/sendgrid.ts'
import { serviceRoutes } from '../../../../channels/email/webhooks/routes.ts'
import { intakeFor, portsFor } from '../../../../channels/register.ts'
import type { ChannelRequest, IntakeWith } from '../../../../core/intake/channel.ts'
import { UnverifiedLimit } from '../../../../core/intake/unverified-limit.ts'
import { openHttpDoor, type HttpDelivery, type HttpDoor } from '../../../contract/http-door.ts'
import { stand, tokenFor } from '../../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../../helpers/runtime.ts'
import {
  mailgunAccount,
  postalAccount,
  postmarkAccount,
  resendAccount,
  sendgridAccount,
  sesAccount,
  type Sent
} from './support.ts'

const [postmark, sendgridOnes, mailgun] = [postmarkAccount(), sendgridAccount(), mailgunAccount()]
const [postal, resend, amazon] = [postalAccount(), resendAccount(), sesAccount()]
let runtime: TestRuntime
let door: HttpDoor
beforeAll(async () => {
  const accounts = [postmark, sendgridOnes, mailgun, postal, resend]
  runtime = await createTestRuntime(
    'postgres',
    Object.assign({}, ...accounts.map(({ environment }) => environment)) as Record<string, string>
  )
  door = await openHttpDoor(runtime, email)
})
afterAll(async () => {
  await door.close()
  await runtime.remove()
})

type Event = 'delivered' | 'late' | 'nobody' | 'full' | 'spam'
type Post = (event: Event, id: string, signature?: Sent['signature']) => HttpDelivery

const nobody = '550 5.1.1 <agnes@people.example>: user unknown'
const full = '452 4.2.2 The mailbox is full'
const json = { 'content-type': 'application/json' }

function jsonOf(
  account: typeof postmark
): (body: object, signature?: Sent['signature']) => HttpDelivery {
  return (body, signature) => {
    const posted = account.postBody(Buffer.from(JSON.stringify(body)), signature)
    return { ...posted, headers: { ...posted.headers, ...json } }
  }
}

const toPostmark: Post = (event, id, signature) => {
  const bounce = (Type: string, Details: string) => ({ RecordType: 'Bounce', Type, Details })
  const said = {
    delivered: { RecordType: 'Delivery' },
    late: bounce('Transient', '421 try again later'),
    nobody: bounce('HardBounce', nobody),
    full: bounce('SoftBounce', full),
    spam: { RecordType: 'SpamComplaint', Type: 'SpamComplaint' }
  }[event]
  const Metadata = { 'message-id': id.slice(1, id.indexOf('@') + 1) }
  return jsonOf(postmark)({ ...said, MessageID: '883953f4', Metadata }, signature)
}

const toSendgrid: Post = (event, id, signature) => {
  const said = {
    delivered: { event: 'delivered', response: '250 OK' },
    late: { event: 'deferred', response: '400 try again later' },
    nobody: { event: 'bounce', reason: nobody, status: '5.1.1' },
    full: { event: 'bounce', reason: full, status: '4.2.2' },
    spam: { event: 'spamreport' }
  }[event]
  const events = [
    { event: 'processed', 'smtp-id': id },
    { ...said, 'smtp-id': id }
  ]
  return jsonOf(sendgridOnes)(events, signature)
}

const toMailgun: Post = (event, id, signature) => {
  const failed = (message: string) => ({
    event: 'failed',
    severity: 'permanent',
    'delivery-status': { message }
  })
  const said = {
    delivered: { event: 'delivered' },
    late: { event: 'failed', severity: 'temporary' },
    nobody: failed(nobody),
    full: failed(full),
    spam: { event: 'complained' }
  }[event]
  const message = { headers: { 'message-id': id.slice(1, -1) } }
  const signed = { signature: mailgun.fields(signature), 'event-data': { ...said, message } }
  return { path: '/hooks/mail/mailgun', headers: json, body: Buffer.from(JSON.stringify(signed)) }
}

const toPostal: Post = (event, id, signature) => {
  const [name, output] = {
    delivered: ['MessageSent', '250 OK'],
    late: ['MessageDelayed', '421 try again later'],
    nobody: ['MessageDeliveryFailed', nobody],
    full: ['MessageDeliveryFailed', full],
    spam: ['MessageHeld', '']
  }[event] as [string, string]
  const message = { id: 12, message_id: id.slice(1, -1) }
  return jsonOf(postal)({ event: name, payload: { message, output } }, signature)
}

const toResend: Post = (event, id, signature) => {
  const [type, bounce] = {
    delivered: ['email.delivered'],
    late: ['email.delivery_delayed'],
    nobody: ['email.bounced', { message: nobody, type: 'Permanent' }],
    full: ['email.bounced', { message: full, type: 'Transient' }],
    spam: ['email.complained']
  }[event] as [string, object?]
  const data = { email_id: '56761188', message_id: id, ...(bounce ? { bounce } : {}) }
  return jsonOf(resend)({ type, data }, signature)
}

const toAmazon: Post = (event, id, signature) => {
  const bounce = (bounceType: string, status: string, diagnosticCode: string) => ({
    notificationType: 'Bounce',
    bounce: { bounceType, bouncedRecipients: [{ status, diagnosticCode, action: 'failed' }] }
  })
  const said = {
    delivered: { eventType: 'Delivery' },
    late: { eventType: 'DeliveryDelay' },
    nobody: bounce('Permanent', '5.1.1', nobody),
    full: bounce('Transient', '4.2.2', full),
    spam: { notificationType: 'Complaint' }
  }[event]
  const mail = { messageId: '0102', headers: [{ name: 'Message-ID', value: id }] }
  return amazon.notice({ Message: JSON.stringify({ ...said, mail }) }, signature)
}

/** A contact whose receipt went out. */
async function sentReceipt(state: 'sent' | 'waiting' = 'sent') {
  const { contactId, receipt } = await stand(runtime)
  await runtime.db
    .updateTable('outbound')
    .set({ state })
    .where('contact_id', '=', contactId)
    .execute()
  return { contactId, id: `<r.${tokenFor(runtime, receipt)}@willowcreek.example>` }
}

async function stateOf(contactId: string) {
  return runtime.db
    .selectFrom('outbound')
    .select(['state', 'delivery', 'reason'])
    .where('contact_id', '=', contactId)
    .executeTakeFirstOrThrow()
}

async function post(delivery: HttpDelivery): Promise<{ status: number; text: string }> {
  if (!delivery.path.endsWith('/ses')) {
    const { response } = await door.post(delivery)
    return { status: response.status, text: await response.text() }
  }
  // Amazon's certificate comes from the account, not from the internet.
  const sink = { route: () => {}, endpoint: () => {}, service: () => {} }
  const intake = { ...intakeFor(runtime, 'email', sink), ...portsFor(runtime, email) }
  const [route] = serviceRoutes(
    intake as IntakeWith<'mailReported' | 'tokenIsFor'>,
    new UnverifiedLimit(),
    ses,
    sesDoor([amazon.environment['SES_TOPIC_ARN']!], amazon.get)
  )
  const { status, body } = await route!.handle(delivery as unknown as ChannelRequest)
  return { status, text: String(body) }
}

const posts: [string, Post][] = [
  ['postmark', toPostmark],
  ['sendgrid', toSendgrid],
  ['mailgun', toMailgun],
  ['postal', toPostal],
  ['resend', toResend],
  ['ses', toAmazon]
]

describe.each(posts)('%s', (_name, say) => {
  test('says that a mail came, or that it is late, and later news never takes back better', async () => {
    const { contactId, id } = await sentReceipt()
    for (const [event, delivery] of [
      ['late', 'delayed'],
      ['delivered', 'delivered'],
      ['late', 'delivered']
    ] as const) {
      expect(await post(say(event, id))).toEqual({ status: 200, text: 'nothing to take' })
      expect(await stateOf(contactId)).toEqual({ state: 'sent', delivery, reason: null })
    }
  })

  test('says that it failed, and whether for good: a person has to tell them, once', async () => {
    for (const [event, reason] of [
      ['nobody', 'it bounced: this address takes no mail'],
      ['full', 'it bounced, but the address may be right']
    ] as const) {
      const { contactId, id } = await sentReceipt()
      for (let times = 0; times < 2; times++) await post(say(event, id))
      expect(await stateOf(contactId)).toEqual({
        state: 'undeliverable',
        delivery: 'failed',
        reason
      })
      const events = await runtime.db
        .selectFrom('events')
        .select('kind')
        .where('contact_id', '=', contactId)
        .where('kind', '=', 'receipt.not-sent')
        .execute()
      expect(events).toHaveLength(1)
    }
  })

  test('changes nothing where nothing shows that it is theirs', async () => {
    const { contactId, id } = await sentReceipt()
    expect((await post(say('nobody', id, 'wrong'))).status).toBe(200)
    expect(await stateOf(contactId)).toMatchObject({ state: 'sent', delivery: null })
  })

  test('changes nothing about mail that is not ours, or that only claims to be', async () => {
    const { contactId, id } = await sentReceipt()
    for (const other of ['<newsletter-7@willowcreek.example>', id.replace(/.{4}@/, 'aaaa@')])
      expect(await post(say('nobody', other))).toEqual({ status: 200, text: 'nothing to take' })
    expect(await stateOf(contactId)).toMatchObject({ state: 'sent', delivery: null })
  })

  test('has to say it again if it is faster than our own note that the mail went out', async () => {
    const { contactId, id } = await sentReceipt('waiting')
    expect((await post(say('nobody', id))).status).toBe(503)
    await runtime.db
      .updateTable('outbound')
      .set({ state: 'sent' })
      .where('contact_id', '=', contactId)
      .execute()
    expect((await post(say('nobody', id))).status).toBe(200)
    expect(await stateOf(contactId)).toMatchObject({ state: 'undeliverable' })
  })
})

test.each(posts.filter(([name]) => name !== 'postal'))(
  '%s: a complaint is noted on the mail it is about',
  async (_name, say) => {
    const { contactId, id } = await sentReceipt()
    await post(say('spam', id))
    expect(await stateOf(contactId)).toMatchObject({ state: 'sent', delivery: 'complaint' })
  }
)

test('an event about an answer of ours is noted on that answer, not on the receipt', async () => {
  const { id } = await sentReceipt()
  const answer = 'a3bb189e-8bf9-3888-9912-ace4e6543002'
  const posted = await sendgrid.read(
    toSendgrid('nobody', id.replace('<r.', `<a.${answer}.`)).body,
    'application/json'
  )
  expect(posted!.reports).toMatchObject([{ outcome: 'failed', answers: [answer], lasting: true }])
})

test('as many events as a service posts at once are read, and one more is none of its posts', async () => {
  const { id } = await sentReceipt()
  const read = (count: number) => {
    const one = { event: 'delivered', 'smtp-id': id, sg_event_id: 'x' }
    const body = Buffer.from(JSON.stringify(Array.from({ length: count }, () => one)))
    return sendgrid.read(body, 'application/json')
  }
  expect((await read(MAX_EVENTS))!.reports).toHaveLength(MAX_EVENTS)
  expect(await read(MAX_EVENTS + 1)).toBeUndefined()
})
