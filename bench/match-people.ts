/** Made-up residents and what becomes of them on the way to an agency: for `bench match` alone. */
import { seeded } from './random.ts'
import type { RegisterRow } from '../core/matching/register.ts'
import { addressOfParts } from '../core/matching/normalise/addresses.ts'
import { commonGivenNames } from '../core/matching/data/given-names.ts'
import { nicknameGroups } from '../core/matching/data/nicknames.ts'
import { nameOfParts } from '../core/matching/normalise/names.ts'
import { birthDigits } from '../core/matching/normalise/dates.ts'
import { emailAddress, phoneDigits } from '../core/matching/normalise/identifiers.ts'
import { noPerson, type Person } from '../core/matching/person.ts'

export interface Resident {
  readonly given: string
  readonly family: string
  readonly birth: string
  readonly email: string
  readonly phone: string
  readonly number: string
  readonly street: string
  readonly city: string
  readonly zip: string
}

const givenNames = [...nicknameGroups.map((group) => group.split(' ', 1)[0]!), ...commonGivenNames]
const beginnings =
  'ab al an ar bal ban bar bel ber bo bra bren bur cal car cas cor cran dal dan del don dray ed el fair fen fos gal gar glen gra hal ham har hen hol jan jef ken kin lan lar len lin mal mar mer mil mon nor ol or pal par pen per pren quin ral ran red ren ros sal san sel sher stan sul tal ten thorn tor tra val van ver wal wen whit wil win wood yar'.split(
    ' '
  )
const endings =
  'ber bert berg bury by cott croft dale den der don dorf er ers ett field ford gan ger ham hart hurst ing is ison kin land ler ley lin ling low man mann mer mond more ner nett ney nik now ock one or ott ova ovich por rick ris rosa sen shaw sky smith son stein stock ston ter tino ton tor vale ville ward way well wick win wood worth'.split(
    ' '
  )
const streets =
  'Oak Maple Cedar Pine Elm Washington Lake Hill Walnut Spring North Ridge Church Willow Mill Sunset Railroad Jackson River Highland Johnson View Center Cherry Lincoln Franklin Meadow Forest Adams Madison'.split(
    ' '
  )
const types = ['St', 'Ave', 'Rd', 'Dr', 'Ln', 'Ct']

/**
 * A resident by number: same number, same resident. Names follow a steep curve, as real ones do.
 */
export function residentOf(index: number): Resident {
  const next = seeded((index * 2_654_435_761) % 4_294_967_296)
  const pick = <T>(list: readonly T[], steep = 1): T =>
    list[Math.floor(next() ** steep * list.length)]!
  const given = pick(givenNames, 2)
  const family = pick(beginnings, 1.6) + pick(endings, 1.6)
  const zip = String(10_000 + Math.floor(next() * 400) * 7)
  const year = 1935 + Math.floor(next() * 70)
  return {
    given,
    family,
    zip,
    city: `${pick(beginnings)}ville`,
    birth: `${year}-${two(1 + Math.floor(next() * 12))}-${two(1 + Math.floor(next() * 28))}`,
    email: `${given.slice(0, 1 + Math.floor(next() * 6))}.${family}${Math.floor(next() * 1000)}@${pick(['gmail.com', 'yahoo.com', 'outlook.com', 'example.net'])}`,
    phone: `${pick(['312', '608', '217', '414'])}${200 + Math.floor(next() * 799)}${String(Math.floor(next() * 10_000)).padStart(4, '0')}`,
    number: String(1 + Math.floor(next() * 9900)),
    street: `${pick(streets)}${next() < 0.3 ? ` ${pick(endings)}` : ''} ${pick(types)}`
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/**
 * What a contact shows of a resident: some fields missing, some misspelt, names swapped, moved
 * house, another phone.
 */
export function corrupted(resident: Resident, next: () => number): Partial<Resident> {
  const shown: Partial<Record<keyof Resident, string>> = { ...resident }
  if (next() < 0.15) [shown.given, shown.family] = [resident.family, resident.given]
  for (const field of ['given', 'family', 'street', 'email'] as const)
    if (next() < 0.3) shown[field] = slipped(shown[field]!, next)
  if (next() < 0.2) shown.birth = slipped(shown.birth!, next)
  if (next() < 0.2) Object.assign(shown, movedTo(next))
  for (const [field, share] of [
    ['birth', 0.4],
    ['email', 0.4],
    ['phone', 0.4],
    ['given', 0.05],
    ['street', 0.2],
    ['zip', 0.2]
  ] as const)
    if (next() < share) delete shown[field]
  return shown
}

function movedTo(next: () => number): Pick<Resident, 'number' | 'street' | 'city' | 'zip'> {
  const { number, street, city, zip } = residentOf(Math.floor(next() * 1e9))
  return { number, street, city, zip }
}

function slipped(value: string, next: () => number): string {
  const at = Math.floor(next() * Math.max(1, value.length - 1))
  const kind = next()
  const other = /\d/.test(value[at] ?? '')
    ? String(Math.floor(next() * 10))
    : String.fromCharCode(97 + Math.floor(next() * 26))
  if (kind < 0.3) return value.slice(0, at) + value.slice(at + 1)
  if (kind < 0.6) return value.slice(0, at) + other + value.slice(at + 1)
  if (kind < 0.8) return value.slice(0, at) + other + value.slice(at)
  return value.slice(0, at) + (value[at + 1] ?? '') + (value[at] ?? '') + value.slice(at + 2)
}

/** A resident, whole or corrupted, in comparable form. */
export function personOfResident(resident: Partial<Resident>): Person {
  const name = nameOfParts({ given: resident.given ?? '', family: resident.family ?? '' })
  const address = addressOfParts({
    number: resident.number ?? '',
    street: resident.street ?? '',
    city: resident.city ?? '',
    postcode: resident.zip ?? ''
  })
  return {
    ...noPerson,
    names: name ? [name] : [],
    addresses: address ? [address] : [],
    births: [birthDigits(resident.birth ?? '')].filter(Boolean),
    emails: [emailAddress(resident.email ?? '')].filter(Boolean),
    phones: [phoneDigits(resident.phone ?? '')].filter(Boolean)
  }
}

export function rowOfResident(index: number): RegisterRow {
  const resident = residentOf(index)
  return {
    externalId: String(index),
    person: personOfResident(resident),
    shown: {
      names: [`${resident.given} ${resident.family}`],
      emails: [resident.email],
      phones: [resident.phone],
      addresses: [`${resident.number} ${resident.street}, ${resident.city} ${resident.zip}`]
    }
  }
}
