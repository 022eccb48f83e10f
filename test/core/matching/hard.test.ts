import { describe, expect, test } from '@jest/globals'
import { assert as check, constantFrom, property, shuffledSubarray, subarray } from 'fast-check'
import { noPerson, type Person } from '../../../core/matching/person.ts'
import { hardGroups, personOf, verdictOf, type Written } from './hard-pairs.ts'

const pairs = hardGroups.flatMap(({ pairs }) => pairs)

describe('people who are easily taken for one, or for two', () => {
  test('the set has at least two hundred pairs, each group with its reason', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(200)
    for (const group of hardGroups) expect(group.why.length).toBeGreaterThan(15)
  })

  for (const { group, why, expected, pairs } of hardGroups) {
    test.each(pairs.map((pair, index) => [index, ...pair] as const))(
      `${group} %#: ${why}`,
      (_, a, b) => {
        const verdict = verdictOf(personOf(a), personOf(b))
        expect({ ...verdict, linked: verdict.kind === 'linked' }).toMatchObject({
          linked: expected === 'linked'
        })
      }
    )
  }
})

describe('what must not matter', () => {
  const anyPair = constantFrom(...pairs)
  const order = shuffledSubarray<keyof Written>(
    ['name', 'given', 'family', 'birth', 'email', 'phone', 'address', 'number'],
    { minLength: 8, maxLength: 8 }
  )

  test('the order of columns never changes a verdict', () => {
    check(
      property(anyPair, order, order, ([a, b], left, right) => {
        expect(verdictOf(personOf(a, left), personOf(b, right))).toEqual(
          verdictOf(personOf(a), personOf(b))
        )
      })
    )
  })

  test('who is compared with whom never changes a verdict', () => {
    check(
      property(anyPair, ([a, b]) => {
        const [there, back] = [
          verdictOf(personOf(a), personOf(b)),
          verdictOf(personOf(b), personOf(a))
        ]
        expect(back.kind).toBe(there.kind)
        expect(back.bits).toBeCloseTo(there.bits, 6)
      })
    )
  })

  test('a value that only one side has never changes a verdict', () => {
    const extra: Partial<Person> = {
      occupations: ['plumber'],
      birthplaces: ['macon'],
      genders: ['f'],
      organisations: ['acme']
    }
    check(
      property(anyPair, subarray(Object.keys(extra) as (keyof Person)[]), ([a, b], fields) => {
        const more = Object.fromEntries(fields.map((field) => [field, extra[field]]))
        expect(verdictOf({ ...personOf(a), ...more }, personOf(b))).toEqual(
          verdictOf(personOf(a), personOf(b))
        )
      })
    )
  })

  test('nobody at all is linked to nobody', () => {
    check(
      property(anyPair, ([a]) => {
        expect(verdictOf(personOf(a), noPerson).kind).toBe('different')
      })
    )
  })
})
