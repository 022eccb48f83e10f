import { describe, expect, test } from '@jest/globals'
import { assert as check, constantFrom, integer, property, string } from 'fast-check'
import { editDistance, jaroWinkler, lettersApart } from '../../../core/matching/similarity.ts'

/** The whole table, as the definition has it. */
function plainDistance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0))
  )
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const around = [
        table[i - 1]![j]! + 1,
        table[i]![j - 1]! + 1,
        table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      ]
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        around.push(table[i - 2]![j - 2]! + 1)
      table[i]![j] = Math.min(...around)
    }
  }
  return table[a.length]![b.length]!
}

describe('likeness of strings', () => {
  const short = string({ unit: constantFrom('a', 'b', 'c', 'd'), maxLength: 9 })

  test('edits are counted as the definition counts them, up to the limit', () => {
    check(
      property(short, short, integer({ min: 1, max: 5 }), (a, b, limit) => {
        expect(editDistance(a, b, limit)).toBe(Math.min(plainDistance(a, b), limit + 1))
      }),
      { numRuns: 2_000 }
    )
  })

  test.each([
    ['smith', 'smiht', 1],
    ['brentwood', 'brentwod', 1],
    ['oliver', 'olirev', 2],
    ['', 'ab', 2],
    ['abc', 'abc', 0]
  ])('%s and %s are %d apart', (a, b, edits) => {
    expect(editDistance(a, b, 5)).toBe(edits)
  })

  // Winkler's published examples.
  test.each([
    ['martha', 'marhta', 0.961],
    ['dwayne', 'duane', 0.84],
    ['dixon', 'dicksonx', 0.813],
    ['a', 'b', 0],
    ['', '', 0]
  ])('Jaro–Winkler of %s and %s is %d', (a, b, likeness) => {
    expect(jaroWinkler(a, b)).toBeCloseTo(likeness, 3)
  })

  test('letters apart do not mind their order', () => {
    expect(lettersApart('oliver', 'olirev')).toBe(0)
    expect(lettersApart('anna', 'hannah')).toBe(2)
    expect(lettersApart('ann', 'hannah')).toBe(3)
  })
})
