/** One department's line, replayed from events in the order of their turns. Pure: no database. */
import TinyQueue from 'tinyqueue'
import { HeldCases, type ServedPast } from '../line/held-cases.ts'
import { compare, type Place } from '../line/place.ts'

export interface LineEvent {
  readonly kind: string
  readonly department: string
  readonly turn: string
  readonly case_id: string
  readonly actor: string
  readonly data: {
    readonly arrivedAt?: string
    readonly ordinal?: number
    readonly from?: string
    readonly passedOver?: string[]
    /** Of a return whose lease ran out: who held it. */
    readonly holder?: string
    /** Somebody else gave it back for its holder. */
    readonly freed?: boolean
    /** Of a case that came back: the contact, or the case, at whose arrival it stands. */
    readonly followUp?: string
    readonly joins?: string
  }
}

export interface ReplayResult {
  readonly takes: number
  readonly overtakes: number
  readonly passes: number
  /** Cases that staff put back at their first place, because a closing was wrong. */
  readonly reopened: number
  /** Ended cases that came back at the place of a later message. */
  readonly cameBack: number
  readonly servedPast: readonly ServedPast[]
  /** Cases that somebody else gave back for their holder, who had no choice in it. */
  readonly freed: number
  /** Of these, how many after their holder had ended later ones. */
  readonly freedPast: number
  readonly problems: readonly string[]
}

interface State {
  readonly queue: TinyQueue<Place>
  /** What the queue holds: a case that is taken and returned again and again stands in it once. */
  readonly queued: Set<Place>
  /** Places of cases that stand in this line now. */
  readonly waiting: Map<string, Place>
  /** Cases that wait for their residents. */
  readonly paused: Set<string>
  /** case → actors that passed it over since it came into this line. */
  readonly passed: Map<string, Set<string>>
}

export class LineReplay {
  readonly #problems: string[] = []
  #takes = 0
  #overtakes = 0
  #passes = 0
  #reopened = 0
  #cameBack = 0
  readonly #held = new HeldCases()
  readonly #line: State = {
    queue: new TinyQueue<Place>([], compare),
    queued: new Set(),
    waiting: new Map(),
    paused: new Set(),
    passed: new Map()
  }
  /**
   * Arrival of each case as last recorded; a case that has ended may come back at another, and the
   * audit checks at which.
   */
  readonly #arrivals = new Map<string, Place>()

  apply(event: LineEvent): void {
    if (event.kind === 'case.taken') return this.#take(this.#line, event)
    if (event.kind === 'case.closed' || event.kind === 'case.handed-off')
      return this.#leave(this.#line, event)
    if (event.kind === 'case.joined') return this.#join(this.#line, event)
    if (event.kind === 'case.paused') return this.#pause(this.#line, event)
    if (event.kind === 'case.resumed' && !this.#line.paused.delete(event.case_id))
      this.#problem(event, 'came back from a wait that never began')
    if (event.kind === 'case.passed') this.#pass(this.#line, event)
    if (event.kind === 'case.reopened') this.#reopen(this.#line, event)
    if (event.kind === 'case.returned' && event.data.freed === true) this.#held.free(event)
    else if (
      event.kind === 'case.returned' ||
      (event.kind === 'case.transferred' && event.data.from === event.department)
    )
      this.#held.giveBack(event)
    this.#enter(this.#line, event)
  }

  /** A transfer out of this line, which is an event of the other's. */
  left(event: LineEvent): void {
    this.#held.giveBack({ ...event, department: event.data.from ?? event.department }, 'transfer')
  }

  result(): ReplayResult {
    return {
      takes: this.#takes,
      overtakes: this.#overtakes,
      passes: this.#passes,
      reopened: this.#reopened,
      cameBack: this.#cameBack,
      servedPast: this.#held.servedPast,
      freed: this.#held.freed,
      freedPast: this.#held.freedPast,
      problems: this.#problems
    }
  }

  #enter(line: State, event: LineEvent): void {
    const place = this.#placeOf(event)
    if (!place) return this.#problem(event, 'came into the line with no arrival on record')
    if (line.waiting.has(place.caseId)) return this.#problem(event, 'came into the line twice')
    if (event.kind === 'case.transferred') line.passed.delete(event.case_id)
    line.waiting.set(place.caseId, place)
    this.#queue(line, place)
  }

  #placeOf({ kind, case_id: caseId, data }: LineEvent): Place | undefined {
    const known = this.#arrivals.get(caseId)
    if (data.arrivedAt === undefined || data.ordinal === undefined) return known
    const given = { caseId, arrivedAt: data.arrivedAt, ordinal: data.ordinal }
    if (known && compare(known, given) === 0) return known
    // It may have come back while it stood in another line: what its arrivals say from event to
    // event is held against each other there.
    if (known && kind !== 'case.reopened' && kind !== 'case.transferred')
      this.#problems.push(
        `case ${caseId}: its arrival changed from ${known.arrivedAt} to ${given.arrivedAt}`
      )
    this.#arrivals.set(caseId, given)
    return given
  }

  #take(line: State, event: LineEvent): void {
    this.#takes += 1
    const place = line.waiting.get(event.case_id)
    if (!place) return this.#problem(event, 'was taken but did not stand in the line')
    const before = this.#earlierThan(line, place)
    const named = new Set(event.data.passedOver)
    const overtaken = before.filter(
      ({ caseId }) => !(named.has(caseId) && line.passed.get(caseId)?.has(event.actor))
    )
    if (overtaken.length > 0) {
      this.#overtakes += 1
      this.#problem(
        event,
        `was taken before ${overtaken.length} earlier ${overtaken.length === 1 ? 'arrival' : 'arrivals'}, the first being case ${overtaken[0]!.caseId}`
      )
    }
    line.waiting.delete(event.case_id)
    this.#held.take(event.actor, place)
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
    if (line.waiting.has(event.case_id))
      this.#problem(event, 'ended while it stood in the line, without being taken')
    line.passed.delete(event.case_id)
    this.#held.serve(event.actor, event.case_id)
  }

  /**
   * Out of the line without a take, whether it waited or was held: it is served with the earlier
   * case.
   */
  #join(line: State, event: LineEvent): void {
    if (!this.#arrivals.has(event.case_id))
      return this.#problem(event, 'was joined but never came into the line')
    line.waiting.delete(event.case_id)
    line.paused.delete(event.case_id)
    line.passed.delete(event.case_id)
    this.#held.letGo(event.case_id)
  }

  /** Out of the line and of the hands; it comes back to its place. */
  #pause(line: State, event: LineEvent): void {
    if (line.waiting.has(event.case_id))
      this.#problem(event, 'was let wait for its resident without being taken')
    line.paused.add(event.case_id)
    this.#held.giveBack(event, 'pause')
  }

  #pass(line: State, event: LineEvent): void {
    this.#passes += 1
    const actors = line.passed.get(event.case_id) ?? new Set()
    line.passed.set(event.case_id, actors.add(event.actor))
    this.#held.giveBack(event, 'pass')
  }

  /** By staff, also from where a follow-up had put it; or by something that arrived. */
  #reopen(line: State, { case_id: caseId, data, actor }: LineEvent): void {
    if (data.followUp || data.joins || actor.startsWith('system:')) this.#cameBack += 1
    else {
      this.#reopened += 1
      line.waiting.delete(caseId)
    }
  }

  #problem(event: LineEvent, what: string): void {
    this.#problems.push(`${event.department}, turn ${event.turn}: case ${event.case_id} ${what}`)
  }
}
