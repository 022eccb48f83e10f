import { FAMILY, GIVEN, MIDDLE, MISSING } from './fields.ts'
import { distinctGivenNames, sameGivenName } from './normalise/names.ts'
import { solid } from './normalise/text.ts'
import type { PersonName } from './person.ts'
import { isSimilar, isSlip } from './similarity.ts'

/** Jr, Sr, II: alike or both absent, on one side only, or at odds. */
export type SuffixFit = 'fit' | 'one-sided' | 'conflict'

/** The pair of names that agrees best: its levels into `levels`, its values into `shared`. */
export function compareNames(
  left: readonly PersonName[],
  right: readonly PersonName[],
  levels: Uint8Array,
  shared: (string | undefined)[]
): { swapped: boolean; suffixes: SuffixFit } {
  let lowest = Infinity
  let found: { swapped: boolean; suffixes: SuffixFit } = { swapped: false, suffixes: 'fit' }
  for (const a of left) {
    for (const b of right) {
      const pair = compareName(a, b)
      const order = pair.given * 1.01 + pair.family + (pair.swapped ? 0.5 : 0)
      if (order >= lowest) continue
      lowest = order
      levels[GIVEN] = pair.given
      levels[FAMILY] = pair.family
      levels[MIDDLE] = pair.middle
      shared[GIVEN] = pair.swapped ? a.family : a.given
      shared[FAMILY] = pair.swapped ? a.given : a.family
      found = { swapped: pair.swapped, suffixes: suffixFit(a.suffix, b.suffix) }
    }
  }
  return found
}

function compareName(
  a: PersonName,
  b: PersonName
): { given: number; family: number; middle: number; swapped: boolean } {
  const given = Math.min(givenLevel(a.given, b.given), splitGivenLevel(a, b), byMiddleName(a, b))
  const family = familyLevel(a.family, b.family)
  const middle = middleLevel(a.middle, b.middle)
  if (given < 3 || family < 3) return { given, family, middle, swapped: false }
  // Swapped: what is present fits crosswise, and a bare first name never passes for a family name.
  const crossFamily = familyLevel(a.given, b.family)
  const crossGiven = familyLevel(a.family, b.given)
  const present = [crossFamily, crossGiven].filter((level) => level !== MISSING)
  if (present.length === 0 || present.some((level) => level > 1))
    return { given, family, middle, swapped: false }
  return { given: crossGiven === 1 ? 2 : crossGiven, family: crossFamily, middle, swapped: true }
}

// A stray space makes a middle name of half the given name: "soph ie".
function splitGivenLevel(a: PersonName, b: PersonName): number {
  if (a.middle.length + b.middle.length === 0 || a.given === '' || b.given === '') return MISSING
  const [x, y] = [a.given + a.middle.join(''), b.given + b.middle.join('')]
  return x === b.given || y === a.given || (a.given.length > 1 && b.given.length > 1 && x === y)
    ? 2
    : MISSING
}

// Some go by their middle name. A son may be named so too, hence no more than "similar".
function byMiddleName(a: PersonName, b: PersonName): number {
  return (a.given.length > 1 && b.middle.includes(a.given)) ||
    (b.given.length > 1 && a.middle.includes(b.given))
    ? 4
    : MISSING
}

function suffixFit(a: string, b: string): SuffixFit {
  if (a === b) return 'fit'
  return a === '' || b === '' ? 'one-sided' : 'conflict'
}

/**
 * Levels of pairs of names met before: names repeat, and half of all time would go into comparing
 * them anew.
 */
const MEMORY = 200_000
const givenLevels = new Map<string, number>()
const familyLevels = new Map<string, number>()

function remembered(
  memory: Map<string, number>,
  a: string,
  b: string,
  level: (a: string, b: string) => number
): number {
  if (a === '' || b === '') return MISSING
  if (a === b) return 0
  const pair = `${a}|${b}`
  let found = memory.get(pair)
  if (found === undefined) {
    found = level(a, b)
    if (memory.size >= MEMORY) memory.clear()
    memory.set(pair, found)
  }
  return found
}

function givenLevel(a: string, b: string): number {
  return remembered(givenLevels, a, b, freshGivenLevel)
}

function familyLevel(a: string, b: string): number {
  return remembered(familyLevels, a, b, freshFamilyLevel)
}

function freshGivenLevel(a: string, b: string): number {
  if (numbersApart(a, b)) return 5
  if (sameGivenName(a, b)) return 1
  if (a.length === 1 || b.length === 1) return a[0] === b[0] ? 3 : 5
  if (distinctGivenNames(a, b)) return 5
  if (isSlip(a, b)) return 2
  return isSimilar(a, b) ? 4 : 5
}

// "Resident 1" and "Resident 2" count people; no slip of the pen made one of the other.
function numbersApart(a: string, b: string): boolean {
  return /^\d+$/.test(a) && /^\d+$/.test(b)
}

function freshFamilyLevel(a: string, b: string): number {
  if (numbersApart(a, b)) return 4
  if ((a.includes(' ') || b.includes(' ')) && solid(a) === solid(b)) return 0
  if (isSlip(a, b)) return 1
  if (sharesPart(a, b)) return 2
  return isSimilar(a, b) ? 3 : 4
}

// "Smith-Jones" and "Jones", "García Márquez" and "García": double names and names changed by
// marriage.
function sharesPart(a: string, b: string): boolean {
  if (!a.includes(' ') && !b.includes(' ')) return false
  const parts = a.split(' ').filter((part) => part.length > 3)
  const others = new Set(b.split(' '))
  return parts.some((part) => others.has(part))
}

function middleLevel(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return MISSING
  let found = 2
  for (const x of a) {
    for (const y of b) {
      if (x === y || (x.length > 1 && y.length > 1 && (isSlip(x, y) || sameGivenName(x, y))))
        return 0
      if ((x.length === 1 || y.length === 1) && x[0] === y[0]) found = 1
    }
  }
  return found
}
