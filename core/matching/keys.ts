import { doubleMetaphone } from 'double-metaphone'
import type { Person, PersonName } from './person.ts'
import {
  ADDRESS,
  BIRTH,
  EMAIL,
  FAMILY,
  GIVEN,
  IDENTIFIER,
  ORGANISATION,
  PHONE,
  PLACE
} from './fields.ts'
import { isRoleMailbox, mailboxOf } from './normalise/identifiers.ts'
import { fullForm } from './normalise/names.ts'
import { solid } from './normalise/text.ts'

/**
 * The blocking rules: two persons are compared when they share any key. Each rule names the fields
 * it makes agree, which are left out when training on its pairs (Splink's way: an agreement that
 * was asked for teaches nothing).
 */
export const rules = {
  email: [EMAIL],
  mailbox: [EMAIL],
  phone: [PHONE],
  identifier: [IDENTIFIER],
  birth: [BIRTH],
  name: [GIVEN, FAMILY],
  familyYear: [FAMILY, BIRTH],
  givenDay: [GIVEN, BIRTH],
  familyPostcode: [FAMILY, PLACE],
  givenPostcode: [GIVEN, PLACE],
  familyCity: [FAMILY, PLACE],
  address: [ADDRESS],
  street: [ADDRESS, PLACE],
  organisation: [ORGANISATION],
  organisationStart: [ORGANISATION]
} as const satisfies Record<string, readonly number[]>

export type Rule = keyof typeof rules
export interface Key {
  readonly rule: Rule
  readonly value: string
}

/** No person brings more keys than this into the index, however many values they hold. */
export const MAX_KEYS = 64

/** The keys of a person, each once. */
export function keysOf(person: Person): Key[] {
  const keys = new Map<string, Key>()
  const add = (rule: Rule, ...parts: string[]): void => {
    if (parts.every(Boolean) && keys.size < MAX_KEYS)
      keys.set(`${rule}:${parts.join('|')}`, { rule, value: `${rule}:${parts.join('|')}` })
  }
  identifierKeys(person, add)
  for (const name of person.names) nameKeys(name, person, add)
  for (const address of person.addresses) {
    const street = solid(address.street).slice(0, 7)
    add('address', address.number, street)
    add('street', street, address.postcode)
    if (address.line) add('street', solid(address.line).slice(0, 7), address.postcode)
  }
  for (const name of person.organisations) {
    add('organisation', name.split(' ').sort().join(' '))
    add('organisationStart', solid(name).slice(0, 7))
  }
  return [...keys.values()]
}

type Add = (rule: Rule, ...parts: string[]) => void

function identifierKeys(person: Person, add: Add): void {
  for (const email of person.emails.filter((address) => !isRoleMailbox(address))) {
    add('email', email)
    add('email', mailboxOf(email))
    const local = email.slice(0, email.lastIndexOf('@'))
    if (local.length >= 5) add('mailbox', local)
  }
  for (const phone of person.phones) add('phone', phone.slice(-7))
  for (const identifier of person.identifiers) add('identifier', identifier)
  for (const birth of person.births) if (birth.length === 8) add('birth', birth)
}

function nameKeys(name: PersonName, person: Person, add: Add): void {
  const family = sound(name.family)
  const given = sound(fullForm(name.given))
  // Sorted, so that swapped names meet.
  if (family && given) add('name', [family, given].sort().join('+'))
  for (const birth of person.births) {
    add('familyYear', family, birth.slice(0, 4))
    add('givenDay', given, birth.slice(4))
  }
  for (const address of person.addresses) {
    add('familyPostcode', family, address.postcode)
    add('givenPostcode', given, address.postcode)
    add('familyCity', family, given.slice(0, 1), solid(address.city))
  }
}

const sounds = new Map<string, string>()

/**
 * How a name sounds (double metaphone, first code); the name itself where it has no sound, such as
 * "4".
 */
export function sound(name: string): string {
  let code = sounds.get(name)
  if (code === undefined) {
    code = doubleMetaphone(name)[0] || name
    if (sounds.size > 50_000) sounds.clear()
    sounds.set(name, code)
  }
  return code
}
