/** Clock times as people type them, in the agency's zone. */

/** `2026-11-25T09:00`, as browsers send what was typed into a date-and-time field; seconds are optional. */
const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,3})?)?$/

/** The moment that clocks in `timeZone` showed this; the earlier of two when they were set back; undefined where it is no time. */
export function parseLocalTime(text: string, timeZone: string): Date | undefined {
  const [, year, month, day, hour, minute, second = '0'] = pattern.exec(text) ?? []
  if (!year) return undefined
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  if (formatWall(wall) !== `${year}-${month}-${day}T${hour}:${minute}`) return undefined
  // A day before and a day after: on all but two days of a year the offset is the same.
  const moments = [wall - offsetAt(wall - 86_400_000, timeZone), wall - offsetAt(wall + 86_400_000, timeZone)]
  const right = moments.filter((moment) => moment + offsetAt(moment, timeZone) === wall)
  return new Date(right.length > 0 ? Math.min(...right) : moments[0]!)
}

/** A moment as a date-and-time field takes it, in `timeZone`. */
export function formatLocalTime(moment: Date, timeZone: string): string {
  return formatWall(moment.getTime() + offsetAt(moment.getTime(), timeZone))
}

function formatWall(wall: number): string {
  return Number.isFinite(wall) ? new Date(wall).toISOString().slice(0, 16) : ''
}

/** What clocks in `timeZone` are ahead of UTC at that moment, in ms. */
function offsetAt(moment: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(moment)
  const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((type) => Number(parts.find((part) => part.type === type)!.value))
  return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000
}
