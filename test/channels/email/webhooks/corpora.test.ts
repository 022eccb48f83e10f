/** Bodies that services sent or document, read as they stand in the public collections. */
import { expect } from '@jest/globals'
import { email } from '../../../../channels/email/index.ts'
import { mailgun } from '../../../../channels/email/webhooks/mailgun.ts'
import { postedContact } from '../../../../channels/email/webhooks/raw-contact.ts'
import { sendgrid } from '../../../../channels/email/webhooks/sendgrid.ts'
import type { MailService } from '../../../../channels/email/webhooks/service.ts'
import { ses } from '../../../../channels/email/webhooks/ses.ts'
import type { Translation } from '../../../../core/intake/channel.ts'
import { corpusTest, readCorpus } from '../../../helpers/corpora.ts'

interface Case {
  readonly case: string
  readonly payloads: Readonly<Record<string, Record<string, unknown>>>
}

/** The envelope of a proved delivery; undefined if it brings no mail. */
async function read(
  service: MailService,
  body: Buffer,
  mediaType: string
): Promise<(Translation & { quarantine?: string | undefined }) | undefined> {
  const posted = await service.read(body, mediaType)
  if (!posted?.mail) return undefined
  const { quarantine, ...raw } = postedContact({ service, body, mediaType, mail: posted.mail }, [])
  const [translation] = await email.translate({ ...raw, sha256: '' })
  return { ...translation!, quarantine }
}

const mailguns = 'webhooks/mailgun/anymail_inbound.json'
corpusTest([mailguns], "Mailgun's mails are read, others say what to switch on", async () => {
  const cases = JSON.parse(readCorpus(mailguns)) as Case[]
  const found = new Map<string, Awaited<ReturnType<typeof read>>>()
  for (const { case: name, payloads } of cases) {
    const body = new URLSearchParams(payloads['raw_event'] as Record<string, string>)
    found.set(
      name,
      await read(mailgun, Buffer.from(String(body)), 'application/x-www-form-urlencoded')
    )
  }
  expect(found.get('test_inbound_mime')).toMatchObject({
    quarantine: undefined,
    envelope: {
      subject: 'Raw MIME test',
      text: "It's a body…",
      sender: { name: 'A tester', emails: ['test@example.org'] },
      recipients: ['test@inbound.example.com'],
      evidence: { mailFrom: 'envelope-from@example.org' }
    }
  })
  expect(found.get('test_inbound_basics')).toMatchObject({
    quarantine: expect.stringContaining('/mime'),
    envelope: { text: 'Test body plain' }
  })
  expect(found.get('test_misconfigured_tracking')).toBeUndefined()
  expect(found.get('test_misconfigured_tracking_legacy')).toBeUndefined()
  return found.size
})

const amazons = 'webhooks/amazon_ses/anymail_inbound.json'
corpusTest([amazons], "Amazon's mails are read, what lies elsewhere is said", async () => {
  const cases = JSON.parse(readCorpus(amazons)) as Case[]
  const found = new Map<string, Awaited<ReturnType<typeof read>>>()
  for (const { case: name, payloads } of cases)
    found.set(
      name,
      await read(ses, Buffer.from(JSON.stringify(payloads['raw_sns_message'])), 'text/plain')
    )
  for (const name of ['test_inbound_sns_utf8', 'test_inbound_sns_base64'])
    expect([name, found.get(name)]).toMatchObject([
      name,
      {
        quarantine: undefined,
        envelope: {
          subject: 'Test inbound message',
          text: "It's a body…",
          recipients: expect.arrayContaining(['inbound@example.com']),
          evidence: { mailFrom: 'envelope-from@example.org' }
        }
      }
    ])
  expect(found.get('test_inbound_s3')?.envelope.evidence).toMatchObject({
    incomplete: expect.stringContaining('SES_BUCKETS')
  })
  expect(found.get('test_incorrect_tracking_event')).toBeUndefined()
  return found.size
})

const sendgrids = 'webhooks/sendgrid/example-email-parse-payload.txt'
corpusTest([sendgrids], "SendGrid's parsed mail says what to switch on", async () => {
  // The collection has it with bare line ends; on the wire they are CRLF.
  const body = Buffer.from(readCorpus(sendgrids).replace(/\r?\n/g, '\r\n'))
  expect(await read(sendgrid, body, 'multipart/form-data; boundary=xYzZY')).toMatchObject({
    quarantine: expect.stringContaining('POST the raw, full MIME message'),
    envelope: {
      subject: 'Fwd: testing webhook parse',
      sender: { name: 'Ashley Roach', emails: ['aroach@gmail.com'] },
      recipients: ['test@parse.ashleyroach.com'],
      text: expect.stringContaining('this is the body for webhook parse')
    }
  })
  return 1
})
