/** One department's line, replayed from events in the order of their turns. Pure: no database. */
import TinyQueue from 'tinyqueue'

export interface LineEvent {
  readonly kind: string
  readonly department: string
  readonly turn: string
  readonly case_id: string
  readonly actor: string
  readonly data: { readonly arrivedAt?: string; readonly ordinal?: number; readonly from?: string; readonly passedOver?: string[] }
}

interface Place {
  readonly caseId: string
  readonly arrivedAt: string
  readonly ordinal: number
}

export interface ReplayResult {
  readonly takes: number
  readonly overtakes: number
  readonly passes: number
  readonly problems: readonly string[]
}

interface State {
  readonly queue: TinyQueue<Place>
  /** What the queue holds: a case that is taken and returned again and again stands in it once. */
  readonly queued: Set<Place>
  /** Places of cases that stand in this line now. */
  readonly waiting: Map<string, Place>
  /** case → actors that passed it over since it came into this line. */
  readonly passed: Map<string, Set<string>>
}

export class LineReplay {
  readonly #problems: string[] = []
  #takes = 0
  #overtakes = 0
  #passes = 0
  readonly #line: State = { queue: new TinyQueue<Place>([], compare), queued: new Set(), waiting: new Map(), passed: new Map() }
  /** Arrival of each case as first recorded; every later event must agree. */
  readonly #arrivals = new Map<string, Place>()

  apply(event: LineEvent): void {
    if (event.kind === 'case.taken') return this.#take(this.#line, event)
    if (event.kind === 'case.closed' || event.kind === 'case.handed-off') return this.#leave(this.#line, event)
    if (event.kind === 'case.joined') return this.#join(this.#line, event)
    if (event.kind === 'case.passed') this.#pass(this.#line, event)
    this.#enter(this.#line, event)
  }

  result(): ReplayResult {
    return { takes: this.#takes, overtakes: this.#overtakes, passes: this.#passes, problems: this.#problems }
  }

  #enter(line: State, event: LineEvent): void {
    const place = this.#placeOf(event)
    if (!place) return this.#problem(event, 'came into the line with no arrival on record')
    if (line.waiting.has(place.caseId)) return this.#problem(event, 'came into the line twice')
    if (event.kind === 'case.transferred') line.passed.delete(event.case_id)
    line.waiting.set(place.caseId, place)
    this.#queue(line, place)
  }

  #placeOf({ case_id: caseId, data }: LineEvent): Place | undefined {
    const known = this.#arrivals.get(caseId)
    if (data.arrivedAt === undefined || data.ordinal === undefined) return known
    const given = { caseId, arrivedAt: data.arrivedAt, ordinal: data.ordinal }
    if (known && compare(known, given) !== 0) this.#problems.push(`case ${caseId}: its arrival changed from ${known.arrivedAt} to ${given.arrivedAt}`)
    if (!known) this.#arrivals.set(caseId, given)
    return known ?? given
  }

  #take(line: State, event: LineEvent): void {
    this.#takes += 1
    const place = line.waiting.get(event.case_id)
    if (!place) return this.#problem(event, 'was taken but did not stand in the line')
    const before = this.#earlierThan(line, place)
    const named = new Set(event.data.passedOver)
    const overtaken = before.filter(({ caseId }) => !(named.has(caseId) && line.passed.get(caseId)?.has(event.actor)))
    if (overtaken.length > 0) {
      this.#overtakes += 1
      this.#problem(event, `was taken before ${overtaken.length} earlier ${overtaken.length === 1 ? 'arrival' : 'arrivals'}, the first being case ${overtaken[0]!.caseId}`)
    }
    line.waiting.delete(event.case_id)
  }

  /** Cases that stand before a place; the queue keeps them. */
  #earlierThan(line: State, place: Place): Place[] {
    const earlier: Place[] = []
    for (let head = line.queue.peek(); head && compare(head, place) < 0; head = line.queue.peek()) {
      line.queue.pop()
      line.queued.delete(head)
      if (line.waiting.get(head.caseId) === head) earlier.push(head)
    }
    for (const one of earlier) this.#queue(line, one)
    return earlier
  }

  #queue(line: State, place: Place): void {
    if (line.queued.has(place)) return
    line.queued.add(place)
    line.queue.push(place)
  }

  #leave(line: State, event: LineEvent): void {
    if (line.waiting.has(event.case_id)) this.#problem(event, 'ended while it stood in the line, without being taken')
    line.passed.delete(event.case_id)
  }

  /** Out of the line without a take, whether it waited or was held: it is served with the earlier case. */
  #join(line: State, event: LineEvent): void {
    if (!this.#arrivals.has(event.case_id)) return this.#problem(event, 'was joined but never came into the line')
    line.waiting.delete(event.case_id)
    line.passed.delete(event.case_id)
  }

  #pass(line: State, event: LineEvent): void {
    this.#passes += 1
    const actors = line.passed.get(event.case_id) ?? new Set()
    line.passed.set(event.case_id, actors.add(event.actor))
  }

  #problem(event: LineEvent, what: string): void {
    this.#problems.push(`${event.department}, turn ${event.turn}: case ${event.case_id} ${what}`)
  }
}

function compare(left: Place, right: Place): number {
  // ISO times in UTC with six digits of seconds sort as text.
  if (left.arrivedAt !== right.arrivedAt) return left.arrivedAt < right.arrivedAt ? -1 : 1
  return left.ordinal - right.ordinal
}
