import {
  ADDRESS,
  BIRTH,
  BIRTHPLACE,
  EMAIL,
  FAMILY,
  GIVEN,
  IDENTIFIER,
  MIDDLE,
  MISSING,
  OCCUPATION,
  ORGANISATION,
  PHONE,
  PLACE
} from './fields.ts'
import type { Comparison } from './compare.ts'
import type { ContactFit } from './contact-fit.ts'

/**
 * Bits at which a machine links (odds 64 : 1), and at which a pair is put before a person. One set
 * for all registers. The lower one was chosen on development sets, by the historical one above all:
 * there two thirds of the pairs between -2 and 2 were one person.
 */
export const LINK_BITS = 6
export const POSSIBLE_BITS = -2

export type PairVerdict =
  | { readonly kind: 'linked' }
  /**
   * `held` says why no machine links it; `believed`, whether the model would take it for one person
   * all the same.
   */
  | { readonly kind: 'possible'; readonly held: string; readonly believed: boolean }
  | { readonly kind: 'different' }

/**
 * What a score means for a pair. However high it is, a machine links only where nothing contradicts
 * and two independent identifiers agree: families share addresses, phones and names; clinics and
 * shelters share even more.
 */
export function judge(bits: number, comparison: Comparison): PairVerdict {
  if (bits < POSSIBLE_BITS) return { kind: 'different' }
  const held =
    contradiction(comparison) ??
    tooLittle(comparison) ??
    (bits < LINK_BITS ? 'not certain enough' : undefined)
  if (held === undefined) return { kind: 'linked' }
  return { kind: 'possible', held, believed: plainContradiction(comparison) === undefined }
}

/**
 * The same for a contact, where a wrong link shows one person's words in another's history: two
 * independent identifiers have to be equal, and the given name the same word where both give one.
 * What only looks alike adds its weight and never counts as one of the two.
 */
export function judgeContact(bits: number, fit: ContactFit): PairVerdict {
  if (bits < POSSIBLE_BITS) return { kind: 'different' }
  const held =
    contradiction(fit) ??
    (fit.nearlyCarried ? NEARLY : undefined) ??
    otherGivenName(fit) ??
    tooLittleEqual(fit) ??
    (bits < LINK_BITS ? 'not certain enough' : undefined)
  return held === undefined ? { kind: 'linked' } : { kind: 'possible', held, believed: false }
}

const NEARLY = 'came from an address or number that is nearly, and only nearly, the one on record'

/**
 * Members of a household share every address they have; only a number or a birth date of one's own
 * tells that Bob is Robert.
 */
function otherGivenName({ givenNames, levels }: ContactFit): string | undefined {
  const own = levels[IDENTIFIER] === 0 || (levels[BIRTH] === 0 && levels[GIVEN]! <= 1)
  if (givenNames === 'other' && !own) return OTHER_GIVEN
  if (
    givenNames === 'second left out' &&
    !own &&
    [EMAIL, PHONE, ADDRESS].filter((field) => levels[field] === 0).length < 2
  )
    return 'a second given name on one side only'
  return undefined
}

/** Why somebody with another given name is not linked, however much is shared. */
export const OTHER_GIVEN = 'given names are not the same, and a household shares the rest'

/** What speaks against one person although much agrees; undefined where nothing does. */
export function contradiction(comparison: Comparison): string | undefined {
  const { levels, suffixes } = comparison
  const plain = plainContradiction(comparison)
  if (plain) return plain
  const birthFits = levels[BIRTH]! <= 1
  if (levels[GIVEN] === 5 && levels[IDENTIFIER] !== 0) return 'given names differ'
  if (suffixes === 'one-sided' && !birthFits && levels[IDENTIFIER] !== 0)
    return 'a suffix on one side only, and no birth date to tell father from son'
  if (
    levels[GIVEN] === 4 &&
    !(levels[IDENTIFIER] === 0 || levels[EMAIL]! <= 1 || (birthFits && !sharesHousehold(levels)))
  )
    return 'given names are only similar'
  if (birthDiffers(levels) && !(levels[IDENTIFIER] === 0 && levels[GIVEN]! <= 4))
    return 'birth dates differ'
  if (
    levels[FAMILY] === 4 &&
    !(levels[EMAIL]! <= 1 || levels[IDENTIFIER]! <= 1 || (birthFits && sharesHousehold(levels)))
  )
    return 'family names differ'
  // Branches share a name and a switchboard; a site is where it stands.
  if (levels[ORGANISATION] !== MISSING && levels[ADDRESS] !== MISSING && levels[ADDRESS]! > 1)
    return 'an organisation at another address'
  return undefined
}

/** A contradiction that no slip of the pen explains; such pairs also keep whole clusters apart. */
export function plainContradiction({ levels, suffixes }: Comparison): string | undefined {
  const sameNumber = levels[IDENTIFIER] === 0
  const birthFits = levels[BIRTH]! <= 1
  if (suffixes === 'conflict') return 'suffixes differ'
  if (
    levels[GIVEN] === 5 &&
    !(sameNumber && (birthFits || levels[BIRTH] === MISSING)) &&
    !sameMiddleName(levels)
  )
    return 'given names differ'
  if (levels[BIRTH] === 5 && !(sameNumber && levels[GIVEN]! <= 4))
    return 'birth dates are a generation apart'
  if (levels[IDENTIFIER] === 2 && !(birthFits && levels[GIVEN]! <= 3))
    return 'official numbers differ'
  return undefined
}

// Twins share a birth date and a family name, but hardly ever a middle name: "Pierre Carey Pelley"
// and "Peter Carey Pelley" are one.
function sameMiddleName(levels: Uint8Array): boolean {
  return levels[MIDDLE] === 0 && levels[FAMILY]! <= 1 && levels[BIRTH]! <= 1
}

function sharesHousehold(levels: Uint8Array): boolean {
  return levels[ADDRESS]! <= 1 || levels[PHONE] === 0
}

// Twelve years: parent and child are further apart, and siblings do not share a given name. With a
// mail address of one's own in
// common a wrong date is likelier than a second person.
function birthDiffers(levels: Uint8Array): boolean {
  if (levels[BIRTH] === MISSING || levels[BIRTH]! <= 2) return false
  return (
    levels[BIRTH] === 5 ||
    !(levels[EMAIL]! <= 2 && (levels[GIVEN]! <= 4 || levels[GIVEN] === MISSING))
  )
}

/**
 * The rule of two: independent identifiers that agree, a full name being one of them, weak ones
 * counting half.
 */
function tooLittle({ levels, shared }: Comparison): string | undefined {
  const agreeing = strong(levels) + 0.5 * weak(levels, isNarrowPlace(shared))
  return agreeing >= 2 ? undefined : SINGLE
}

/** A postcode with letters names a few doors, like a street and number; a ZIP names a town. */
function isNarrowPlace(shared: Comparison['shared']): boolean {
  return /^(?=.*[a-z])[a-z\d]{5,}$/.test(shared[PLACE] ?? '') && /\d/.test(shared[PLACE] ?? '')
}

function tooLittleEqual({ levels, shared }: ContactFit): string | undefined {
  const equal = [
    levels[BIRTH] === 0,
    levels[EMAIL] === 0,
    levels[PHONE] === 0,
    levels[IDENTIFIER] === 0,
    levels[ADDRESS] === 0,
    levels[ORGANISATION] === 0
  ]
  const count = Number(fullName(levels)) + equal.filter(Boolean).length
  // A town and a street nearby are one thing said twice, and neither counts beside the address
  // itself.
  const nearby =
    levels[ADDRESS] === 0
      ? 0
      : isNarrowPlace(shared) && levels[PLACE]! <= 1
        ? 1
        : Number(levels[PLACE]! <= 3 || (levels[ADDRESS]! >= 1 && levels[ADDRESS]! <= 4)) / 2
  return count + nearby + partOfName(levels) / 2 >= 2 ? undefined : SINGLE
}

const SINGLE = 'agrees on a single identifier'

function fullName(levels: Uint8Array): boolean {
  return (
    levels[GIVEN]! <= 4 && levels[FAMILY]! <= 3 && !(levels[GIVEN] === 4 && levels[FAMILY] === 3)
  )
}

function strong(levels: Uint8Array): number {
  return (
    Number(fullName(levels)) +
    Number(levels[BIRTH]! <= 1) +
    Number(levels[EMAIL]! <= 1) +
    Number(levels[PHONE] === 0) +
    Number(levels[IDENTIFIER]! <= 1) +
    Number(levels[ADDRESS]! <= 1) +
    Number(levels[ORGANISATION]! <= 2)
  )
}

// A given name without any family name still tells the members of a household apart; a family name
// alone does not.
function partOfName(levels: Uint8Array): number {
  if (fullName(levels)) return 0
  if (levels[GIVEN]! <= 2 && levels[FAMILY] === MISSING) return 2
  return Number(levels[GIVEN]! <= 4 || levels[FAMILY]! <= 3)
}

function weak(levels: Uint8Array, narrowPlace: boolean): number {
  const nearAddress = levels[ADDRESS]! >= 2 && levels[ADDRESS]! <= 4
  const place =
    levels[PLACE]! <= 1 && narrowPlace && levels[ADDRESS]! > 1 ? 2 : Number(levels[PLACE]! <= 3)
  return (
    partOfName(levels) +
    place +
    Number(nearAddress) +
    Number(levels[BIRTH] === 2) +
    Number(levels[EMAIL] === 2) +
    Number(levels[BIRTHPLACE] === 0) +
    Number(levels[OCCUPATION] === 0) +
    Number(levels[MIDDLE] === 0) +
    Number(levels[PHONE] === 1)
  )
}
