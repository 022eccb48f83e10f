import { describe, expect, test } from '@jest/globals'
import { email } from '../../../channels/email/index.ts'
import { agency, fixture, stored, translated } from './support.ts'

const read = (name: string) =>
  translated({ ...email.fromFile(`${name}.eml`, fixture(name), agency), sha256: '' })

describe('a mail that a machine wrote', () => {
  test.each([
    ['delivery-report', 'bounce', /message\/delivery-status/],
    ['qmail-bounce', 'bounce', /mail server returned/],
    ['exim-bounce', 'bounce', /X-Failed-Recipients/],
    ['vacation', 'auto-reply', /Auto-Submitted/],
    ['exchange-out-of-office', 'auto-reply', /Exchange/]
  ])('is known by its marks: %s', async (name, kind, reason) => {
    const translation = await read(name)
    expect(translation.kind).toBe(kind)
    expect(translation.reason).toMatch(reason)
  })
})

describe('a mail that a person wrote stays one, however it looks', () => {
  test.each([
    'plain',
    'person-forwards-a-bounce',
    'postmaster-writes-a-letter',
    'exchange-list-with-null-sender',
    'form-on-another-site',
    'auto-submitted-no',
    'list-mail'
  ])('%s', async (name) => {
    expect((await read(name)).kind).toBe('message')
  })
})

describe('notices in words of their own', () => {
  const notice = async (headers: string, text: string, mailFrom: string) =>
    (await translated(stored(`${headers}\nTo: hello@elm.example\n\n${text}`, { mailFrom }))).kind
  const undeliverable =
    'From: Postmaster <postmaster@mail.example>\nSubject: Undeliverable: Receipt'
  const answered = '550 5.1.1 <ann@mail.example>: user unknown'

  test.each([
    [
      'MAILER-DAEMON',
      'From: MAILER-DAEMON\nSubject: Mail',
      'User unknown: ann@mail.example',
      'x@y.example'
    ],
    ['nobody', 'From: <>\nSubject: failure notice', 'ann@mail.example', ''],
    [
      'a server that answers',
      undeliverable,
      `Delivery failed: ${answered}`,
      'postmaster@mail.example'
    ],
    [
      'a server that returns the mail',
      undeliverable,
      'Your message could not be delivered.\n\nOriginal message follows.\nReceived: from town',
      'postmaster@mail.example'
    ],
    [
      'Amazon',
      'From: Amazon <no-reply@sns.amazonaws.com>\nSubject: AWS Notification Message',
      '{"notificationType":"Bounce","bounce":{}}',
      '1@us-west-2.amazonses.com'
    ],
    [
      'a Japanese carrier',
      'From: no-reply@mail.example\nSubject: =?utf-8?B?44Oh44O844Or44Ko44Op44O86YCa55+l?=\nContent-Type: text/plain; charset=utf-8',
      Buffer.from('送信できませんでした。\n\n550 5.1.1 unknown').toString('latin1'),
      'no-reply@mail.example'
    ]
  ])('of %s are bounces', async (_name, headers, text, mailFrom) => {
    expect(await notice(headers, text, mailFrom)).toBe('bounce')
  })

  test.each([
    ['its subject alone', undeliverable, 'I cannot open the form on your site.'],
    [
      'words of its own first',
      undeliverable,
      `Dear colleagues,\n\n${'we looked at this. '.repeat(40)}Delivery failed: ${answered}`
    ],
    [
      'an answer to us',
      `${undeliverable}\nIn-Reply-To: <1@elm.example>`,
      `Delivery failed: ${answered}`
    ],
    [
      'no mail server',
      'From: no-reply@parcels.example\nSubject: Delivery failed',
      'Delivery failed. We came at 5 pm.'
    ],
    [
      'a person',
      'From: Ann <ann@mail.example>\nSubject: Undeliverable: Receipt',
      `Delivery failed: ${answered}`
    ]
  ])('with %s stay messages', async (_name, headers, text) => {
    expect(await notice(headers, text, 'postmaster@mail.example')).toBe('message')
  })
})

describe('our own tokens', () => {
  test('are found in the addresses written to and the messages answered, not in the text', async () => {
    expect((await read('reply-to-ours')).tokens).toEqual([
      'k7f3m9qx2a.b-c',
      'z9y8x7w6v5',
      'q1w2e3r4t5'
    ])
  })

  test.each(['delivery-report', 'qmail-bounce', 'vacation'])(
    'are found in what a machine sends back: %s',
    async (name) => {
      expect((await read(name)).tokens).toEqual(['k7f3m9qx2a'])
    }
  )

  test('are not found where there are none', async () => {
    expect((await read('plain')).tokens).toEqual([])
  })
})
