/**
 * Reckons in working time: pure, by the agency's zone, several periods a day, holidays left out.
 * Clocks that are set forward or back make a period shorter or longer, as it is for who works then.
 */
import { Temporal } from 'temporal-polyfill'
import { weekdays, type Clock } from '../../config/clocks.ts'

/** Days looked at in a row; three years without work are a mistake in the hours. */
const MOST_DAYS = 1_100

interface Stretch {
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
}

export function dayOf(moment: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(timeZone).toPlainDate()
}

/** The working time of one day. */
export function stretchesOf(day: Temporal.PlainDate, clock: Clock): Stretch[] {
  if (clock.holidays.has(day.toString())) return []
  return (clock.hours[weekdays[day.dayOfWeek - 1]!] ?? []).map(({ from, to }) => ({
    from: momentOf(day, from, clock.timeZone),
    to: momentOf(day, to, clock.timeZone)
  }))
}

function momentOf(day: Temporal.PlainDate, minutes: number, timeZone: string): number {
  const [date, rest] = minutes === 24 * 60 ? [day.add({ days: 1 }), 0] : [day, minutes]
  return date
    .toPlainDateTime({ hour: Math.floor(rest / 60), minute: rest % 60 })
    .toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds
}

/** The end of the calendar day that is so many days later. */
export function endOfDay(moment: number, days: number, timeZone: string): number {
  return momentOf(dayOf(moment, timeZone).add({ days }), 24 * 60, timeZone) - 1_000
}

/** When work ends on the so-manyth working day after the day of a moment; undefined without work. */
export function endOfWorkingDay(moment: number, count: number, clock: Clock): number | undefined {
  let left = count
  for (const day of daysFrom(dayOf(moment, clock.timeZone).add({ days: 1 }))) {
    const last = stretchesOf(day, clock).at(-1)
    if (last && --left === 0) return last.to
  }
  return undefined
}

/** The moment at which so many milliseconds of work have passed; undefined without work. */
export function addWork(from: number, work: number, clock: Clock): number | undefined {
  if (work <= 0) return from
  let left = work
  for (const day of daysFrom(dayOf(from, clock.timeZone))) {
    for (const stretch of stretchesOf(day, clock)) {
      const begin = Math.max(stretch.from, from)
      if (begin >= stretch.to) continue
      if (left <= stretch.to - begin) return begin + left
      left -= stretch.to - begin
    }
  }
  return undefined
}

/** Milliseconds of work between two moments. */
export function workBetween(from: number, to: number, clock: Clock): number {
  let work = 0
  const last = dayOf(to, clock.timeZone)
  for (const day of daysFrom(dayOf(from, clock.timeZone))) {
    if (Temporal.PlainDate.compare(day, last) > 0) break
    for (const stretch of stretchesOf(day, clock))
      work += Math.max(0, Math.min(stretch.to, to) - Math.max(stretch.from, from))
  }
  return work
}

function* daysFrom(first: Temporal.PlainDate): Generator<Temporal.PlainDate> {
  let day = first
  for (let n = 0; n < MOST_DAYS; n += 1) {
    yield day
    day = day.add({ days: 1 })
  }
}
