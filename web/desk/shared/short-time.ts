/** Formats of one zone, kept because making one costs half a millisecond and a page has dozens. */
const formats = new Map<string, ReturnType<typeof formatsOf>>()

function formatsOf(timeZone: string) {
  const make = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en', { timeZone, ...options })
  return {
    clock: make({ hour: 'numeric', minute: '2-digit' }),
    year: make({ year: 'numeric' }),
    date: make({ month: 'long', day: 'numeric' }),
    day: make({ year: 'numeric', month: 'long', day: 'numeric' }),
    short: make({ month: 'short', day: 'numeric' })
  }
}

function formatsIn(timeZone: string): ReturnType<typeof formatsOf> {
  const known = formats.get(timeZone) ?? formatsOf(timeZone)
  formats.set(timeZone, known)
  return known
}

/**
 * A time as short as it can be told: "2:02 PM" for today, "November 29, 2:02 PM" for another day of
 * this year, with its year for others.
 * @param timeZone the agency's, such as "America/Chicago"
 */
export function shortTime(time: Date, timeZone: string, now = new Date()): string {
  const { clock, year, date, day } = formatsIn(timeZone)
  if (day.format(time) === day.format(now)) return clock.format(time)
  const isOfThisYear = year.format(time) === year.format(now)
  return `${(isOfThisYear ? date : day).format(time)}, ${clock.format(time)}`
}

/** "Nov 3". */
export function shortDay(time: Date, timeZone: string): string {
  return formatsIn(timeZone).short.format(time)
}
