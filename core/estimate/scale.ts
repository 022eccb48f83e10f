/** Moments as days of work: whole days, and how far the work of the day is done. Pure. */
import { Temporal } from 'temporal-polyfill'
import { hasHours, type Clock } from '../../config/clocks.ts'
import { dayOf, stretchesOf } from '../clocks/working-time.ts'

export interface Scale {
  /** Days of work since the scale began, in milliseconds since 1970. */
  at(moment: number): number
  /** Whether the days are those of the department's hours, or those of the calendar. */
  readonly unit: 'working-days' | 'days'
}

/** Days of work from a moment on; a department without hours works all day, every day. */
export function scaleFrom(since: number, clock: Clock): Scale {
  if (!hasHours(clock.hours)) return { unit: 'days', at: (moment) => (moment - since) / 86_400_000 }
  const days: { day: Temporal.PlainDate; before: number; done: (moment: number) => number }[] = []
  const first = dayOf(since, clock.timeZone)
  const dayAt = (index: number) => {
    while (days.length <= index) {
      const day = first.add({ days: days.length })
      const last = days.at(-1)
      const before = last ? last.before + last.done(Infinity) : 0
      days.push({ day, before, done: doneOn(day, clock) })
    }
    return days[index]!
  }
  return {
    unit: 'working-days',
    at: (moment) => {
      const index = first.until(dayOf(moment, clock.timeZone)).days
      if (index < 0) return 0
      const { before, done } = dayAt(index)
      return before + done(moment)
    }
  }
}

/** The share of a day's work that is done at a moment; nothing on a day without work. */
function doneOn(day: Temporal.PlainDate, clock: Clock): (moment: number) => number {
  const stretches = stretchesOf(day, clock)
  const all = stretches.reduce((sum, { from, to }) => sum + to - from, 0)
  return (moment) =>
    all === 0
      ? 0
      : stretches.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, moment) - from), 0) /
        all
}
