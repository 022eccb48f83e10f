/**
 * What would have been stated to each case that came into line, and whether it was right. Pure:
 * nothing that came later is used for a statement.
 */
import { lowerBound } from './lower-bound.ts'
import { isWithin, rangeFor, widen, type Range, type Width } from './range.ts'

/** A case that came into line, in days of work. */
export interface LineEntry {
  readonly at: number
  /** Its place then; 1 = next. */
  readonly place: number
  /** When it was taken for good; undefined while it waits. */
  readonly takenAt: number | undefined
}

export interface Coverage {
  /** Statements whose cases were taken since. */
  readonly stated: number
  readonly right: number
  /** With which the next range is stated. */
  readonly width: Width
}

interface Statement {
  readonly range: Range
  readonly at: number
  readonly takenAt: number
}

/** Days of work that a statement looks back. */
export const LOOK_BACK = 20

/** @param entries and takes rise */
export function coverageOf(entries: readonly LineEntry[], takes: readonly number[]): Coverage {
  const sorted = Float64Array.from(takes)
  let width: Width = { low: 0, high: 0 }
  /** By when their cases were taken, the latest first. */
  const open: Statement[] = []
  const count = { stated: 0, right: 0 }
  const settleUntil = (now: number) => {
    while (open.length > 0 && open.at(-1)!.takenAt <= now) {
      const { range, at, takenAt } = open.pop()!
      count.stated += 1
      if (isWithin(range, takenAt - at)) count.right += 1
      width = widen(width, range, takenAt - at)
    }
  }
  for (const { at, place, takenAt } of entries) {
    settleUntil(at)
    const range = takenAt === undefined ? undefined : rangeFor(recent(sorted, at), place, at, width)
    if (range) {
      const statement = { range, at, takenAt: takenAt! }
      open.splice(
        lowerBound(open, (one) => one.takenAt <= takenAt!),
        0,
        statement
      )
    }
  }
  settleUntil(Infinity)
  return { ...count, width }
}

/** Takes of the days of work before a moment: a window on the same numbers. */
export function recent(takes: Float64Array, now: number): Float64Array {
  return takes.subarray(firstAfter(takes, now - LOOK_BACK), firstAfter(takes, now))
}

function firstAfter(sorted: Float64Array, value: number): number {
  return lowerBound(sorted, (one) => one > value)
}
