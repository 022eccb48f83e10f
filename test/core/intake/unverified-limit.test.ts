import { expect, test } from '@jest/globals'
import {
  HELD_BYTES_PER_MINUTE,
  HELD_PER_MINUTE,
  UnverifiedLimit
} from '../../../core/intake/unverified-limit.ts'

test('as many as a minute may hold are kept, the next is not, and the next minute begins anew', () => {
  const rate = new UnverifiedLimit()
  expect(
    Array.from({ length: HELD_PER_MINUTE }, () => rate.mayKeep(1, 60_000)).every(Boolean)
  ).toBe(true)
  expect([rate.mayKeep(1, 119_999), rate.mayKeep(1, 120_000)]).toEqual([false, true])
})

test('as many bytes as a minute may hold are kept, one more is not, and what is not kept takes no room', () => {
  const rate = new UnverifiedLimit()
  expect([
    rate.mayKeep(HELD_BYTES_PER_MINUTE - 10, 0),
    rate.mayKeep(11, 0),
    rate.mayKeep(10, 59_999),
    rate.mayKeep(1, 59_999),
    rate.mayKeep(HELD_BYTES_PER_MINUTE, 60_000)
  ]).toEqual([true, false, true, false, true])
})
