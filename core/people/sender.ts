/**
 * Who a contact says it is from, in comparable form. The only place where an envelope's people are
 * turned into persons.
 */
import type { CountryCode } from 'libphonenumber-js'
import type { EnvelopeDraft, Party, Sender } from '../envelope.ts'
import { addressOfText } from '../matching/normalise/addresses.ts'
import { emailAddress, isRoleMailbox, phoneDigits } from '../matching/normalise/identifiers.ts'
import { nameOfText } from '../matching/normalise/names.ts'
import { looksLikeOrganisation, organisationName } from '../matching/normalise/organisations.ts'
import type { CarriedValues } from '../matching/contact-fit.ts'
import { noPerson, type Person } from '../matching/person.ts'
import { traitsOf } from '../intake/traits.ts'

/**
 * Values of one kind that are used. A person has a few; a mail with thousands is not about one
 * person.
 */
const VALUES = 10

/**
 * A sender or party as a person. A name that is only a mail address is ignored, because the address
 * is already there.
 */
export function personOf({ name, emails, phones, addresses }: Sender, country: string): Person {
  const named = name?.trim() && !name.includes('@') ? name.trim() : undefined
  const organisation = named !== undefined && looksLikeOrganisation(named)
  const parsed = named && !organisation ? nameOfText(named) : undefined
  return {
    ...noPerson,
    names: parsed ? [parsed] : [],
    organisations: organisation ? [organisationName(named)].filter(Boolean) : [],
    emails: unique(emails, emailAddress),
    phones: unique(phones, (phone) => phoneDigits(phone, country as CountryCode)),
    addresses: addresses
      .slice(0, VALUES)
      .flatMap((address) => addressOfText(address, country) ?? [])
  }
}

function unique(values: readonly string[], normalise: (value: string) => string): string[] {
  return [...new Set(values.slice(0, VALUES).map(normalise).filter(Boolean))]
}

/**
 * The sender's address as supplied by the channel: the address of a mail, the number of a text,
 * call or fax. Parties have none, because somebody names them.
 */
export function carriedBy(channel: string, role: 'sender' | Party['role']): CarriedValues {
  return {
    emails: role === 'sender' && traitsOf(channel).carries === 'email',
    phones: role === 'sender' && traitsOf(channel).carries === 'phone'
  }
}

/** What a clerk may see of it, as written. */
export interface WrittenIdentifiers {
  readonly names: readonly string[]
  readonly emails: readonly string[]
  readonly phones: readonly string[]
  readonly addresses: readonly string[]
}

export function shownOf({ name, emails, phones, addresses }: Sender): WrittenIdentifiers {
  return {
    names: name?.trim() ? [name.trim()] : [],
    emails: emails.slice(0, VALUES),
    phones: phones.slice(0, VALUES),
    addresses: addresses.slice(0, VALUES)
  }
}

/**
 * Least identifiers for a constituent of one's own: a single one may be a household's, a shelter's
 * or a namesake's.
 */
export const ENOUGH = 2

/**
 * Number of independent identifiers: a full name, a mailbox of one's own, a phone, an address, an
 * organisation.
 */
export function countIdentifiers(person: Person): number {
  return [
    person.names.some(({ given, family }) => given && family),
    person.emails.some((email) => !isRoleMailbox(email)),
    person.phones.length > 0,
    person.addresses.some(({ number, street }) => number && street),
    person.organisations.length > 0
  ].filter(Boolean).length
}

/**
 * How surely the name was read, 0 to 1. If a machine read the words: the lowest confidence of the
 * documents that may contain it. If a person typed it: 1.
 */
export function nameConfidence(
  channel: EnvelopeDraft['channel'],
  { confidences, keyed }: { readonly confidences: readonly number[]; readonly keyed: boolean }
): number {
  return keyed || traitsOf(channel).medium === 'typed' ? 1 : Math.min(1, ...confidences)
}
