/**
 * What each actor holds of a line as it is replayed, and who served a case while an earlier one
 * that they held was given back, passed over or transferred later.
 */
import { compare, type Place } from './place.ts'

/**
 * Not an overtake, since each was the next when it was taken; but the earlier one waited while its
 * holder chose.
 */
export interface ServedPast {
  readonly department: string
  /** The turn in which the earlier one was given back or sent away, or its lease had run out. */
  readonly turn: string
  /** How it left the hands that served others first. */
  readonly by: 'return' | 'pass' | 'transfer' | 'pause'
  readonly actor: string
  readonly caseId: string
  /** Later arrivals that the same actor ended or sent elsewhere meanwhile. */
  readonly served: readonly string[]
}

interface Held {
  readonly actor: string
  readonly place: Place
  readonly served: string[]
}

export class HeldCases {
  readonly servedPast: ServedPast[] = []
  /** Cases given back for their holders by somebody else; and of these, after later ones ended. */
  freed = 0
  freedPast = 0
  readonly #held = new Map<string, Held>()
  readonly #byActor = new Map<string, Set<Held>>()

  take(actor: string, place: Place): void {
    this.letGo(place.caseId)
    const held = { actor, place, served: [] }
    this.#held.set(place.caseId, held)
    this.#byActor.set(actor, (this.#byActor.get(actor) ?? new Set()).add(held))
  }

  /** Closed, handed off or transferred: done with, while others may still be held. */
  serve(actor: string, caseId: string): void {
    const one = this.letGo(caseId)
    if (one?.actor !== actor) return
    this.#serveWith(one)
  }

  #serveWith(one: Held): void {
    for (const other of this.#byActor.get(one.actor) ?? [])
      if (compare(other.place, one.place) < 0) other.served.push(one.place.caseId)
  }

  giveBack(
    {
      department,
      turn,
      case_id: caseId
    }: {
      readonly department: string
      readonly turn: string
      readonly case_id: string
    },
    by: ServedPast['by'] = 'return'
  ): void {
    const one = this.letGo(caseId)
    if (!one) return
    if (one.served.length > 0)
      this.servedPast.push({ department, turn, by, actor: one.actor, caseId, served: one.served })
    // Sent elsewhere, or asked about, it is done with here, while an earlier one may still be held.
    if (by === 'transfer' || by === 'pause') this.#serveWith(one)
  }

  /** Given back by somebody else: not the holder's choice. */
  free({ case_id: caseId }: { readonly case_id: string }): void {
    this.freed += 1
    if ((this.letGo(caseId)?.served.length ?? 0) > 0) this.freedPast += 1
  }

  /** Joined: out of the hands without being served past. */
  letGo(caseId: string): Held | undefined {
    const one = this.#held.get(caseId)
    this.#held.delete(caseId)
    const others = one && this.#byActor.get(one.actor)
    others?.delete(one!)
    if (others?.size === 0) this.#byActor.delete(one!.actor)
    return one
  }
}
