import { expect, test } from '@jest/globals'
import { acknowledge } from '../../../channels/fax/acknowledge.ts'
import { agency } from '../email/support.ts'

const acknowledgement = {
  receipt: 'ABCDEF-GHJKMN-PQRSTV',
  arrivedAt: new Date('2026-11-25T09:00:00Z'),
  departmentName: 'Front office',
  statusUrl: 'http://town.example/r/ABCDEF-GHJKMN-PQRSTV',
  language: 'en',
  replyTo: 'reply+t@elm.example',
  messageId: '<r.t@elm.example>'
}
const sender = { emails: [], phones: ['+12025550143'], addresses: [] }

test('nothing is faxed back, and the record says so', () => {
  expect(acknowledge(acknowledgement, { sender }, agency)).toEqual({
    undeliverable: 'a fax cannot be answered by fax; the receipt can be printed and sent by post'
  })
})

test('an address that a person read on the fax gets the receipt by mail', () => {
  expect(
    acknowledge(acknowledgement, { sender: { ...sender, emails: ['ana@example.org'] } }, agency)
  ).toMatchObject({ to: 'ana@example.org', text: expect.stringContaining('ABCDEF-GHJKMN-PQRSTV') })
})

test('what is no address gets nothing', () => {
  expect(
    acknowledge(acknowledgement, { sender: { ...sender, emails: ['ana@@example org'] } }, agency)
  ).toHaveProperty('undeliverable')
})
