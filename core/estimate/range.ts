/**
 * How long a place in line takes, from how long so many takes took lately. Pure. A range is stated
 * for 8 of 10 cases; how often such ranges were right widens or narrows the next ones, so that the
 * share holds also while a department grows slower or works in bursts (adaptive conformal
 * inference, Gibbs and Candès 2021). All times are in days of work, see scale.ts.
 */
import { lowerBound } from './lower-bound.ts'

/** Of ten cases, how many a range is stated for. */
export const SHARE = 0.8
/** Fewer takes say nothing. */
export const FEWEST_TAKES = 20
/** Points of the past from which is counted how long the next takes took. */
const STARTS = 60
/** How fast the width follows hits and misses: 0.1 changes it by a tenth in ten misses more. */
const PACE = 0.08
/** Logarithms of how much a bound moves at most: a third, and twenty times. */
const [NARROWEST, WIDEST] = [-1.1, 3]

export interface Range {
  readonly from: number
  readonly to: number
}

/** How much the two bounds are moved outward, as logarithms. */
export interface Width {
  readonly low: number
  readonly high: number
}

/**
 * The range for a place; undefined with too few takes.
 * @param takes when cases were taken for good, in days of work, rising
 * @param place 1 = next
 * @param now in days of work
 */
export function rangeFor(
  takes: ArrayLike<number>,
  place: number,
  now: number,
  width: Width
): Range | undefined {
  if (takes.length < FEWEST_TAKES) return undefined
  // Of a place far behind, the past has too few such waits: those of the farthest place that it
  // shows well are stretched.
  const shown = Math.min(place, Math.floor(takes.length / 2))
  const waits = waitsFor(takes, shown, now).map((wait) => (wait * place) / shown)
  if (waits.length === 0) return undefined
  waits.sort((a, b) => a - b)
  const from = quantile(waits, (1 - SHARE) / 2) * Math.exp(-width.low)
  const to = quantile(waits, (1 + SHARE) / 2) * Math.exp(width.high)
  return rounded({ from: Math.min(from, to), to: Math.max(from, to) })
}

/** How long it was until so many cases were taken, from points spread evenly over the past. */
function waitsFor(takes: ArrayLike<number>, count: number, now: number): number[] {
  const first = takes[0]!
  const step = (now - first) / STARTS
  const waits: number[] = []
  for (let n = 0; n < STARTS; n += 1) {
    const start = first + n * step
    const end = takes[lowerBound(takes, (take) => take > start) + count - 1]
    if (end === undefined) break
    waits.push(end - start)
  }
  return waits
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return below + (above - below) * (at - Math.floor(at))
}

/** As it is said: eighths of a day below one day, halves above. */
function rounded({ from, to }: Range): Range {
  const step = to < 1 ? 1 / 8 : 1 / 2
  return {
    from: Math.round(from / step) * step,
    to: Math.max(Math.round(to / step) * step, step)
  }
}

/** A wait counts as in a range where it would be, said as exactly as the range is. */
export function isWithin({ from, to }: Range, wait: number): boolean {
  const half = (to < 1 ? 1 / 8 : 1 / 2) / 2
  return wait >= from - half && wait <= to + half
}

export function widen({ low, high }: Width, range: Range, wait: number): Width {
  const miss = (1 - SHARE) / 2
  const missed = !isWithin(range, wait)
  return {
    low: bounded(low + PACE * ((missed && wait < range.from ? 1 : 0) - miss)),
    high: bounded(high + PACE * ((missed && wait > range.to ? 1 : 0) - miss))
  }
}

function bounded(width: number): number {
  return Math.min(WIDEST, Math.max(NARROWEST, width))
}
