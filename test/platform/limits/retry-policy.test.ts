import { describe, expect, test } from '@jest/globals'
import { sending } from '../../../core/outbox/dispatcher.ts'
import { fetching } from '../../../core/reading/fetcher.ts'
import {
  isLastAttempt,
  isLastSlowAttempt,
  waitAfter,
  type RetryPolicy
} from '../../../platform/limits/retry-policy.ts'

const policy: RetryPolicy = { firstWait: 5, factor: 2, longestWait: 30, attempts: 5 }

function waits(given: RetryPolicy, attempts: number): number[] {
  return Array.from({ length: attempts - 1 }, (_, index) => waitAfter(given, index + 1))
}

function hours(given: RetryPolicy, attempts: number): number {
  return waits(given, attempts).reduce((sum, wait) => sum + wait, 0) / 3_600
}

describe('a policy', () => {
  test('waits longer each time, up to its longest wait, also after more attempts than a number can double', () => {
    expect([...waits(policy, 6), waitAfter(policy, 5_000)]).toEqual([5, 10, 20, 30, 30, 30])
  })

  test('always waits the same with a factor of one', () => {
    expect(waits({ ...policy, factor: 1 }, 4)).toEqual([5, 5, 5])
  })

  test('ends with its last attempt, or never', () => {
    expect([4, 5, 6].map((attempt) => isLastAttempt(policy, attempt))).toEqual([false, true, true])
    expect(isLastAttempt({ attempts: Infinity }, 1_000_000)).toBe(false)
  })

  test('goes on slowly where it has slow attempts and the trouble is such', () => {
    const patient = { ...policy, slow: { wait: 600, attempts: 2 } }
    expect(waits(patient, 7)).toEqual([5, 10, 20, 30, 600, 600])
    expect([5, 6, 7].map((attempt) => isLastSlowAttempt(patient, attempt))).toEqual([
      false,
      false,
      true
    ])
    expect(isLastSlowAttempt(policy, 5)).toBe(true)
  })
})

describe('the words of the guides are so', () => {
  test('a file that is late is tried again for two hours and three quarters, one that is down for three days', () => {
    expect(hours(fetching, fetching.attempts)).toBeCloseTo(2.71, 2)
    expect(hours(fetching, fetching.attempts + fetching.slow!.attempts) / 24).toBeCloseTo(2.95, 2)
  })

  test('a receipt is tried for two hours', () => {
    expect(hours(sending, sending.attempts)).toBeCloseTo(2.12, 2)
  })
})
