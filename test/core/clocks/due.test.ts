import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dueSchema, hoursSchema, type Clock } from '../../../config/clocks.ts'
import { dueOf } from '../../../core/clocks/due.ts'
import { addWork, workBetween } from '../../../core/clocks/working-time.ts'

const weekday = ['08:00-12:00', '13:00-17:00']
const hours = hoursSchema.parse({
  monday: weekday,
  tuesday: weekday,
  wednesday: weekday,
  thursday: ['08:00-12:00'],
  friday: weekday
})
const clock = (due: string, more: Partial<Clock> = {}): Clock => ({
  hours,
  holidays: new Set(['2026-11-26', '2026-12-25']),
  timeZone: 'America/Chicago',
  due: dueSchema.parse(due),
  ...more
})
const at = (time: string) => new Date(time).getTime()
/** When it is due, in the agency's zone without its name. */
const due = (clockOfTest: Clock, since: string, ...pauses: [string, string?][]) =>
  dueOf(
    clockOfTest,
    at(since),
    pauses.map(([from, to]) => ({ from: at(from), to: to ? at(to) : undefined })),
    at('2026-12-01T12:00-06:00')
  )?.at.toLocaleString('sv', { timeZone: 'America/Chicago' })

describe('a case is due', () => {
  test.each([
    ['5 working days', '2026-11-16T09:00-06:00', '2026-11-23 17:00:00'],
    ['1 working day', '2026-11-16T23:00-06:00', '2026-11-17 17:00:00'],
    // A weekend, a holiday on Thursday.
    ['2 working days', '2026-11-24T09:00-06:00', '2026-11-27 17:00:00'],
    ['1 working day', '2026-11-18T09:00-06:00', '2026-11-19 12:00:00'],
    ['10 days', '2026-11-16T09:00-06:00', '2026-11-26 23:59:59'],
    ['16 working hours', '2026-11-16T16:00-06:00', '2026-11-18 16:00:00'],
    ['1 working hour', '2026-11-16T11:30-06:00', '2026-11-16 13:30:00'],
    ['1 working hour', '2026-11-14T11:30-06:00', '2026-11-16 09:00:00']
  ])('%s after %s: %s', (period, since, expected) => {
    expect(due(clock(period), since)).toBe(expected)
  })

  test('by calendar days over the night on which clocks are set back', () => {
    expect(due(clock('1 day'), '2026-10-31T09:00-05:00')).toBe('2026-11-01 23:59:59')
  })

  test('later by the working time for which it waited for the resident', () => {
    const monday = '2026-11-16T09:00-06:00'
    const five = clock('5 working days')
    expect(due(five, monday, ['2026-11-17T08:00-06:00', '2026-11-18T08:00-06:00'])).toBe(
      '2026-11-24 17:00:00'
    )
    // Nobody works at night: such a wait changes nothing.
    expect(due(five, monday, ['2026-11-17T18:00-06:00', '2026-11-18T07:00-06:00'])).toBe(
      '2026-11-23 17:00:00'
    )
    expect(due(five, monday, ['2026-11-25T08:00-06:00', '2026-11-27T08:00-06:00'])).toBe(
      '2026-11-23 17:00:00'
    )
    expect(
      due(clock('10 days'), monday, ['2026-11-17T00:00-06:00', '2026-11-19T00:00-06:00'])
    ).toBe('2026-11-28 23:59:59')
  })

  test('never, where there is no period or no working time', () => {
    expect(dueOf(clock('5 working days', { due: undefined }), 0, [], 0)).toBeUndefined()
    expect(dueOf(clock('5 working days', { hours: {} }), 0, [], 0)).toBeUndefined()
  })

  test.each([
    ['2026-11-16T10:00-06:00', 'later'],
    ['2026-11-20T10:00-06:00', 'soon'],
    ['2026-11-23T17:00-06:00', 'soon'],
    ['2026-11-23T17:01-06:00', 'over']
  ])('at %s that is %s', (now, state) => {
    const since = at('2026-11-16T09:00-06:00')
    expect(dueOf(clock('5 working days'), since, [], at(now))?.state).toBe(state)
    expect(dueOf(clock('5 working days'), since, [{ from: since }], at(now))?.state).toBe('stands')
  })
})

describe('working time', () => {
  const moments = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-06-01T00:00Z') })
  const periods = fc
    .uniqueArray(fc.integer({ min: 0, max: 1_440 }), { minLength: 2, maxLength: 8 })
    .map((minutes) => minutes.toSorted((a, b) => a - b))
    .map((minutes) =>
      Array.from({ length: Math.floor(minutes.length / 2) }, (_, n) => ({
        from: minutes[n * 2]!,
        to: minutes[n * 2 + 1]!
      }))
    )
  const clocks = fc
    .record({ monday: periods, wednesday: periods, sunday: periods })
    .map((some) => clock('5 working days', { hours: some }))

  test('so much later, exactly so much work was done', () => {
    fc.assert(
      fc.property(clocks, moments, fc.integer({ min: 1, max: 3_000 }), (any, from, minutes) => {
        const end = addWork(from, minutes * 60_000, any)!
        expect(workBetween(from, end, any)).toBe(minutes * 60_000)
      }),
      { numRuns: 60 }
    )
  })

  test('a wait never brings the due date nearer', () => {
    fc.assert(
      fc.property(clocks, moments, moments, moments, (any, since, a, b) => {
        const pause = { from: Math.min(a, b), to: Math.max(a, b) }
        const plain = dueOf(any, since, [], since)!.at
        expect(dueOf(any, since, [pause], since)!.at.getTime()).toBeGreaterThanOrEqual(
          plain.getTime()
        )
      }),
      { numRuns: 60 }
    )
  })
})
