/** A failure that will come again is told from one that may not. */
import { describe, expect, test } from '@jest/globals'
import { isLasting } from '../../../channels/email/lasting.ts'

test.each([
  ['nobody there', '5.1.1', '550 5.1.1 <a@b.example>... User unknown'],
  ['nobody there, without a status', undefined, '550 no such user here'],
  ['no such domain', '5.0.0', 'Host or domain name not found. Name service error: Host not found'],
  ['no such domain, by its name', '5.0.0', '553 elm.example does not exist'],
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

describe('a server that took the recipient and refuses the message', () => {
  const answer = '550 unknown user a@b.example'
  const transcript = `>>> DATA\n<<< ${answer}`

  test('filters it, whatever it says of the user', () => {
    expect(isLasting('5.0.0', answer, transcript)).toBe(false)
    expect(isLasting('5.2.0', answer, transcript)).toBe(false)
    expect(isLasting(undefined, '', transcript)).toBe(false)
    expect(isLasting(undefined, '', '>>> DATA\n<<< 550 a@b.example... No such user')).toBe(false)
    expect(isLasting('5.7.1', '550 refused', '>>> DATA\n<<< 550 refused')).toBe(false)
  })

  test.each([
    ['as no recipient was left', '5.0.0', `${transcript}\n<<< 503 need RCPT`],
    ['as none was valid', '5.0.0', `${transcript}\n<<< 554 5.5.1 Error: no valid recipients`],
    ['with a status of an address', '5.1.1', transcript],
    ['with that status in its words', undefined, `${transcript}\n550 5.1.1 User unknown`],
    ['in a sentence', '5.0.0', ">>> DATA\n<<< 554 This user doesn't have an elm.example account"]
  ])('has nobody there: %s', (_, status, notice) => {
    expect(isLasting(status, status === '5.0.0' ? '' : answer, notice)).toBe(true)
  })

  test('has a full mailbox or a filter where it says so', () => {
    expect(isLasting('5.1.1', '550 mailbox full', '>>> DATA\n<<< 550 mailbox full')).toBe(false)
    expect(isLasting('5.1.1', '550 spam', '550 spam (in reply to end of DATA command)')).toBe(false)
  })

  test('or the sender, says nothing of the recipient', () => {
    const notice = '550 5.1.1 user unknown (in reply to MAIL FROM command)'
    expect(isLasting('5.1.1', notice, notice)).toBe(false)
  })
})

test('words of the returned mail say nothing', () => {
  const notice =
    'No such user here.\n\n--- Below this line is a copy of the message.\n\nMy mailbox is full.'
  expect(isLasting(undefined, '', notice)).toBe(true)
})
