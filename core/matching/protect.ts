import { hash } from 'node:crypto'
import { keysOf } from './keys.ts'
import { fullForm, hasOtherForms } from './normalise/names.ts'
import type { Person, PersonName } from './person.ts'
import { sign } from '../../platform/signing.ts'

/**
 * How a register keeps what identifies people: as it is, or, in privacy mode, only as hashes under
 * the agency's key.
 */
export type Protection =
  { readonly kind: 'plain' } | { readonly kind: 'hashed'; readonly secret: Uint8Array }

/**
 * A person's index keys as signed 64-bit numbers, the first eight bytes of a hash (keyed in privacy
 * mode).
 */
export function indexKeys(person: Person, protection: Protection): bigint[] {
  const digest = digestOf(protection)
  return [...new Set(keysOf(person).map(({ value }) => digest(value).readBigInt64BE()))]
}

function digestOf(protection: Protection): (value: string) => Buffer {
  if (protection.kind === 'plain') return (value) => hash('sha256', value, 'buffer')
  return (value) => sign(protection.secret, value)
}

/**
 * A person whose every value is a keyed hash, so that equality is all that can be seen. Given names
 * are hashed in their full form: Bob is a form of Robert still, and a hash of all given names tells
 * the two apart. Similar values no longer look alike; that is the price of the mode.
 */
export function protectPerson(person: Person, protection: Protection): Person {
  if (protection.kind === 'plain') return person
  const digest = digestOf(protection)
  // The field's name goes in, so that a town and a family name of the same spelling do not meet.
  const hide = (field: string, value: string): string =>
    value === '' ? '' : digest(`${field}=${value}`).toString('base64url').slice(0, 22)
  const every = (field: string, list: readonly string[]): string[] =>
    list.map((value) => hide(field, value))
  return {
    names: person.names.map((name) => ({
      given: hide('name', fullForm(name.given)),
      middle: [],
      family: hide('name', name.family),
      suffix: hide('suffix', name.suffix),
      ...written(name, hide)
    })),
    organisations: every('organisation', person.organisations),
    births: every('birth', person.births),
    emails: every('email', person.emails),
    phones: every('phone', person.phones),
    identifiers: every('identifier', person.identifiers),
    addresses: person.addresses.map((address) => ({
      number: hide('number', address.number),
      street: hide('street', address.street),
      direction: '',
      unit: hide('unit', address.unit),
      line: hide('line', address.line),
      city: hide('city', address.city),
      postcode: hide('postcode', address.postcode),
      state: ''
    })),
    birthplaces: every('birthplace', person.birthplaces),
    occupations: every('occupation', person.occupations),
    genders: every('gender', person.genders)
  }
}

function written(
  { given, middle }: PersonName,
  hide: (field: string, value: string) => string
): Pick<PersonName, 'written'> {
  return middle.length > 0 || hasOtherForms(given)
    ? { written: hide('written', [given, ...middle].toSorted().join(' ')) }
    : {}
}
