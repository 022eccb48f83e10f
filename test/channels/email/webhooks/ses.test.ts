import { expect, test } from '@jest/globals'
import { ses, sesDoor } from '../../../../channels/email/webhooks/ses.ts'
import { signedText } from '../../../../channels/email/webhooks/sns.ts'
import type { ChannelRequest } from '../../../../core/intake/channel.ts'
import { EvenhandError } from '../../../../platform/errors.ts'
import type { HttpDelivery } from '../../../contract/http-door.ts'
import { sesAccount, topic } from './support.ts'

const amazon = sesAccount()
const mail = Buffer.from('From: agnes@people.example\r\n\r\nThe lamp is out\r\n')

async function verdict({ body }: HttpDelivery, door = sesDoor([topic], amazon.get)) {
  return door.whyUnproved({ headers: {}, body } as unknown as ChannelRequest, () =>
    ses.read(body, 'text/plain')
  )
}

test('signatures of both versions count', async () => {
  for (const SignatureVersion of ['1', '2'])
    expect(
      await verdict(amazon.notice({ SignatureVersion, Message: 'x', Subject: 'with a subject' }))
    ).toBeUndefined()
})

test('what is signed is what Amazon documents, name and value on lines of their own', () => {
  const common = { MessageId: '1', Timestamp: '2026', TopicArn: 't', Message: 'm' }
  expect(signedText({ ...common, Type: 'Notification', Subject: 's', Token: 'not signed' })).toBe(
    'Message\nm\nMessageId\n1\nSubject\ns\nTimestamp\n2026\nTopicArn\nt\nType\nNotification\n'
  )
  const more = { Type: 'SubscriptionConfirmation', Token: 'k', SubscribeURL: 'u' }
  expect(signedText({ ...common, ...more })).toBe(
    'Message\nm\nMessageId\n1\nSubscribeURL\nu\nTimestamp\n2026\nToken\nk\nTopicArn\nt\nType\nSubscriptionConfirmation\n'
  )
})

test('another topic, a certificate from elsewhere and a changed message do not', async () => {
  const changed = amazon.post({ mail })
  const cases: [HttpDelivery, RegExp][] = [
    [amazon.notice({ TopicArn: `${topic}-2`, Message: '' }), /topic is none/],
    ...[
      'https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem',
      'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
      'https://sns.us-east-1.amazonaws.com/other/SimpleNotificationService-1.pem',
      'not an address'
    ].map((SigningCertURL): [HttpDelivery, RegExp] => [
      amazon.notice({ SigningCertURL, Message: '' }),
      /certificate .* none of Amazon's/
    ]),
    [
      {
        ...changed,
        body: Buffer.from(Buffer.from(changed.body).toString().replace('parks@', 'water@'))
      },
      /signature is not Amazon's/
    ]
  ]
  for (const [delivery, reason] of cases) expect(await verdict(delivery)).toMatch(reason)
})

test('a certificate is fetched once from the host of the region, and again after a failure', async () => {
  const own = sesAccount()
  let down = true
  const door = sesDoor([topic], async (file) => {
    if (down) throw new EvenhandError('FETCH_DOWN')
    expect(file.hosts).toEqual(['sns.us-east-1.amazonaws.com'])
    return own.get(file)
  })
  expect(await verdict(own.post({ mail }), door)).toMatch(/could not be fetched/)
  down = false
  for (let times = 0; times < 3; times += 1)
    expect(await verdict(own.post({ mail }), door)).toBeUndefined()
  expect(own.asked).toHaveLength(1)
})

test('forged notices that name ever new certificates cause few downloads', async () => {
  const own = sesAccount()
  const door = sesDoor([topic], own.get)
  for (let n = 0; n < 30; n += 1)
    await verdict(
      own.notice({
        Message: '',
        SigningCertURL: `https://sns.us-east-1.amazonaws.com/SimpleNotificationService-${n}.pem`
      }),
      door
    )
  // Twice as many where a minute ends in between.
  expect(own.asked.length).toBeLessThanOrEqual(20)
})

test("a proved subscription is confirmed at Amazon's own address, once", async () => {
  const own = sesAccount()
  const door = sesDoor([topic], own.get)
  const SubscribeURL = 'https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336'
  const { body } = own.notice({
    Type: 'SubscriptionConfirmation',
    Message: 'You have chosen to subscribe',
    Token: '2336',
    SubscribeURL
  })
  expect(await verdict({ path: '', headers: {}, body }, door)).toBeUndefined()
  await door.follow!((await ses.read(body, ''))!)
  expect(own.asked.slice(1)).toEqual([SubscribeURL])
})

test('what is a mail, and what only gives notice of one', async () => {
  const read = async (delivery: HttpDelivery) => (await ses.read(delivery.body, ''))?.mail
  expect(Buffer.from((await read(amazon.post({ mail })))!.raw!)).toEqual(mail)
  expect(await read(amazon.post({ mail, without: true }))).not.toHaveProperty('raw')
  expect(await read(amazon.notice({ Message: '{"notificationType": "Bounce"}' }))).toBeUndefined()
})
