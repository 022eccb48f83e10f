/** Mail that the agency's own server marked as spam waits, with its place, and is never dropped. */
import { afterEach, expect, test } from '@jest/globals'
import { spamReason } from '../../../channels/email/server-marks.ts'
import { messageFields } from '../../../channels/email/headers.ts'
import { deliver, smtpServices } from './support.ts'

const { started, stopAll } = smtpServices()
afterEach(stopAll)

const reason = (header: string, mark?: string) =>
  spamReason(messageFields(Buffer.from(`${header}\r\n\r\nx`)), mark)

test.each([
  ['X-Spam-Flag: YES', 'X-Spam-Flag: YES'],
  ['x-spam-status: Yes, score=9.1', 'X-Spam-Status: Yes'],
  ['X-Spam-Flag: no\r\nX-Spam-Flag: yes', 'X-Spam-Flag: YES']
])('%j is marked by %s', (header, mark) => {
  expect(reason(header, mark)).toBe(`The mail server marked it as spam (${mark.split(':')[0]}).`)
})

test.each([
  ['X-Spam-Flag: YES', undefined],
  ['X-Spam-Status: No, score=1', 'X-Spam-Status: Yes'],
  ['X-Other: YES', 'X-Spam-Flag: YES']
])('%j is not marked by %s', (header, mark) => {
  expect(reason(header, mark)).toBeUndefined()
})

test('it is accepted like every other, and held', async () => {
  const smtp = await started({ MAIL_SPAM_HEADER: 'X-Spam-Flag: YES' })
  const mail = (flag: string) => `From: a@people.example\r\nX-Spam-Flag: ${flag}\r\n\r\nHello`
  expect(await deliver(smtp, mail('YES'))).toMatch(/^250 /)
  expect(await deliver(smtp, mail('NO'))).toMatch(/^250 /)
  expect(smtp.accepted.map(({ quarantine }) => quarantine)).toEqual([
    'The mail server marked it as spam (X-Spam-Flag).',
    undefined
  ])
})
