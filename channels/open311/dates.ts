const DAY_MS = 24 * 3_600_000

/**
 * A day, or a time with its zone (https://www.w3.org/TR/NOTE-datetime). A "+" sent unencoded
 * arrives as a space.
 */
const form =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+ -]\d\d:\d\d))?$/

/**
 * The instant that a date names; undefined if it is invalid or lacks its zone. A day without a time
 * is a day in UTC.
 * @param edge which end of such a day is meant
 */
export function parseDate(text: string, edge: 'start' | 'end' = 'start'): Date | undefined {
  const [, year, month, day, hours] = form.exec(text) ?? []
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return undefined
  const time = new Date(text.replace(' ', '+'))
  if (Number.isNaN(time.getTime())) return undefined
  return hours === undefined && edge === 'end' ? new Date(time.getTime() + DAY_MS - 1) : time
}

/** Checked because `Date` reads the 31st of February as the third of March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

export function addDays(time: Date, days: number): Date {
  return new Date(time.getTime() + days * DAY_MS)
}
