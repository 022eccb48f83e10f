/**
 * Words of this room.
 * person the comparable form of a constituent or a sender: folded, normalised, never shown to
 * anyone
 * field one comparison of the model ("family name", "birth date"), with levels from agreement to
 * difference
 *   level        how far two values agree; a missing value has none and carries no weight
 * m, u how often a level is seen among pairs of one person, and among pairs of different persons
 *   weight       log2(m / u) in bits; the sum over the fields, and the prior, is a pair's score
 *   verdict      linked, possible (a person decides), new, anonymous
 */

/** A name in comparable form; missing parts are empty strings. */
export interface PersonName {
  readonly given: string
  readonly middle: readonly string[]
  readonly family: string
  /** jr, sr, ii, iii, iv or v. */
  readonly suffix: string
  /**
   * In privacy mode all given names as they stand, where `given` is not all there is to tell: it
   * holds the full form of the first.
   */
  readonly written?: string
}

/** An address in comparable form; missing parts are empty strings. */
export interface Address {
  readonly number: string
  /**
   * Words of the street without type and direction, so that "N Oak Street" and "Oak St." are alike.
   */
  readonly street: string
  readonly direction: string
  readonly unit: string
  /** A second line that is no unit: a house name, an estate. */
  readonly line: string
  readonly city: string
  readonly postcode: string
  readonly state: string
}

export interface Person {
  readonly names: readonly PersonName[]
  /** Names as an organisation, without legal form. */
  readonly organisations: readonly string[]
  /**
   * Digits YYYYMMDD as written, even where no such day exists; YYYY where only the year is known.
   */
  readonly births: readonly string[]
  readonly emails: readonly string[]
  /** E.164 digits without "+", or local digits where the country cannot be told. */
  readonly phones: readonly string[]
  /** Numbers given by an authority: social security, licence. */
  readonly identifiers: readonly string[]
  readonly addresses: readonly Address[]
  readonly birthplaces: readonly string[]
  readonly occupations: readonly string[]
  readonly genders: readonly string[]
}

export const noPerson: Person = {
  names: [],
  organisations: [],
  births: [],
  emails: [],
  phones: [],
  identifiers: [],
  addresses: [],
  birthplaces: [],
  occupations: [],
  genders: []
}

/** One person with the values of several, each once. */
export function mergePersons(persons: readonly Person[]): Person {
  const every = <T>(valuesOf: (person: Person) => readonly T[]): T[] => [
    ...new Map(persons.flatMap(valuesOf).map((value) => [JSON.stringify(value), value])).values()
  ]
  return {
    names: every((person) => person.names),
    organisations: every((person) => person.organisations),
    births: every((person) => person.births),
    emails: every((person) => person.emails),
    phones: every((person) => person.phones),
    identifiers: every((person) => person.identifiers),
    addresses: every((person) => person.addresses),
    birthplaces: every((person) => person.birthplaces),
    occupations: every((person) => person.occupations),
    genders: every((person) => person.genders)
  }
}
