/**
 * Finds the contacts near each one of a set, by wording, papers or place, among stored contacts and
 * earlier ones of the set.
 */
import { leastShared, NEWEST_PER_KEY } from './key-index.ts'
import { KEYS } from './sketch.ts'
import {
  fileKeys,
  holdersOf,
  indexedByNo,
  paperSketchOf,
  readIndexed,
  saltedLocationKeys,
  sketchOf,
  type ComparedContact,
  type IndexedContact
} from './store.ts'
import type { Db } from '../../platform/db/database.ts'

/**
 * Near contacts per kind that are compared exactly. Those that share most come first; letters of a
 * campaign are all alike.
 */
export const COMPARED = 12

/**
 * For each contact, the others near it. Contacts are in the order of arrival. `own` are contacts of
 * the same person, which count as near whatever they say.
 */
export async function findNear(
  db: Db,
  contacts: readonly ComparedContact[],
  own: ReadonlyMap<string, readonly string[]>,
  windowHours: number
): Promise<Map<string, (IndexedContact | ComparedContact)[]>> {
  const keys = new Set(
    contacts.flatMap((contact) => [
      ...sketchOf(contact.text),
      ...paperSketchOf(contact),
      ...fileKeys(contact),
      ...saltedLocationKeys(contact.location, 'near')
    ])
  )
  const holders = await holdersOf(db, [...keys])
  const earlier = new EarlierInSet()
  const picks = contacts.map((contact, index) => {
    const picked = pick(contact, (key) => [...earlier.holders(key), ...(holders.get(key) ?? [])])
    earlier.add(contact, index)
    return picked
  })
  const stored = await indexedByNo(
    db,
    [...new Set(picks.flat())].filter((no) => !no.startsWith('set:'))
  )
  const known = new Map(
    (await readIndexed(db, [...new Set([...own.values()].flat())])).map((one) => [
      one.contactId,
      one
    ])
  )
  const inSet = new Map(contacts.map((contact, index) => [contact.contactId, index] as const))
  return new Map(
    contacts.map((contact, index) => {
      const byKeys = picks[index]!.map((no) =>
        no.startsWith('set:') ? contacts[Number(no.slice(4))] : stored.get(no)
      )
      const ofPerson = (own.get(contact.contactId) ?? []).map((id) =>
        (inSet.get(id) ?? index) < index ? contacts[inSet.get(id)!] : known.get(id)
      )
      const near = [...ofPerson, ...byKeys].filter(
        (one) =>
          one !== undefined &&
          one.contactId !== contact.contactId &&
          within(one, contact, windowHours)
      ) as IndexedContact[]
      return [contact.contactId, [...new Map(near.map((one) => [one.contactId, one])).values()]]
    })
  )
}

/** Keys that a text with a full sketch must share. */
const LEAST_OF_LONG = 3

function within(one: IndexedContact, contact: IndexedContact, windowHours: number): boolean {
  return Math.abs(one.arrivedAt.getTime() - contact.arrivedAt.getTime()) <= windowHours * 3_600_000
}

/** The set's earlier contacts by key, with the same bound as in the stored index. */
class EarlierInSet {
  readonly #holders = new Map<number, string[]>()

  holders(key: number): readonly string[] {
    return this.#holders.get(key)?.slice(-NEWEST_PER_KEY) ?? []
  }

  add(contact: ComparedContact, index: number): void {
    for (const key of new Set([
      ...sketchOf(contact.text),
      ...paperSketchOf(contact),
      ...fileKeys(contact),
      ...saltedLocationKeys(contact.location, 'own')
    ])) {
      const held = this.#holders.get(key)
      if (held) held.push(`set:${index}`)
      else this.#holders.set(key, [`set:${index}`])
    }
  }
}

function pick(contact: ComparedContact, holders: (key: number) => readonly string[]): string[] {
  const [words, papers] = [sketchOf(contact.text), paperSketchOf(contact)]
  return [
    ...new Set([
      ...most(words, least(words), holders),
      ...most(papers, least(papers), holders),
      ...most(fileKeys(contact), 1, holders),
      ...most(saltedLocationKeys(contact.location, 'near'), 1, holders)
    ])
  ]
}

// Once thousands are stored, long letters share two keys through common phrases alone. A copy with
// one letter in twelve misread shares seven.
function least(keys: Int32Array): number {
  return keys.length >= KEYS ? LEAST_OF_LONG : leastShared(keys)
}

function most(
  keys: Iterable<number>,
  least: number,
  holders: (key: number) => readonly string[]
): string[] {
  const shared = new Map<string, number>()
  for (const key of keys) for (const no of holders(key)) shared.set(no, (shared.get(no) ?? 0) + 1)
  return [...shared]
    .filter(([, count]) => count >= least)
    .sort((a, b) => b[1] - a[1])
    .slice(0, COMPARED)
    .map(([no]) => no)
}
