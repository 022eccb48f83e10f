/**
 * When a department works, and how long it means to take: for due dates that people are shown.
 * Nothing here orders anything.
 */
import { findDepartment } from './departments.ts'
import { z } from 'zod'

export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday'
] as const

/** A stretch of working time within one day, in minutes after midnight by the agency's clocks. */
export interface WorkPeriod {
  readonly from: number
  readonly to: number
}

const clockTime = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)$/

const periodSchema = z.string().transform((text, context): WorkPeriod => {
  const [, fromHour, fromMinute, toHour, toMinute] = clockTime.exec(text) ?? []
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  if (from < to && to <= 24 * 60) return { from, to }
  context.addIssue({ code: 'custom', message: 'a period of a day such as 08:00-12:00' })
  return z.NEVER
})

const daySchema = z
  .array(periodSchema)
  .max(6)
  .refine(
    (periods) => periods.every(({ from }, index) => index === 0 || periods[index - 1]!.to <= from),
    'periods follow one another and do not overlap'
  )

/** Working time by weekday; a day that is not named is free. */
export const hoursSchema = z.partialRecord(z.enum(weekdays), daySchema)
export type WorkingHours = z.output<typeof hoursSchema>

export const holidaysSchema = z.array(z.iso.date('a day such as 2026-12-25')).max(400)

/** How long a case may take: days or hours of work, or days by the calendar. */
export interface DuePeriod {
  readonly count: number
  readonly unit: 'working days' | 'working hours' | 'days'
}

const duePattern = /^([1-9]\d{0,2}) (working days?|working hours?|days?)$/

export const dueSchema = z.string().transform((text, context): DuePeriod => {
  const [, count, unit] = duePattern.exec(text) ?? []
  if (count && unit)
    return { count: Number(count), unit: `${unit.replace(/s$/, '')}s` as DuePeriod['unit'] }
  context.addIssue({
    code: 'custom',
    message: 'a period such as "5 working days", "16 working hours" or "10 days"'
  })
  return z.NEVER
})

/** What the due dates of a department are reckoned by. */
export interface Clock {
  readonly hours: WorkingHours
  /** Days without work, such as `2026-12-25`. */
  readonly holidays: ReadonlySet<string>
  readonly timeZone: string
  readonly due: DuePeriod | undefined
}

interface WithClocks {
  readonly agency: { readonly timeZone: string }
  readonly hours?: WorkingHours | undefined
  readonly holidays?: readonly string[] | undefined
  readonly due?: DuePeriod | undefined
  readonly departments: readonly {
    readonly id: string
    readonly hours?: WorkingHours | undefined
    readonly due?: DuePeriod | undefined
  }[]
}

/** A department's own hours and period, or else the agency's. Holidays are the agency's. */
export function clockOf(file: WithClocks, department: string): Clock {
  const own = findDepartment(file, department)
  return {
    hours: own?.hours ?? file.hours ?? {},
    holidays: new Set(file.holidays),
    timeZone: file.agency.timeZone,
    due: own?.due ?? file.due
  }
}

/** Whether work is done at all: a period of working days needs hours. */
export function hasHours(hours: WorkingHours): boolean {
  return Object.values(hours).some((periods) => periods.length > 0)
}
