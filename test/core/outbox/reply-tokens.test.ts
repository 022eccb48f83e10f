import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newReceipt } from '../../../core/contacts/receipts.ts'
import { signReplyToken, verifyReplyToken } from '../../../core/outbox/reply-tokens.ts'

const secret = Buffer.alloc(32, 7)

test('a token speaks for the receipt it was made for', () => {
  const receipt = newReceipt()
  expect(verifyReplyToken(signReplyToken(receipt, secret), secret)).toBe(receipt)
})

test('capitals do not matter: mail systems change them', () => {
  const receipt = newReceipt()
  expect(verifyReplyToken(signReplyToken(receipt, secret).toUpperCase(), secret)).toBe(receipt)
})

test('it fits a local part (64 bytes, RFC 5321) with "reply+" before it', () => {
  expect(signReplyToken(newReceipt(), secret)).toMatch(/^[0-9a-z]{18}\.[a-z2-7]{16}$/)
})

test("another installation's token leads nowhere", () => {
  expect(
    verifyReplyToken(signReplyToken(newReceipt(), Buffer.alloc(32, 8)), secret)
  ).toBeUndefined()
})

test('any one changed symbol makes it void', () => {
  const token = signReplyToken(newReceipt(), secret)
  fc.assert(
    fc.property(
      fc.nat({ max: token.length - 1 }),
      fc.constantFrom(...'abcxyz0239.'),
      (position, symbol) => {
        fc.pre(token[position] !== symbol)
        expect(
          verifyReplyToken(token.slice(0, position) + symbol + token.slice(position + 1), secret)
        ).toBeUndefined()
      }
    )
  )
})

test('anything added or left out makes it void', () => {
  const token = signReplyToken(newReceipt(), secret)
  for (const altered of [`${token}.`, `${token}.a`, `${token}a`, `a${token}`, token.slice(0, -1)])
    expect(verifyReplyToken(altered, secret)).toBeUndefined()
})

test('no text at all makes it fail', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
      expect(verifyReplyToken(text, secret)).toBeUndefined()
    })
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 16, maxLength: 16 }), (mac) => {
      expect(
        verifyReplyToken(`${newReceipt().replaceAll('-', '').toLowerCase()}.${mac}`, secret)
      ).toBeUndefined()
    })
  )
})
