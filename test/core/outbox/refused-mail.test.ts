import { expect, test } from '@jest/globals'
import { refusedForGood } from '../../../core/outbox/refused-mail.ts'

const refusal = (command: string, response: string) => ({
  responseCode: Number(response.slice(0, 3)),
  command,
  response
})

test.each([
  ['RCPT TO', '550 5.1.1 <jane@mail.example>: no such user', '550 5.1.1'],
  ['RCPT TO', '553 no mailbox here by that name', '553'],
  ['DATA', '552 5.3.4 message too big', '552 5.3.4']
])('at %s, "%s" is final, and told without the address', (command, response, codes) => {
  expect(refusedForGood(refusal(command, response))).toBe(
    `the mail server of the address refuses it for good (${codes})`
  )
})

test.each([
  ['RCPT TO', '450 4.2.1 try again later'],
  ['RCPT TO', '554 5.7.1 relay access denied'],
  ['MAIL FROM', '550 5.1.8 sender refused'],
  ['AUTH PLAIN', '535 5.7.8 wrong password']
])('at %s, "%s" is tried again', (command, response) => {
  expect(refusedForGood(refusal(command, response))).toBeUndefined()
})

test('what is no refusal of a server is tried again', () => {
  expect(refusedForGood(new Error('connect ECONNREFUSED'))).toBeUndefined()
})
