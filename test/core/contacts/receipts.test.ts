import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newReceipt, parseReceipt } from '../../../core/contacts/receipts.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

test('a receipt is three groups of six symbols that are easy to read aloud', () => {
  expect(newReceipt()).toMatch(
    /^[0-9A-HJKMNP-TV-Z]{6}-[0-9A-HJKMNP-TV-Z]{6}-[0-9A-HJKMNP-TV-Z]{6}$/
  )
})

test('a receipt is found again however a person types it', () => {
  const receipt = newReceipt()
  for (const typed of [
    receipt.toLowerCase(),
    receipt.replaceAll('-', ''),
    receipt.replaceAll('-', ' '),
    ` ${receipt} `,
    receipt.replaceAll('0', 'O').replaceAll('1', 'l')
  ]) {
    expect(parseReceipt(typed)).toBe(receipt)
  }
})

test('any one wrong symbol is noticed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 17 }),
      fc.integer({ min: 1, max: 31 }),
      (position, shift) => {
        const plain = newReceipt().replaceAll('-', '')
        const wrong = ALPHABET[(ALPHABET.indexOf(plain[position]!) + shift) % 32]!
        expect(
          parseReceipt(plain.slice(0, position) + wrong + plain.slice(position + 1))
        ).toBeUndefined()
      }
    )
  )
})

test('any two symbols swapped are noticed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 17 }),
      fc.integer({ min: 0, max: 17 }),
      (first, second) => {
        const symbols = Array.from(newReceipt().replaceAll('-', ''))
        fc.pre(symbols[first] !== symbols[second])
        const swapped = symbols.with(first, symbols[second]!).with(second, symbols[first]!)
        expect(parseReceipt(swapped.join(''))).toBeUndefined()
      }
    )
  )
})

test('no text at all makes it fail', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (typed) => {
      const receipt = parseReceipt(typed)
      expect(receipt === undefined || parseReceipt(receipt) === receipt).toBe(true)
    })
  )
})

test('ten thousand receipts are all different', () => {
  expect(new Set(Array.from({ length: 10_000 }, newReceipt)).size).toBe(10_000)
})
