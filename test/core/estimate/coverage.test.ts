import { describe, expect, test } from '@jest/globals'
import { seeded } from '../../../bench/random.ts'
import * as fc from 'fast-check'
import { coverageOf, type LineEntry } from '../../../core/estimate/coverage.ts'
import { replayHistory, type HistoryEvent } from '../../../core/estimate/history.ts'
import { rangeFor } from '../../../core/estimate/range.ts'
import { compare, type Place } from '../../../core/line/place.ts'

interface Department {
  /** Cases that arrive on a day of work, and how many can be served, by the day's number. */
  readonly arrivals: (day: number, roll: () => number) => number
  readonly served: (day: number, roll: () => number) => number
}

const DAYS = 120
const times = (count: number, roll: () => number) =>
  Array.from({ length: Math.max(0, Math.round(count)) }, roll).toSorted((a, b) => a - b)

/** Days in which cases arrive, stand in line and are taken in order. */
function simulate({ arrivals, served }: Department, seed: number) {
  const roll = seeded(seed)
  const line: LineEntry[] = []
  const [entries, takes]: [LineEntry[], number[]] = [[], []]
  for (let day = 0; day < DAYS; day += 1) {
    const moments = [
      ...times(arrivals(day, roll), roll).map((at) => ({ at: day + at, comes: true })),
      ...times(served(day, roll), roll).map((at) => ({ at: day + at, comes: false }))
    ].toSorted((a, b) => a.at - b.at)
    for (const { at, comes } of moments) {
      if (comes) line.push({ at, place: line.length + 1, takenAt: undefined })
      else if (line.length > 0) {
        entries.push({ ...line.shift()!, takenAt: at })
        takes.push(at)
      }
    }
  }
  return { entries: [...entries, ...line].toSorted((a, b) => a.at - b.at), takes }
}

const departments: Record<string, Department> = {
  calm: { arrivals: (_, roll) => 8 + roll() * 4, served: (_, roll) => 9 + roll() * 3 },
  bursts: {
    arrivals: (day, roll) => (day % 15 === 3 ? 60 : 4 + roll() * 6),
    served: (_, roll) => (roll() < 0.25 ? 3 : 12 + roll() * 6)
  },
  'falling staff': {
    arrivals: (_, roll) => 9 + roll() * 2,
    served: (day, roll) => 12 - (day / DAYS) * 6 + roll() * 2
  },
  small: { arrivals: (_, roll) => roll() * 4, served: (_, roll) => roll() * 4.4 }
}

describe('of what is stated to 8 of 10, between 75 and 85 in a hundred were right', () => {
  test.each(Object.keys(departments))('in a department with %s', (name) => {
    const shares = Array.from({ length: 8 }, (_, seed) => {
      const { entries, takes } = simulate(departments[name]!, seed + 1)
      const { stated, right } = coverageOf(entries, takes)
      expect(stated).toBeGreaterThan(100)
      return right / stated
    })
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
    expect(Math.abs(mean - 0.8)).toBeLessThanOrEqual(0.05)
  })
})

describe('a range', () => {
  const steady = Array.from({ length: 100 }, (_, n) => n / 10)
  const even = { low: 0, high: 0 }

  test('is not stated under 20 takes', () => {
    expect(rangeFor(steady.slice(0, 19), 1, 2, even)).toBeUndefined()
    expect(rangeFor(steady.slice(0, 20), 1, 2, even)).toBeDefined()
  })

  test('grows with the place: of ten takes a day the 30th is three days away', () => {
    expect(rangeFor(steady, 30, 10, even)).toEqual({ from: 3, to: 3 })
    expect(rangeFor(steady, 300, 10, even)).toMatchObject({ to: 30 })
    expect(rangeFor(steady, 2, 10, even)).toEqual({ from: 0.125, to: 0.25 })
  })
})

test('a line is replayed with the places at which cases came in and their takes for good', () => {
  const event = (kind: string, caseId: string, at: number, own = true): HistoryEvent => ({
    kind: `case.${kind}`,
    own,
    caseId,
    at,
    place: { caseId, arrivedAt: `2026-01-0${caseId}`, ordinal: 1 }
  })
  const history = replayHistory(
    [{ caseId: '1', arrivedAt: '2026-01-01', ordinal: 1 }],
    [
      event('entered', '3', 1),
      event('entered', '2', 2),
      event('taken', '1', 3),
      event('returned', '1', 4),
      event('taken', '1', 5),
      event('closed', '1', 6),
      event('taken', '2', 7),
      event('transferred', '2', 8, false),
      event('taken', '3', 9)
    ]
  )
  expect(history.entries).toEqual([
    { at: 1, place: 2, takenAt: 9 },
    { at: 2, place: 2, takenAt: 7 }
  ])
  expect(history.takes).toEqual([5, 7, 9])
})

test('a place is how many stand ahead, whoever came, left and came back at another place', () => {
  const place = fc
    .record({ id: fc.integer({ min: 0, max: 12 }), day: fc.integer({ min: 1, max: 9 }) })
    .map(({ id, day }) => ({ caseId: `c${id}`, arrivedAt: `2026-01-0${day}`, ordinal: id }))
  const event = fc.record({ kind: fc.constantFrom('entered', 'reopened', 'taken'), place })
  fc.assert(
    fc.property(
      fc.uniqueArray(place, { selector: ({ caseId }) => caseId }),
      fc.array(event, { maxLength: 60 }),
      (waiting, events) => {
        let line: readonly Place[] = waiting
        const places: number[] = []
        for (const { kind, place: at } of events) {
          line = line.filter(({ caseId }) => caseId !== at.caseId)
          if (kind === 'taken') continue
          line = [...line, at]
          places.push(line.filter((one) => compare(one, at) <= 0).length)
        }
        const history = replayHistory(
          waiting,
          events.map(({ kind, place: at }, no) => ({
            kind: `case.${kind}`,
            own: true,
            caseId: at.caseId,
            at: no,
            place: at
          }))
        )
        expect(history.entries.map((entry) => entry.place)).toEqual(places)
      }
    )
  )
})
