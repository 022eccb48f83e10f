/** Amazon's notices as mails: JSON, and below it how to have no more of them. */
import { expect, test } from '@jest/globals'
import { readAmazonNotice } from '../../../channels/email/amazon-notice.ts'
import { stored, translated } from './support.ts'

const token = 'abcdefghjkmnpqrstv.abcdefghijklmnop'
const answer = 'a3bb189e-8bf9-3888-9912-ace4e6543002'
const footer = '--\nIf you wish to stop receiving notifications, please visit the link below.'

async function mailed(said: object, id = `<r.${token}@elm.example>`) {
  const mail = { messageId: '0102', headers: [{ name: 'Message-ID', value: id }] }
  const { kind, tokens, envelope } = await translated(
    stored(
      `From: AWS Notifications <no-reply@sns.amazonaws.com>\nSubject: Amazon SES Email Event Notification\n\n${JSON.stringify({ ...said, mail })}\n\n${footer}\n`
    )
  )
  return { kind, tokens, report: envelope.evidence['report'] }
}

test.each([
  [{ notificationType: 'Delivery' }, { outcome: 'delivered' }],
  [{ notificationType: 'Complaint' }, { outcome: 'complaint' }],
  [
    {
      notificationType: 'Bounce',
      bounce: { bounceType: 'Permanent', bouncedRecipients: [{ status: '5.1.1' }] }
    },
    { outcome: 'failed', status: '5.1.1', lasting: true }
  ],
  [
    { notificationType: 'Bounce', bounce: { bounceType: 'Transient' } },
    { outcome: 'failed', lasting: false }
  ]
])('%j says what became of our mail', async (said, report) => {
  expect(await mailed(said)).toEqual({
    kind: 'bounce',
    tokens: [token],
    report: { ...report, answers: [] }
  })
})

test('one about an answer of ours names it', async () => {
  const id = `<a.${answer}.${token}@elm.example>`
  expect(await mailed({ notificationType: 'Delivery' }, id)).toMatchObject({
    report: { outcome: 'delivered', answers: [answer] }
  })
})

test('openings, clicks and what is no notice say nothing', () => {
  for (const json of ['{"eventType": "Open"}', '{"eventType": "Click"}', '{}', '[]', 'no JSON'])
    expect(readAmazonNotice(json)).toBeUndefined()
})
