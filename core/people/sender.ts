/** Who a contact says it is from, in comparable form: the one place where an envelope's people become persons. */
import type { CountryCode } from 'libphonenumber-js'
import type { EnvelopeDraft, Sender } from '../envelope.ts'
import { addressOfText } from '../matching/normalise/addresses.ts'
import { emailAddress, isRoleMailbox, phoneDigits } from '../matching/normalise/identifiers.ts'
import { nameOfText } from '../matching/normalise/names.ts'
import { looksLikeOrganisation, organisationName } from '../matching/normalise/organisations.ts'
import { noPerson, type Person } from '../matching/person.ts'

/** Values of one kind that are looked at; a person has a few, a mail with thousands is no person's. */
const VALUES = 10

/** A sender or party as a person. A name that is only a mail address says nothing that the address does not. */
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
    addresses: addresses.slice(0, VALUES).flatMap((address) => addressOfText(address, country) ?? [])
  }
}

function unique(values: readonly string[], normalise: (value: string) => string): string[] {
  return [...new Set(values.slice(0, VALUES).map(normalise).filter(Boolean))]
}

/** What a clerk may see of it, as it was written. */
export interface Shown {
  readonly names: readonly string[]
  readonly emails: readonly string[]
  readonly phones: readonly string[]
  readonly addresses: readonly string[]
}

export function shownOf({ name, emails, phones, addresses }: Sender): Shown {
  return { names: name?.trim() ? [name.trim()] : [], emails: emails.slice(0, VALUES), phones: phones.slice(0, VALUES), addresses: addresses.slice(0, VALUES) }
}

/** Identifiers that a person of their own needs: one may be a household's, a shelter's or a namesake's. */
export const ENOUGH = 2

/** How many independent identifiers a person has: a full name, a mailbox of one's own, a phone, an address, an organisation. */
export function countIdentifiers(person: Person): number {
  return [
    person.names.some(({ given, family }) => given && family), person.emails.some((email) => !isRoleMailbox(email)), person.phones.length > 0,
    person.addresses.some(({ number, street }) => number && street), person.organisations.length > 0
  ].filter(Boolean).length
}

/** Channels whose words a machine made out; whoever keyed in what another channel carries was sure of it. */
const readByMachine = new Set(['fax', 'postal', 'phone'])

/** How surely the name was read, 0 to 1: the least sure of the documents it can stand in, 1 where a person typed it. */
export function nameConfidence(channel: EnvelopeDraft['channel'], confidences: readonly number[], keyed: boolean): number {
  return keyed || !readByMachine.has(channel) ? 1 : Math.min(1, ...confidences)
}
