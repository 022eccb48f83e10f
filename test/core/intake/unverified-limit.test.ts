import { expect, test } from '@jest/globals'
import {
  HELD_BYTES_PER_MINUTE,
  HELD_PER_MINUTE,
  UnverifiedLimit
} from '../../../core/intake/unverified-limit.ts'

let at = 0
const limit = () => new UnverifiedLimit(() => at)
const keeps = (rate: UnverifiedLimit, bytes: number, now: number) => {
  at = now
  return rate.mayKeep(bytes)
}

test('as many as a minute may hold are kept, the next is not, and the next minute begins anew', () => {
  const rate = limit()
  expect(Array.from({ length: HELD_PER_MINUTE }, () => keeps(rate, 1, 60_000)).every(Boolean)).toBe(
    true
  )
  expect([keeps(rate, 1, 119_999), keeps(rate, 1, 120_000)]).toEqual([false, true])
})

test('as many bytes as a minute may hold are kept, one more is not, and what is not kept takes no room', () => {
  const rate = limit()
  expect([
    keeps(rate, HELD_BYTES_PER_MINUTE - 10, 0),
    keeps(rate, 11, 0),
    keeps(rate, 10, 59_999),
    keeps(rate, 1, 59_999),
    keeps(rate, HELD_BYTES_PER_MINUTE, 60_000)
  ]).toEqual([true, false, true, false, true])
})
