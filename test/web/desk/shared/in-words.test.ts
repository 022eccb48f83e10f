import { describe, expect, test } from '@jest/globals'
import { nameActor } from '../../../../web/desk/shared/actor-names.ts'
import { shortDay, shortTime } from '../../../../web/desk/shared/short-time.ts'

test.each([
  ['staff:1', 'Ana Whitfield'],
  ['cli:root', 'command line (root)'],
  ['cli:ann: of the county', 'command line (ann: of the county)'],
  ['system:sweep', 'the program'],
  ['machine', 'the program'],
  ['key:7', 'another system'],
  ['staff:gone', 'staff:gone']
])('whoever the ledger calls %s is “%s”', (actor, words) => {
  expect(nameActor(new Map([['staff:1', 'Ana Whitfield']]), actor)).toBe(words)
})

describe('a time as short as it can be told', () => {
  const now = new Date('2026-12-01T05:30:00Z')
  test.each([
    ['of today, by the agency’s clock', '2026-11-30T20:02:00Z', '2:02 PM'],
    ['of another day of this year', '2026-11-29T20:02:00Z', 'November 29, 2:02 PM'],
    ['of another year', '2025-11-30T20:02:00Z', 'November 30, 2025, 2:02 PM']
  ])('%s', (_, time, words) => {
    expect(shortTime(new Date(time), 'America/Chicago', now)).toBe(words)
  })
})

test('each zone has days of its own', () => {
  const time = new Date('2026-11-03T04:00:00Z')
  const days = ['America/Chicago', 'UTC'].map((zone) => shortDay(time, zone))
  expect(days).toEqual(['Nov 2', 'Nov 3'])
})
