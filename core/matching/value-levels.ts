import { MISSING } from './fields.ts'
import { isRoleMailbox, mailboxOf } from './normalise/identifiers.ts'
import { solid } from './normalise/text.ts'
import type { Address } from './person.ts'
import { editDistance, isLike, isSimilar, isSlip, lettersApart } from './similarity.ts'

/** What telling words apart needs to know: how much a word says about an organisation, in nats. */
export interface Rarity {
  wordWeight(word: string): number
}

/** What stands for an address in counting how common it is. */
export function addressValue(address: Address): string {
  return address.street === '' ? '' : `${address.number} ${solid(address.street)}`
}

/** What stands for a place: the postcode, else the town. */
export function placeValue(address: Address): string {
  return address.postcode || address.city
}

/** From the same day to more than twelve years apart. */
export function birthLevel(a: string, b: string): number {
  if (a === b) return 0
  if (a.length !== 8 || b.length !== 8)
    return a.slice(0, 4) === b.slice(0, 4) ? 3 : yearsApart(a, b) <= 12 ? 4 : 5
  if (editDistance(a, b, 1) <= 1 || dayMonthSwapped(a, b)) return 1
  if (editDistance(a, b, 2) <= 2 || partsShared(a, b) >= 2) return 2
  const apart = yearsApart(a, b)
  return apart <= 1.01 ? 3 : apart <= 12 ? 4 : 5
}

function partsShared(a: string, b: string): number {
  return (
    Number(a.slice(0, 4) === b.slice(0, 4)) +
    Number(a.slice(4, 6) === b.slice(4, 6)) +
    Number(a.slice(6) === b.slice(6))
  )
}

function yearsApart(a: string, b: string): number {
  return Math.abs(years(a) - years(b))
}

function years(digits: string): number {
  return (
    Number(digits.slice(0, 4)) + Number(digits.slice(4, 6)) / 12 + Number(digits.slice(6)) / 365
  )
}

function dayMonthSwapped(a: string, b: string): boolean {
  return (
    a.slice(0, 4) === b.slice(0, 4) && a.slice(4, 6) === b.slice(6) && a.slice(6) === b.slice(4, 6)
  )
}

/** A role mailbox says nothing about who wrote. */
export function emailLevel(a: string, b: string): number {
  if (isRoleMailbox(a) || isRoleMailbox(b)) return MISSING
  if (a === b || mailboxOf(a) === mailboxOf(b)) return 0
  if (editDistance(a, b, 2) <= 2) return 1
  const local = a.slice(0, a.lastIndexOf('@'))
  if (local.length >= 5 && local === b.slice(0, b.lastIndexOf('@'))) return 2
  // Letters moved about, as in "oc34@pheps-ha.perrbiz": no two people's addresses come that close
  // by chance.
  return editDistance(a, b, 4) <= 4 ||
    (Math.min(a.length, b.length) >= 10 && lettersApart(a, b) <= 4)
    ? 2
    : 3
}

/** Local numbers compare by their last seven digits. */
export function phoneLevel(a: string, b: string): number {
  if (a === b || ((a.length === 7 || b.length === 7) && a.slice(-7) === b.slice(-7))) return 0
  return editDistance(a.slice(-10), b.slice(-10), 1) <= 1 ? 1 : 2
}

/** Numbers given by an authority. */
export function identifierLevel(a: string, b: string): number {
  if (a === b) return 0
  return editDistance(a, b, 1) <= 1 ? 1 : 2
}

/** Street, number and unit; the town is compared on its own. */
export function addressLevel(a: Address, b: Address): number {
  if ((a.street === '' && a.line === '') || (b.street === '' && b.line === '')) return MISSING
  const sameNumber = a.number !== '' && a.number === b.number
  if (
    streetsAlike(a.street, b.street) ||
    streetsAlike(a.street, b.line) ||
    streetsAlike(a.line, b.street)
  ) {
    if (sameNumber) return a.unit !== '' && b.unit !== '' && a.unit !== b.unit ? 1 : 0
    return a.number === '' || b.number === '' || editDistance(a.number, b.number, 1) <= 1 ? 2 : 3
  }
  return sameNumber && streetsAlike(a.line, b.line) ? 4 : 5
}

function streetsAlike(a: string, b: string): boolean {
  if (a === '' || b === '') return false
  if (a === b) return true
  // Numbered streets are neighbours, not misspellings: 51st and 52nd.
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return false
  const x = solid(a)
  const y = solid(b)
  return (
    x === y ||
    isSlip(x, y) ||
    (Math.min(x.length, y.length) >= 5 &&
      (x.startsWith(y) || y.startsWith(x) || isLike(x, y, 0.93)))
  )
}

/** Postcode and town. */
export function placeLevel(a: Address, b: Address): number {
  const postcode =
    a.postcode === '' || b.postcode === ''
      ? MISSING
      : a.postcode === b.postcode
        ? 0
        : nearPostcodes(a.postcode, b.postcode)
          ? 1
          : 2
  const city =
    a.city === '' || b.city === ''
      ? MISSING
      : a.city === b.city
        ? 0
        : isSlip(solid(a.city), solid(b.city))
          ? 1
          : isSimilar(solid(a.city), solid(b.city))
            ? 2
            : 3
  if (postcode === MISSING && city === MISSING) return MISSING
  if (postcode === 0) return city <= 1 ? 0 : 1
  if (city <= 1) return postcode === 1 ? 2 : 3
  return postcode === 1 || city === 2 ? 4 : 5
}

function nearPostcodes(a: string, b: string): boolean {
  return editDistance(a, b, 1) <= 1 || (a.length > 4 && a.slice(0, 3) === b.slice(0, 3))
}

/** By how much their words weigh: a shared "Pershing" says more than a shared "School". */
export function organisationLevel(a: string, b: string, rarity: Rarity): number {
  if (a === b || solid(a) === solid(b)) return 0
  const left = new Set(a.split(' '))
  const right = new Set(b.split(' '))
  const shared = weigh(
    [...left].filter(
      (word) =>
        right.has(word) ||
        [...right].some((other) => word.length >= 5 && editDistance(word, other, 1) <= 1)
    ),
    rarity
  )
  const lesser = Math.min(weigh([...left], rarity), weigh([...right], rarity))
  const all = weigh([...left], rarity) + weigh([...right], rarity) - shared
  if (shared >= 0.65 * all) return 1
  if (shared >= 0.75 * lesser && shared >= 3) return 2
  return shared >= 4 ? 3 : 4
}

function weigh(list: readonly string[], rarity: Rarity): number {
  return list.reduce((sum, word) => sum + rarity.wordWeight(word), 0)
}

/** Occupations and birthplaces. */
export function phraseLevel(a: string, b: string): number {
  if (a === b) return 0
  return isSlip(solid(a), solid(b)) || a.includes(b) || b.includes(a) ? 1 : 2
}
