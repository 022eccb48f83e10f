import { describe, expect, test } from '@jest/globals'
import { FixedWindowLimiter } from '../../../platform/limits/fixed-window-limiter.ts'

describe('the counter of a minute', () => {
  test('gives each address its share, and a new one in the next minute', () => {
    let now = 0
    const counter = new FixedWindowLimiter(2, 10, () => now)
    expect([counter.take('a'), counter.take('a'), counter.take('a'), counter.take('b')]).toEqual([
      true,
      true,
      false,
      true
    ])
    expect(counter.allows('a')).toBe(false)
    now = 60_000
    expect(counter.allows('a')).toBe(true)
    expect(counter.take('a')).toBe(true)
  })

  test('keeps its memory when a flood comes from many addresses: those beyond share one count', () => {
    const counter = new FixedWindowLimiter(2, 3, () => 0)
    for (const address of ['a', 'b', 'c']) counter.take(address)
    expect(['d', 'e', 'f'].map((address) => counter.take(address))).toEqual([true, true, false])
    expect(counter.take('a')).toBe(true)
  })
})
