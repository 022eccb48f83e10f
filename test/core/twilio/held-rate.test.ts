import { expect, test } from '@jest/globals'
import { HELD_PER_MINUTE, HeldRate } from '../../../core/twilio/held-rate.ts'

test('as many as a minute may hold are kept, the next is not, and the next minute begins anew', () => {
  const rate = new HeldRate()
  expect(Array.from({ length: HELD_PER_MINUTE }, () => rate.mayKeep(60_000)).every(Boolean)).toBe(true)
  expect([rate.mayKeep(119_999), rate.mayKeep(120_000)]).toEqual([false, true])
})
