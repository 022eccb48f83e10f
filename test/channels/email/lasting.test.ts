/** A failure that will come again is told from one that may not. */
import { expect, test } from '@jest/globals'
import { isLasting } from '../../../channels/email/lasting.ts'

test.each([
  ['nobody there', '5.1.1', '550 5.1.1 <a@b.example>... User unknown'],
  ['nobody there, without a status', undefined, '550 no such user here'],
  ['no such domain', '5.0.0', 'Host or domain name not found. Name service error: Host not found'],
  ['a domain without mail', '5.7.27', '550 Host does not accept mail'],
  ['moved', '5.1.6', '551 not our customer'],
  ['a status alone', '5.1.10', '550 5.1.10 refused'],
  ['in Spanish', undefined, '550 usuario desconocido'],
  ['in French', undefined, '550 Adresse d’au moins un destinataire invalide']
])('lasting: %s', (_, status, answer) => {
  expect(isLasting(status, answer, '')).toBe(true)
  expect(isLasting(undefined, '', `It could not be delivered.\n\n${status ?? ''} ${answer}`)).toBe(
    true
  )
})

test.each([
  ['a full mailbox, whatever the status', '5.1.1', "550 5.1.1 The user's mailbox is full"],
  ['a block', '5.1.1', '550 5.1.1 rejected, your IP is blacklisted'],
  ['a filter', '5.7.1', '554 5.7.1 message content rejected as spam'],
  ['time', '4.4.7', '550 4.4.7 QUEUE.Expired; message expired'],
  ['the sender', '5.1.8', '553 5.1.8 Domain of sender address a@b.example does not exist'],
  ['a closed account', '5.2.1', '550 5.2.1 The account is disabled'],
  ['size', '5.3.4', '552 5.3.4 Message too large'],
  ['nothing that says so', undefined, '550 no']
])('may pass: %s', (_, status, answer) => {
  expect(isLasting(status, answer, '')).toBe(false)
  expect(isLasting(undefined, '', answer)).toBe(false)
})

test('a server that took the recipient and refuses the message is a filter', () => {
  const answer = '550 unknown user a@b.example'
  expect(isLasting('5.0.0', answer, `>>> DATA\n<<< ${answer}`)).toBe(false)
  expect(isLasting('5.0.0', answer, `>>> DATA\n<<< ${answer}\n<<< 503 need RCPT`)).toBe(true)
})

test('words of the returned mail say nothing', () => {
  const notice =
    'No such user here.\n\n--- Below this line is a copy of the message.\n\nMy mailbox is full.'
  expect(isLasting(undefined, '', notice)).toBe(true)
})
