import type { Address, Person, PersonName } from './person.ts'
import { distinctGivenNames, sameGivenName } from './normalise/names.ts'
import { isRoleMailbox } from './normalise/identifiers.ts'
import { solid } from './normalise/text.ts'
import { editDistance, jaroWinkler, lettersApart } from './similarity.ts'

/** No value on one side: the field says nothing about the pair. */
export const MISSING = 255

/**
 * One comparison of the model. The starting m and u are what registers of persons show in general; training moves them to
 * the agency's own data, and they keep a small weight so that a small register does not run wild.
 */
export interface Field {
  readonly name: FieldName
  readonly levels: readonly { readonly label: string, readonly m: number, readonly u: number }[]
}

export type FieldName = 'given' | 'family' | 'middle' | 'birth' | 'email' | 'phone' | 'identifier' | 'address' | 'place' | 'organisation' | 'birthplace' | 'occupation' | 'gender'

function field(name: FieldName, ...levels: [string, number, number][]): Field {
  return { name, levels: levels.map(([label, m, u]) => ({ label, m, u })) }
}

export const fields: readonly Field[] = [
  field('given', ['same', 0.72, 0.008], ['another form of the name', 0.07, 0.006], ['a slip apart', 0.12, 0.004], ['initial fits', 0.05, 0.02], ['similar', 0.025, 0.04], ['different', 0.015, 0.922]),
  field('family', ['same', 0.8, 0.002], ['a slip apart', 0.12, 0.002], ['shares a part', 0.02, 0.002], ['similar', 0.02, 0.02], ['different', 0.04, 0.974]),
  field('middle', ['same', 0.75, 0.03], ['initial fits', 0.2, 0.08], ['different', 0.05, 0.89]),
  field('birth', ['same', 0.86, 0.00004], ['a slip apart', 0.09, 0.0012], ['two slips, or two of year, month and day', 0.025, 0.014], ['within a year', 0.006, 0.02], ['within twelve years', 0.007, 0.24], ['different', 0.012, 0.725]),
  field('email', ['same', 0.7, 0.00002], ['a slip apart', 0.15, 0.00002], ['same mailbox name', 0.05, 0.0005], ['different', 0.1, 0.9994]),
  field('phone', ['same', 0.7, 0.00005], ['a slip apart', 0.1, 0.0005], ['different', 0.2, 0.9994]),
  field('identifier', ['same', 0.88, 0.000005], ['a slip apart', 0.1, 0.00005], ['different', 0.02, 0.9999]),
  field('address', ['same', 0.6, 0.0001], ['same building, other unit', 0.02, 0.0002], ['same street, number a slip apart', 0.08, 0.0006], ['same street', 0.05, 0.003], ['same number and house', 0.03, 0.0003], ['different', 0.22, 0.995]),
  field('place', ['same town and postcode', 0.6, 0.01], ['same postcode', 0.12, 0.004], ['same town, postcode near', 0.06, 0.004], ['same town', 0.07, 0.03], ['near', 0.03, 0.02], ['different', 0.12, 0.932]),
  field('organisation', ['same', 0.5, 0.0005], ['mostly the same words', 0.15, 0.001], ['one within the other', 0.12, 0.004], ['shares a rare word', 0.13, 0.03], ['different', 0.1, 0.9645]),
  field('birthplace', ['same', 0.8, 0.02], ['similar', 0.06, 0.01], ['different', 0.14, 0.97]),
  field('occupation', ['same', 0.8, 0.04], ['similar', 0.05, 0.02], ['different', 0.15, 0.94]),
  field('gender', ['same', 0.98, 0.5], ['different', 0.02, 0.5])
]

export const GIVEN = 0, FAMILY = 1, MIDDLE = 2, BIRTH = 3, EMAIL = 4, PHONE = 5, IDENTIFIER = 6, ADDRESS = 7, PLACE = 8, ORGANISATION = 9, BIRTHPLACE = 10, OCCUPATION = 11, GENDER = 12

/** What telling words apart needs to know: how much a word says about an organisation, in nats. */
export interface Rarity {
  wordWeight(word: string): number
}

/** How two persons compare: a level for each field in the order of `fields`, and what no field can say. */
export interface Comparison {
  readonly levels: Uint8Array
  /** Given and family name were compared crosswise. */
  readonly swapped: boolean
  readonly suffixes: 'fit' | 'one-sided' | 'conflict'
  /** The value both share, for fields that agree exactly. */
  readonly shared: readonly (string | undefined)[]
}

/** Compares two persons field by field; of several values the best agreement counts. */
export function compare(a: Person, b: Person, rarity: Rarity): Comparison {
  const levels = new Uint8Array(fields.length).fill(MISSING)
  const shared: (string | undefined)[] = []
  const best = <T>(field: number, left: readonly T[], right: readonly T[], level: (x: T, y: T) => number, value: (x: T) => string): void => {
    for (const x of left) {
      for (const y of right) {
        const found = level(x, y)
        if (found >= levels[field]!) continue
        levels[field] = found
        // A place is shared from the postcode on; elsewhere only full agreement names a value.
        if (found === 0 || (field === PLACE && found === 1)) shared[field] = value(x)
      }
    }
  }
  const names = compareNames(a.names, b.names, levels, shared)
  best(BIRTH, a.births, b.births, birthLevel, itself)
  best(EMAIL, a.emails, b.emails, emailLevel, itself)
  best(PHONE, a.phones, b.phones, phoneLevel, (phone) => phone.slice(-7))
  best(IDENTIFIER, a.identifiers, b.identifiers, identifierLevel, itself)
  best(ADDRESS, a.addresses, b.addresses, addressLevel, addressValue)
  best(PLACE, a.addresses, b.addresses, placeLevel, placeValue)
  best(ORGANISATION, a.organisations, b.organisations, (x, y) => organisationLevel(x, y, rarity), itself)
  best(BIRTHPLACE, a.birthplaces, b.birthplaces, phraseLevel, itself)
  best(OCCUPATION, a.occupations, b.occupations, phraseLevel, itself)
  best(GENDER, a.genders, b.genders, (x, y) => x === y ? 0 : 1, itself)
  return { levels, shared, ...names }
}

function itself(value: string): string {
  return value
}

/** What stands for an address in counting how common it is. */
export function addressValue(address: Address): string {
  return address.street === '' ? '' : `${address.number} ${solid(address.street)}`
}

/** What stands for a place: the postcode, else the town. */
export function placeValue(address: Address): string {
  return address.postcode || address.city
}

function compareNames(left: readonly PersonName[], right: readonly PersonName[], levels: Uint8Array, shared: (string | undefined)[]): { swapped: boolean, suffixes: Comparison['suffixes'] } {
  let lowest = Infinity
  let found: { swapped: boolean, suffixes: Comparison['suffixes'] } = { swapped: false, suffixes: 'fit' }
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

function compareName(a: PersonName, b: PersonName): { given: number, family: number, middle: number, swapped: boolean } {
  const given = Math.min(givenLevel(a.given, b.given), splitGivenLevel(a, b), byMiddleName(a, b))
  const family = familyLevel(a.family, b.family)
  const middle = middleLevel(a.middle, b.middle)
  if (given < 3 || family < 3) return { given, family, middle, swapped: false }
  // Swapped: what is present fits crosswise, and a bare first name never passes for a family name.
  const crossFamily = familyLevel(a.given, b.family)
  const crossGiven = familyLevel(a.family, b.given)
  const present = [crossFamily, crossGiven].filter((level) => level !== MISSING)
  if (present.length === 0 || present.some((level) => level > 1)) return { given, family, middle, swapped: false }
  return { given: crossGiven === 1 ? 2 : crossGiven, family: crossFamily, middle, swapped: true }
}

// A stray space makes a middle name of half the given name: "soph ie".
function splitGivenLevel(a: PersonName, b: PersonName): number {
  if (a.middle.length + b.middle.length === 0 || a.given === '' || b.given === '') return MISSING
  const [x, y] = [a.given + a.middle.join(''), b.given + b.middle.join('')]
  return x === b.given || y === a.given || (a.given.length > 1 && b.given.length > 1 && x === y) ? 2 : MISSING
}

// Some go by their middle name. A son may be named so too, hence no more than "similar".
function byMiddleName(a: PersonName, b: PersonName): number {
  return (a.given.length > 1 && b.middle.includes(a.given)) || (b.given.length > 1 && a.middle.includes(b.given)) ? 4 : MISSING
}

function suffixFit(a: string, b: string): Comparison['suffixes'] {
  if (a === b) return 'fit'
  return a === '' || b === '' ? 'one-sided' : 'conflict'
}

export function givenLevel(a: string, b: string): number {
  if (a === '' || b === '') return MISSING
  if (a === b) return 0
  if (sameGivenName(a, b)) return 1
  if (a.length === 1 || b.length === 1) return a[0] === b[0] ? 3 : 5
  if (distinctGivenNames(a, b)) return 5
  if (slip(a, b)) return 2
  return similar(a, b) ? 4 : 5
}

export function familyLevel(a: string, b: string): number {
  if (a === '' || b === '') return MISSING
  if (a === b || ((a.includes(' ') || b.includes(' ')) && solid(a) === solid(b))) return 0
  if (slip(a, b)) return 1
  if (sharesPart(a, b)) return 2
  return similar(a, b) ? 3 : 4
}

// Garbled as typing garbles: the same letters in another order count, which Jaro–Winkler alone misses ("Olirev", "Oliver").
function similar(a: string, b: string): boolean {
  const limit = Math.min(a.length, b.length) >= 4 ? 2 : 1
  return lettersApart(a, b, limit) <= limit || jaroWinkler(a, b) >= 0.85
}

// One edit in a short name; two in a long one, which is what a slip and a lost space make.
function slip(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  return shorter >= 3 && editDistance(a, b, shorter >= 7 ? 2 : 1) <= (shorter >= 7 ? 2 : 1)
}

// "Smith-Jones" and "Jones", "García Márquez" and "García": double names and names changed by marriage.
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
      if (x === y || (x.length > 1 && y.length > 1 && (slip(x, y) || sameGivenName(x, y)))) return 0
      if ((x.length === 1 || y.length === 1) && x[0] === y[0]) found = 1
    }
  }
  return found
}

function birthLevel(a: string, b: string): number {
  if (a === b) return 0
  if (a.length !== 8 || b.length !== 8) return a.slice(0, 4) === b.slice(0, 4) ? 3 : yearsApart(a, b) <= 12 ? 4 : 5
  if (editDistance(a, b, 1) <= 1 || dayMonthSwapped(a, b)) return 1
  if (editDistance(a, b, 2) <= 2 || partsShared(a, b) >= 2) return 2
  const apart = yearsApart(a, b)
  return apart <= 1.01 ? 3 : apart <= 12 ? 4 : 5
}

function partsShared(a: string, b: string): number {
  return Number(a.slice(0, 4) === b.slice(0, 4)) + Number(a.slice(4, 6) === b.slice(4, 6)) + Number(a.slice(6) === b.slice(6))
}

function yearsApart(a: string, b: string): number {
  return Math.abs(years(a) - years(b))
}

function years(digits: string): number {
  return Number(digits.slice(0, 4)) + Number(digits.slice(4, 6)) / 12 + Number(digits.slice(6)) / 365
}

function dayMonthSwapped(a: string, b: string): boolean {
  return a.slice(0, 4) === b.slice(0, 4) && a.slice(4, 6) === b.slice(6) && a.slice(6) === b.slice(4, 6)
}

function emailLevel(a: string, b: string): number {
  if (isRoleMailbox(a) || isRoleMailbox(b)) return MISSING
  if (a === b) return 0
  if (editDistance(a, b, 2) <= 2) return 1
  const local = a.slice(0, a.lastIndexOf('@'))
  if (local.length >= 5 && local === b.slice(0, b.lastIndexOf('@'))) return 2
  // Letters moved about, as in "oc34@pheps-ha.perrbiz": no two people's addresses come that close by chance.
  return editDistance(a, b, 4) <= 4 || (Math.min(a.length, b.length) >= 10 && lettersApart(a, b, 4) <= 4) ? 2 : 3
}

function phoneLevel(a: string, b: string): number {
  if (a === b || ((a.length === 7 || b.length === 7) && a.slice(-7) === b.slice(-7))) return 0
  return editDistance(a.slice(-10), b.slice(-10), 1) <= 1 ? 1 : 2
}

function identifierLevel(a: string, b: string): number {
  if (a === b) return 0
  return editDistance(a, b, 1) <= 1 ? 1 : 2
}

function addressLevel(a: Address, b: Address): number {
  if ((a.street === '' && a.line === '') || (b.street === '' && b.line === '')) return MISSING
  const sameNumber = a.number !== '' && a.number === b.number
  if (streetsAlike(a.street, b.street) || streetsAlike(a.street, b.line) || streetsAlike(a.line, b.street)) {
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
  return x === y || slip(x, y) || (Math.min(x.length, y.length) >= 5 && (x.startsWith(y) || y.startsWith(x) || jaroWinkler(x, y) >= 0.93))
}

function placeLevel(a: Address, b: Address): number {
  const postcode = a.postcode === '' || b.postcode === '' ? MISSING : a.postcode === b.postcode ? 0 : nearPostcodes(a.postcode, b.postcode) ? 1 : 2
  const city = a.city === '' || b.city === '' ? MISSING : a.city === b.city ? 0 : slip(solid(a.city), solid(b.city)) ? 1 : similar(solid(a.city), solid(b.city)) ? 2 : 3
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
  const shared = weigh([...left].filter((word) => right.has(word) || [...right].some((other) => word.length >= 5 && editDistance(word, other, 1) <= 1)), rarity)
  const lesser = Math.min(weigh([...left], rarity), weigh([...right], rarity))
  const all = weigh([...left], rarity) + weigh([...right], rarity) - shared
  if (shared >= 0.65 * all) return 1
  if (shared >= 0.75 * lesser && shared >= 3) return 2
  return shared >= 4 ? 3 : 4
}

function weigh(list: readonly string[], rarity: Rarity): number {
  return list.reduce((sum, word) => sum + rarity.wordWeight(word), 0)
}

function phraseLevel(a: string, b: string): number {
  if (a === b) return 0
  return slip(solid(a), solid(b)) || a.includes(b) || b.includes(a) ? 1 : 2
}
