/** Which contacts are near each of a set: by wording or place, among those stored and those earlier in the set itself. */
import type { Kysely } from 'kysely'
import { leastShared, NEWEST_PER_KEY } from './key-index.ts'
import { KEYS } from './sketch.ts'
import { holdersOf, mattersByNo, readMatters, saltedPlaceKeys, sketchOf, type NewMatter, type StoredMatter } from './store.ts'

/** Near ones of each kind that are compared exactly: what shares most comes first, and a campaign's letters are all alike. */
export const COMPARED = 12

/** For each matter, in the order given (that of arrival), the others near it. `own` are contacts of the same person, near whatever they say. */
export async function findNear(
  db: Kysely<unknown>, matters: readonly NewMatter[], own: ReadonlyMap<string, readonly string[]>, windowHours: number
): Promise<Map<string, (StoredMatter | NewMatter)[]>> {
  const keys = new Set(matters.flatMap((matter) => [...sketchOf(matter.text), ...saltedPlaceKeys(matter.place, 'near')]))
  const holders = await holdersOf(db, [...keys])
  const earlier = new EarlierInSet()
  const picks = matters.map((matter, index) => {
    const picked = pick(matter, (key) => [...earlier.holders(key), ...holders.get(key) ?? []])
    earlier.add(matter, index)
    return picked
  })
  const stored = await mattersByNo(db, [...new Set(picks.flat())].filter((no) => !no.startsWith('set:')))
  const known = new Map((await readMatters(db, [...new Set([...own.values()].flat())])).map((one) => [one.contactId, one]))
  const inSet = new Map(matters.map((matter, index) => [matter.contactId, index] as const))
  return new Map(matters.map((matter, index) => {
    const byKeys = picks[index]!.map((no) => no.startsWith('set:') ? matters[Number(no.slice(4))] : stored.get(no))
    const ofPerson = (own.get(matter.contactId) ?? []).map((id) => (inSet.get(id) ?? index) < index ? matters[inSet.get(id)!] : known.get(id))
    const near = [...ofPerson, ...byKeys].filter((one) => one !== undefined && one.contactId !== matter.contactId && within(one, matter, windowHours)) as StoredMatter[]
    return [matter.contactId, [...new Map(near.map((one) => [one.contactId, one])).values()]]
  }))
}

/** Keys that a text with a full sketch must share. */
const LEAST_OF_LONG = 3

function within(one: StoredMatter, matter: StoredMatter, windowHours: number): boolean {
  return Math.abs(one.arrivedAt.getTime() - matter.arrivedAt.getTime()) <= windowHours * 3_600_000
}

/** Holders of keys among the set's earlier matters, bounded as the stored ones are. */
class EarlierInSet {
  readonly #holders = new Map<number, string[]>()

  holders(key: number): readonly string[] {
    return this.#holders.get(key)?.slice(-NEWEST_PER_KEY) ?? []
  }

  add({ text, place }: NewMatter, index: number): void {
    for (const key of [...sketchOf(text), ...saltedPlaceKeys(place, 'own')]) {
      const held = this.#holders.get(key)
      if (held) held.push(`set:${index}`)
      else this.#holders.set(key, [`set:${index}`])
    }
  }
}

function pick({ text, place }: NewMatter, holders: (key: number) => readonly string[]): string[] {
  const words = sketchOf(text)
  // Long letters share two keys by common phrases alone once thousands are stored; a copy with one letter in twelve misread shares seven.
  const least = words.length >= KEYS ? LEAST_OF_LONG : leastShared(words)
  return [...new Set([...most(words, least, holders), ...most(saltedPlaceKeys(place, 'near'), 1, holders)])]
}

function most(keys: Iterable<number>, least: number, holders: (key: number) => readonly string[]): string[] {
  const shared = new Map<string, number>()
  for (const key of keys) for (const no of holders(key)) shared.set(no, (shared.get(no) ?? 0) + 1)
  return [...shared].filter(([, count]) => count >= least).sort((a, b) => b[1] - a[1]).slice(0, COMPARED).map(([no]) => no)
}
