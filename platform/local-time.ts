/** Clock times as people type them, in the agency's zone. */
import { Temporal } from 'temporal-polyfill'

/**
 * `2026-11-25T09:00`, as browsers send what was typed into a date-and-time field; seconds are
 * optional.
 */
const pattern = /^((?!00)\d{4}-\d\d-\d\dT\d\d:\d\d(?::[0-5]\d)?)(?:\.\d{1,3})?$/

/**
 * The moment at which clocks in `timeZone` showed this time: the earlier of two if clocks were set
 * back, undefined if the text is no time.
 */
export function parseLocalTime(text: string, timeZone: string): Date | undefined {
  const wall = wallTime(pattern.exec(text)?.[1])
  // For a time that clocks skipped, it is the moment at which they would have shown it.
  return (
    wall &&
    new Date(wall.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds)
  )
}

function wallTime(text: string | undefined): Temporal.PlainDateTime | undefined {
  if (text === undefined) return undefined
  try {
    return Temporal.PlainDateTime.from(text, { overflow: 'reject' })
  } catch {
    return undefined
  }
}

/** A moment in `timeZone`, in the format of a date-and-time field. */
export function formatLocalTime(moment: Date, timeZone: string): string {
  if (Number.isNaN(moment.getTime())) return ''
  return Temporal.Instant.fromEpochMilliseconds(moment.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
}

/**
 * The first moment of a day written `2026-11-25` in `timeZone`, or of one so many days later;
 * undefined if the text is no day.
 */
export function startOfDay(text: string, timeZone: string, daysLater: number): Date | undefined {
  const day = wallTime(/^(?!00)\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : undefined)
  return (
    day &&
    new Date(day.toPlainDate().add({ days: daysLater }).toZonedDateTime(timeZone).epochMilliseconds)
  )
}
