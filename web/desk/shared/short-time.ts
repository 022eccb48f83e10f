/**
 * A time as short as it can be told: "2:02 PM" for today, "November 29, 2:02 PM" for another day of
 * this year, with its year for others.
 * @param timeZone the agency's, such as "America/Chicago"
 */
export function shortTime(time: Date, timeZone: string, now = new Date()): string {
  const part = (options: Intl.DateTimeFormatOptions, of = time) =>
    new Intl.DateTimeFormat('en', { timeZone, ...options }).format(of)
  const day = { year: 'numeric', month: 'long', day: 'numeric' } as const
  const clock = part({ hour: 'numeric', minute: '2-digit' })
  if (part(day) === part(day, now)) return clock
  const { year, ...date } = day
  const sameYear = part({ year }) === part({ year }, now)
  return `${part(sameYear ? date : day)}, ${clock}`
}
