/**
 * A department's line of the last weeks, replayed from the ledger: at which place cases came in, and
 * when they were taken for good. Pure.
 */
import { compare, type Place } from '../line/place.ts'
import { lowerBound } from './lower-bound.ts'

export interface HistoryEvent {
  readonly kind: string
  /** Whose line it belongs to now; a transfer out of the line is an event of the other's. */
  readonly own: boolean
  readonly caseId: string
  /** In days of work. */
  readonly at: number
  readonly place: Place
}

export interface History {
  readonly entries: readonly { at: number; place: number; takenAt: number | undefined }[]
  readonly takes: readonly number[]
}

/** Events after which a case stands in the line again. */
const enters = new Set([
  'case.entered',
  'case.transferred',
  'case.reopened',
  'case.returned',
  'case.passed',
  'case.resumed',
  'case.unjoined'
])
/** The events of those above after which a wait begins. */
const begins = new Set(['case.entered', 'case.transferred', 'case.reopened'])
/** A take followed by one of these did not serve the case. */
const undoes = new Set(['case.returned', 'case.passed'])

/** @param waiting cases that stood in the line before the first event */
export function replayHistory(waiting: readonly Place[], events: readonly HistoryEvent[]): History {
  const line = new ReplayedLine(
    waiting,
    events.map(({ place }) => place)
  )
  const open = new Map<string, { at: number; place: number; takenAt: number | undefined }>()
  const entries: { at: number; place: number; takenAt: number | undefined }[] = []
  const taken = new Map<string, number>()
  const takes: number[] = []
  for (const { kind, own, caseId, at, place } of events) {
    if (own && enters.has(kind)) {
      const ahead = line.add(place)
      if (begins.has(kind)) {
        const entry = { at, place: ahead + 1, takenAt: undefined }
        open.set(caseId, entry)
        entries.push(entry)
      }
      if (undoes.has(kind)) taken.delete(caseId)
    } else line.remove(caseId)
    if (kind === 'case.taken') taken.set(caseId, at)
    const since = taken.get(caseId)
    if (since === undefined || kind === 'case.taken' || undoes.has(kind)) continue
    takes.push(since)
    const entry = open.get(caseId)
    if (entry) entry.takenAt = since
    open.delete(caseId)
    taken.delete(caseId)
  }
  for (const [caseId, at] of taken) {
    takes.push(at)
    const entry = open.get(caseId)
    if (entry) entry.takenAt = at
  }
  return { entries, takes: takes.toSorted((a, b) => a - b) }
}

/**
 * Who stands in a line, and how many ahead of each: sums over all places it will ever hold (a
 * Fenwick tree), since a line of 100,000 must not be shifted for each of thousands of events.
 */
class ReplayedLine {
  readonly #places: readonly Place[]
  readonly #sums: Int32Array
  readonly #standing = new Map<string, number>()

  /** @param others places that cases will come to */
  constructor(waiting: readonly Place[], others: readonly Place[]) {
    this.#places = [...waiting, ...others]
      .toSorted(compare)
      .filter((place, index, all) => index === 0 || compare(all[index - 1]!, place) !== 0)
    this.#sums = new Int32Array(this.#places.length + 1)
    const stands = new Map(waiting.map((place) => [place.caseId, place] as const))
    for (const [index, place] of this.#places.entries()) {
      const standing = stands.get(place.caseId)
      if (!standing || compare(standing, place) !== 0) continue
      this.#standing.set(place.caseId, index)
      this.#change(index, 1)
    }
  }

  /** Puts a case at its place, where it may stand already; answers how many are ahead of it. */
  add(place: Place): number {
    this.remove(place.caseId)
    const index = lowerBound(this.#places, (one) => compare(one, place) >= 0)
    this.#standing.set(place.caseId, index)
    this.#change(index, 1)
    let ahead = 0
    for (let at = index; at > 0; at -= at & -at) ahead += this.#sums[at]!
    return ahead
  }

  remove(caseId: string): void {
    const index = this.#standing.get(caseId)
    if (index === undefined) return
    this.#standing.delete(caseId)
    this.#change(index, -1)
  }

  #change(index: number, by: 1 | -1): void {
    for (let at = index + 1; at < this.#sums.length; at += at & -at) this.#sums[at]! += by
  }
}
