/**
 * When a case is due by its department's clock. For people to see; the line cannot reach it, and
 * nothing is ordered by it.
 */
import type { Clock } from '../../config/clocks.ts'
import { addWork, endOfDay, endOfWorkingDay, workBetween } from './working-time.ts'

const HOUR = 3_600_000

/** A wait for the resident, in milliseconds since 1970; without an end while it lasts. */
export interface Pause {
  readonly from: number
  readonly to?: number | undefined
}

export interface Due {
  readonly at: Date
  /**
   * `stands` while it waits for the resident; `soon` from the working day before on, `over`
   * afterwards.
   */
  readonly state: 'later' | 'soon' | 'over' | 'stands'
}

/**
 * Undefined where the department has no period, or no working time to reckon it by.
 * @param since when the case arrived, in milliseconds since 1970
 */
export function dueOf(
  clock: Clock,
  since: number,
  pauses: readonly Pause[],
  now: number
): Due | undefined {
  const first = clock.due && firstDue(clock, since)
  if (first === undefined) return undefined
  const at = pauses.reduce<number | undefined>(
    (due, pause) =>
      due && extend(clock, due, { from: Math.max(pause.from, since), to: pause.to ?? now }),
    first
  )
  if (at === undefined) return undefined
  return { at: new Date(at), state: stateOf(clock, at, pauses, now) }
}

function firstDue(clock: Clock, since: number): number | undefined {
  const { count, unit } = clock.due!
  if (unit === 'days') return endOfDay(since, count, clock.timeZone)
  if (unit === 'working hours') return addWork(since, count * HOUR, clock)
  return endOfWorkingDay(since, count, clock)
}

/** A wait that began after the due date changes nothing any more. */
function extend(
  clock: Clock,
  due: number,
  { from, to }: { readonly from: number; readonly to: number }
): number | undefined {
  if (from >= due || to <= from) return due
  if (clock.due!.unit === 'days') return due + (to - from)
  return addWork(due, workBetween(from, to, clock), clock)
}

function stateOf(clock: Clock, at: number, pauses: readonly Pause[], now: number): Due['state'] {
  if (pauses.some(({ to }) => to === undefined)) return 'stands'
  if (now > at) return 'over'
  const soon = endOfWorkingDay(now, 1, clock) ?? endOfDay(now, 1, clock.timeZone)
  return at <= soon ? 'soon' : 'later'
}
