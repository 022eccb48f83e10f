/** Settle's deduplicate step: which earlier contacts is this one the same matter as? */
import type { Kysely } from 'kysely'
import { comparable, type Comparable } from './comparable.ts'
import { judge, type SameParty, type Verdict } from './judge.ts'
import { findMatters, readMatters, type NewMatter, type StoredMatter } from './store.ts'

export interface Surroundings {
  /** Texts of contacts from where they are kept; ids without a text are left out of the answer. */
  texts(contactIds: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** What matching says of this contact's sender and the senders of others; `unknown` for ids left out. */
  parties(contactIds: readonly string[]): Promise<ReadonlyMap<string, SameParty>>
  /** Recent contacts of the same or possibly the same party, compared whatever their words: newest first, at most `OWN_EARLIER` are. */
  readonly ownEarlier: readonly string[]
  readonly windowHours: number
}

export interface Neighbour {
  readonly contactId: string
  readonly arrivedAt: Date
  readonly sameParty: SameParty
  readonly text: Comparable
  readonly verdict: Verdict
}

export const OWN_EARLIER = 100

/** Judges the contact against everything near it, surest and then earliest first. Neighbours with verdict `none` serve campaigns. */
export async function findNeighbours(db: Kysely<unknown>, matter: NewMatter, around: Surroundings): Promise<Neighbour[]> {
  const own = await readMatters(db, around.ownEarlier.slice(0, OWN_EARLIER))
  const near = await findMatters(db, matter, around.windowHours)
  const others = [...new Map([...own, ...near].map((other) => [other.contactId, other])).values()].filter((other) => other.contactId !== matter.contactId)
  const ids = others.map((other) => other.contactId)
  const [texts, parties] = [await around.texts(ids), await around.parties(ids)]
  const neighbours = others.flatMap((other): Neighbour[] => {
    const text = texts.get(other.contactId)
    return text === undefined ? [] : [meet(matter, other, comparable(text), parties.get(other.contactId) ?? 'unknown', around.windowHours)]
  })
  return neighbours.sort((a, b) => order[a.verdict.kind] - order[b.verdict.kind] || a.arrivedAt.getTime() - b.arrivedAt.getTime())
}

const order = { sure: 0, likely: 1, none: 2 } as const

function meet(matter: NewMatter, other: StoredMatter, text: Comparable, sameParty: SameParty, windowHours: number): Neighbour {
  const [mine, theirs] = [{ ...matter, at: matter.arrivedAt.getTime() }, { ...other, text, at: other.arrivedAt.getTime() }]
  return { contactId: other.contactId, arrivedAt: other.arrivedAt, sameParty, text, verdict: judge(theirs, mine, sameParty, windowHours) }
}
