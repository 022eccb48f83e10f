import {
  ADDRESS,
  BIRTH,
  BIRTHPLACE,
  EMAIL,
  fields,
  GENDER,
  IDENTIFIER,
  MISSING,
  OCCUPATION,
  ORGANISATION,
  PHONE,
  PLACE
} from './fields.ts'
import { compareNames, type SuffixFit } from './name-levels.ts'
import type { Person } from './person.ts'
import {
  addressLevel,
  addressValue,
  birthLevel,
  emailLevel,
  identifierLevel,
  organisationLevel,
  phoneLevel,
  phraseLevel,
  placeLevel,
  placeValue,
  type Rarity
} from './value-levels.ts'

/**
 * How two persons compare: a level for each field in the order of `fields`, and what no field can
 * say.
 */
export interface Comparison {
  readonly levels: Uint8Array
  /** Given and family name were compared crosswise. */
  readonly swapped: boolean
  readonly suffixes: SuffixFit
  /** The value both share, for fields that agree exactly. */
  readonly shared: readonly (string | undefined)[]
}

/** Compares two persons field by field; of several values the best agreement counts. */
export function compare(a: Person, b: Person, rarity: Rarity): Comparison {
  const levels = new Uint8Array(fields.length).fill(MISSING)
  const shared: (string | undefined)[] = []
  const best = <T>(
    field: number,
    left: readonly T[],
    right: readonly T[],
    level: (x: T, y: T) => number,
    value: (x: T) => string
  ): void => {
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
  best(
    ORGANISATION,
    a.organisations,
    b.organisations,
    (x, y) => organisationLevel(x, y, rarity),
    itself
  )
  best(BIRTHPLACE, a.birthplaces, b.birthplaces, phraseLevel, itself)
  best(OCCUPATION, a.occupations, b.occupations, phraseLevel, itself)
  best(GENDER, a.genders, b.genders, (x, y) => (x === y ? 0 : 1), itself)
  return { levels, shared, ...names }
}

function itself(value: string): string {
  return value
}
