import { describe, expect, test } from '@jest/globals'
import type {
  Acknowledgement,
  OutboundMessage,
  Undeliverable
} from '../../../core/intake/channel.ts'
import { email } from '../../../channels/email/index.ts'
import { agency, fixture, stored, translated } from './support.ts'

const acknowledgement: Acknowledgement = {
  receipt: 'ELM-7K3M-9QX2',
  arrivedAt: new Date('2026-06-01T13:00:00Z'),
  departmentName: 'Parks',
  statusUrl: 'https://elm.example/r/ELM-7K3M-9QX2',
  language: 'en',
  replyTo: 'reply+k7f3m9qx2a@elm.example',
  messageId: '<r.k7f3m9qx2a@elm.example>'
}

type Answer = Partial<OutboundMessage & Undeliverable>

/** Of a mail that our own mail server found to come from its sender's domain. */
const genuine = { mailFrom: 'jane@example.com', authenticated: ['example.com'] }

async function answerTo(
  source: string | Uint8Array,
  evidence: Record<string, unknown> = genuine,
  asked = acknowledgement
): Promise<Answer> {
  const { envelope } = await translated(stored(source, evidence))
  return email.acknowledge!(asked, envelope, agency)
}

const mail = (headers: string) =>
  `From: Jane <jane@example.com>\nTo: hello@elm.example\nSubject: Tree\nMessage-ID: <1@example.com>\n${headers}\nMy text stays mine.\n`

describe('the acknowledgement', () => {
  test('tells receipt, department, arrival and status page, and threads with the mail', async () => {
    expect(await answerTo(mail('References: <0@example.com>\n'))).toEqual({
      via: 'mail',
      to: 'jane@example.com',
      subject: 'Re: Tree',
      text: 'Receipt ELM-7K3M-9QX2, Parks, June 1, 2026 at 9:00 AM EDT, https://elm.example/r/ELM-7K3M-9QX2, Town of Elm',
      headers: {
        'In-Reply-To': '<1@example.com>',
        References: '<0@example.com> <1@example.com>',
        'Auto-Submitted': 'auto-replied',
        'X-Auto-Response-Suppress': 'All',
        'Message-ID': '<r.k7f3m9qx2a@elm.example>'
      },
      replyTo: 'reply+k7f3m9qx2a@elm.example'
    })
  })

  test('goes to the return path where one is known, else to From, never to Reply-To', async () => {
    const source = mail('Reply-To: victim@example.org\n')
    expect((await answerTo(source, { mailFrom: 'bounces@example.com' })).to).toBe(
      'bounces@example.com'
    )
    expect((await answerTo(source, {})).to).toBe('jane@example.com')
  })

  test("speaks the language of the resident, or the agency's first", async () => {
    expect(
      (await answerTo(mail(''), undefined, { ...acknowledgement, language: 'es' })).text
    ).toMatch(/^Recibo .*, 1 de junio de 2026.*Ciudad de Elm$/)
    expect(
      (await answerTo(mail(''), undefined, { ...acknowledgement, language: 'und' })).text
    ).toMatch(/^Receipt /)
    expect(
      (await answerTo(mail(''), undefined, { ...acknowledgement, language: 'vi' })).text
    ).toMatch(/^Receipt /)
  })

  test.each(['All', 'OOF, AutoReply', 'DR, OOF'])(
    'is not sent to a mail that asks for none: X-Auto-Response-Suppress: %s',
    async (value) => {
      expect(await answerTo(mail(`X-Auto-Response-Suppress: ${value}\n`))).toEqual({
        undeliverable: expect.stringContaining('X-Auto-Response-Suppress')
      })
    }
  )

  test('is sent where only reports of delivery are not wanted', async () => {
    expect(await answerTo(mail('X-Auto-Response-Suppress: DR, RN, NRN\n'))).toMatchObject({
      to: 'jane@example.com'
    })
  })

  test.each([
    ['My SSN is 123-45-6789', 'We received your message'],
    ['Account 000123456', 'We received your message'],
    ['', 'We received your message'],
    ['Call 555-0123 about 12 trees', 'Re: Call 555-0123 about 12 trees'],
    ['RE: Tree', 'RE: Tree'],
    ['x'.repeat(500), `Re: ${'x'.repeat(120)}`],
    ['Tree\u2028Bcc: victim@example.org', 'Re: Tree Bcc: victim@example.org']
  ])(
    'repeats a subject only when it is short and holds no long number: %s',
    async (subject, expected) => {
      expect(
        (await answerTo(Buffer.from(`From: jane@example.com\r\nSubject: ${subject}\r\n\r\nx\r\n`)))
          .subject
      ).toBe(expected)
    }
  )

  test.each([
    ['without a word of our own mail server', undefined],
    ['for whose sender nothing was found', []],
    [
      'that another domain signed',
      ['attacker.example', 'example.com.attacker.example', 'xexample.com', 'com.example']
    ],
    ['with a word of another kind', 'example.com']
  ])('repeats nothing at all of a mail %s', async (_, authenticated) => {
    const source = `From: "Win now" <jane@example.com>\nSubject: You have won, see http://bad.example/\n\nClick\n`
    const answer = await answerTo(source, {
      mailFrom: 'jane@example.com',
      ...(authenticated ? { authenticated } : {})
    })
    expect(answer.subject).toBe('We received your message')
    expect(JSON.stringify(answer)).not.toMatch(/won|Win|Click|bad\.example/)
  })

  test('says that the department is not known yet, in both languages', async () => {
    const unknown = { ...acknowledgement, departmentName: '' }
    expect((await answerTo(mail(''), genuine, unknown)).text).toContain(', not known yet, ')
    expect((await answerTo(mail(''), genuine, { ...unknown, language: 'es' })).text).toContain(
      ', todavía no se sabe, '
    )
  })

  test('never repeats the text', async () => {
    expect(JSON.stringify(await answerTo(mail('')))).not.toContain('stays mine')
  })
})

describe('no acknowledgement goes', () => {
  test.each([
    [
      'to an automatic answer',
      mail('Auto-Submitted: auto-replied\n'),
      'jane@example.com',
      /Auto-Submitted/
    ],
    [
      'to generated mail',
      mail('Auto-Submitted: auto-generated; x=y\n'),
      'jane@example.com',
      /Auto-Submitted/
    ],
    ['to a list by its id', mail('List-Id: <x.example>\n'), 'jane@example.com', /list/],
    [
      'to a list by where to post',
      mail('List-Post: <mailto:x@lists.example>\n'),
      'jane@example.com',
      /list/
    ],
    ['to bulk mail', mail('Precedence: bulk\n'), 'jane@example.com', /list/],
    ['to junk', mail('Precedence: Junk\n'), 'jane@example.com', /list/],
    ['to nobody', mail(''), '', /return path/],
    ['to a mailer', mail(''), 'MAILER-DAEMON@example.com', /machine/],
    [
      'to a sender that takes no mail',
      mail('').replace('jane@', 'no-reply@'),
      'no-reply@example.com',
      /machine/
    ],
    ['to a list owner', mail(''), 'owner-neighbours@lists.example', /machine/],
    [
      'to ourselves',
      mail('').replace('jane@example.com', 'hello@ELM.example'),
      'hello@elm.example',
      /our own/
    ],
    ['to our own domain by the return path', mail(''), 'x@elm.example', /our own/],
    [
      'where the mail names no sender',
      'To: hello@elm.example\n\nx',
      'jane@example.com',
      /no sender/
    ],
    ['to an address that is none', mail(''), 'jane@example.com, bob@example.com', /no sender/]
  ])('%s', async (_name, source, mailFrom, reason) => {
    expect((await answerTo(source, { mailFrom })).undeliverable).toMatch(reason)
  })

  test('but one goes where a person says that the mail is not automatic', async () => {
    expect((await answerTo(fixture('auto-submitted-no'))).to).toBe('jane@example.com')
  })
})
