/**
 * How a contact compares with somebody on record. What a register holds was typed, so a slip of a
 * letter is likelier than a second person; the address a mail came from and the number a call came
 * from were typed by nobody, so a letter or a digit off is another's.
 */
import type { Comparison } from './compare.ts'
import { EMAIL, GIVEN, MISSING, PHONE } from './fields.ts'
import { fitGivenNames, type GivenFit } from './given-fit.ts'
import { compareUnder, type Model } from './model.ts'
import type { Person, PersonName } from './person.ts'
import { emailLevel, phoneLevel } from './value-levels.ts'

/** Which of a contact's addresses its channel brought along, rather than a person typed or said. */
export interface CarriedValues {
  readonly emails: boolean
  readonly phones: boolean
}

export const nothingCarried: CarriedValues = { emails: false, phones: false }

export interface ContactFit extends Comparison {
  /** The mailbox is another one, however alike. */
  readonly otherMailbox: boolean
  /** The number is another one, however alike. */
  readonly otherPhone: boolean
  /** What the channel carried is nearly, and only nearly, what is on record. */
  readonly nearlyCarried: boolean
  /** Whether both go by one given name. */
  readonly givenNames: GivenFit
}

/**
 * Near-equal values of what a channel carried say nothing for or against one person; nor do
 * mailboxes told apart by their figures (info1@, maria1984@), or alike because both are made of the
 * name. Other slips keep their weight.
 */
export function compareContact(
  model: Model,
  contact: Person,
  other: Person,
  carried: CarriedValues
): ContactFit {
  const comparison = compareUnder(model, contact, other)
  const levels = Uint8Array.from(comparison.levels)
  const names = [...contact.names, ...other.names]
  const email = isNear(levels[EMAIL]!, 2)
  const otherMailbox =
    email &&
    (carried.emails ||
      !contact.emails.some((mine) =>
        other.emails.some((theirs) => isSlipOfPen(mine, theirs, names))
      ))
  const otherPhone = isNear(levels[PHONE]!, 1) && carried.phones
  if (otherMailbox) levels[EMAIL] = MISSING
  if (otherPhone) levels[PHONE] = MISSING
  const givenNames = fitGivenNames(contact.names, other.names)
  levels[GIVEN] = givenLevel(levels[GIVEN]!, givenNames, names)
  return {
    ...comparison,
    levels,
    otherMailbox,
    otherPhone,
    nearlyCarried: otherPhone || (otherMailbox && carried.emails),
    givenNames
  }
}

// The first given name may be equal where the names are not: María Elena and María Luisa, or Bob
// and Robert in their full form (privacy mode).
function givenLevel(level: number, fit: GivenFit, names: readonly PersonName[]): number {
  if (fit === 'same' && level !== MISSING) return 0
  if (fit !== 'other' || level !== 0) return level
  return names.some(({ written }) => written !== undefined) ? 1 : 4
}

function isNear(level: number, last: number): boolean {
  return level >= 1 && level <= last
}

function isSlipOfPen(mine: string, theirs: string, names: readonly PersonName[]): boolean {
  return (
    emailLevel(mine, theirs) <= 2 &&
    figuresOf(mine) === figuresOf(theirs) &&
    !names.some((name) => isMadeOf(mine, name) && isMadeOf(theirs, name))
  )
}

function figuresOf(email: string): string {
  return email.replace(/\D+/g, ' ')
}

/**
 * Letters of a name that tell something of where a mailbox got its own: "ng" stands in too many
 * words.
 */
const TELLING = 3

function isMadeOf(email: string, { given, family }: PersonName): boolean {
  const mailbox = email.slice(0, Math.max(0, email.lastIndexOf('@'))).replace(/[^a-z]/g, '')
  return [given, family.replaceAll(' ', '')].some(
    (part) => part.length >= TELLING && mailbox.includes(part)
  )
}

/** True where both hold one and the same whole number. */
export function sharesPhone(a: Person, b: Person): boolean {
  return a.phones.some((mine) =>
    b.phones.some(
      (theirs) => mine.length > LOCAL && mine === theirs && phoneLevel(mine, theirs) === 0
    )
  )
}

/** Digits of a number without its area. */
const LOCAL = 7
