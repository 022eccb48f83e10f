import type { CountryCode } from 'libphonenumber-js'
import type { Address, Person, PersonName } from './person.ts'
import type { CsvTable } from './csv.ts'
import { addressOfParts, addressOfText } from './normalise/addresses.ts'
import { birthDigits, type DateOrder } from './normalise/dates.ts'
import { emailAddress, officialNumber, phoneDigits } from './normalise/identifiers.ts'
import { isTitle, nameOfParts, nameOfText } from './normalise/names.ts'
import { looksLikeOrganisation, organisationName } from './normalise/organisations.ts'
import { fold, solid } from './normalise/text.ts'

/** What a column may hold. */
export const roles = [
  'id',
  'given',
  'middle',
  'family',
  'suffix',
  'fullName',
  'organisation',
  'birth',
  'email',
  'phone',
  'identifier',
  'number',
  'street',
  'second',
  'unit',
  'city',
  'postcode',
  'state',
  'address',
  'birthplace',
  'occupation',
  'gender'
] as const
export type ColumnRole = (typeof roles)[number]

const usualNames: Readonly<Record<ColumnRole, string>> = {
  id: 'id recid uniqueid recordid personid constituentid externalid rowid',
  given: 'givenname firstname fname forename given first christianname',
  middle: 'middlename middle middleinitial mname secondname',
  family: 'surname lastname lname familyname family last',
  suffix: 'suffix namesuffix generation',
  fullName: 'fullname name personname contactname applicantname residentname displayname',
  organisation:
    'sitename organisation organization company companyname business businessname organisationname organizationname orgname agencyname firm facility facilityname institution',
  birth: 'dob dateofbirth birthdate birth birthday borndate',
  email: 'email emailaddress mail email1 email2 emails workemail homeemail',
  phone:
    'phone phonenumber telephone tel mobile cell cellphone mobilephone homephone workphone phone1 phone2 phones telephonenumber',
  identifier:
    'socsecid ssn socialsecuritynumber socialsecurity nationalid licence license licencenumber licensenumber taxid nino',
  number: 'streetnumber housenumber stno streetno number',
  street: 'address1 street streetname streetaddress addressline1 add1 address line1 add1line',
  second: 'address2 addressline2 add2 line2',
  unit: 'unit apartment apt suite unitnumber',
  city: 'city town suburb municipality locality',
  postcode: 'postcode zip zipcode postalcode postcodefake areacode postcodes zip5',
  state: 'state province region statecode',
  address: 'fulladdress mailingaddress homeaddress',
  birthplace: 'birthplace placeofbirth born',
  occupation: 'occupation job jobtitle profession',
  gender: 'gender sex'
}

const roleByName = new Map<string, ColumnRole>(
  roles.flatMap((role) => usualNames[role].split(' ').map((name) => [name, role] as const))
)

/** How to read a table: its id column, and the columns of each role. */
export interface ColumnMap {
  readonly id: number
  readonly columns: ReadonlyMap<ColumnRole, readonly number[]>
}

/** How values are read where they can be read in more than one way. */
export interface ReadingOptions {
  /** ISO country of phones and addresses that do not name one. */
  readonly country?: CountryCode
  readonly dateOrder?: DateOrder
  /** Column name → role, where the usual names do not say. */
  readonly map?: Readonly<Record<string, ColumnRole>>
}

/**
 * The meaning of a table's columns by their usual names, or as mapped. The id is the column
 * `rec_id`, `id` or `unique_id`, else the first. A column that only says "name" holds organisations
 * where many of its values look like one.
 */
export function recogniseColumns(
  table: CsvTable,
  map: Readonly<Record<string, ColumnRole>> = {}
): ColumnMap {
  const columns = new Map<ColumnRole, number[]>()
  for (const [index, name] of table.columns.entries()) {
    let role =
      (Object.hasOwn(map, name) ? map[name] : undefined) ?? roleByName.get(solid(fold(name)))
    if (role === 'fullName' && !map[name] && holdsOrganisations(table, index)) role = 'organisation'
    if (role) columns.set(role, [...(columns.get(role) ?? []), index])
  }
  const id = columns.get('id')?.[0] ?? 0
  return { id, columns }
}

function holdsOrganisations(table: CsvTable, column: number): boolean {
  const values = table.rows
    .slice(0, 500)
    .map((row) => row[column] ?? '')
    .filter(Boolean)
  // A fifth: even a list of firms has many names without a legal form; a list of people has next to
  // none with one.
  return values.length > 0 && values.filter(looksLikeOrganisation).length >= values.length * 0.2
}

/** A row in comparable form. */
export function personOfRow(
  row: readonly string[],
  map: ColumnMap,
  options: ReadingOptions = {}
): Person {
  const every = (role: ColumnRole): string[] =>
    (map.columns.get(role) ?? []).map((index) => row[index] ?? '').filter(Boolean)
  const all = (role: ColumnRole, form: (value: string) => string): string[] => [
    ...new Set(every(role).map(form).filter(Boolean))
  ]
  return {
    names: namesOf(every),
    organisations: all('organisation', organisationName),
    births: all('birth', (value) => birthDigits(value, options.dateOrder)),
    emails: all('email', emailAddress),
    phones: all('phone', (value) => phoneDigits(value, options.country)),
    identifiers: all('identifier', officialNumber),
    addresses: addressesOf(every, options.country),
    birthplaces: all('birthplace', fold),
    occupations: all('occupation', fold),
    genders: all('gender', (value) => fold(value).slice(0, 1))
  }
}

type Every = (role: ColumnRole) => string[]

// Both a full name and its parts: the parts say which is which, the full name adds the middle
// names.
function namesOf(every: Every): PersonName[] {
  const full = every('fullName')
    .map(nameOfText)
    .filter((name) => name !== undefined)
  const [given = '', family = '', suffix = ''] = [
    every('given')[0],
    every('family')[0],
    every('suffix')[0]
  ]
  if ((!given && !family) || (isTitle(given) && full.length > 0)) return full
  const middle = every('middle').join(' ') || (full[0]?.middle.join(' ') ?? '')
  const name = nameOfParts({ given, family, middle, suffix: suffix || (full[0]?.suffix ?? '') })
  return name ? [name] : full
}

function addressesOf(every: Every, country: string | undefined): Address[] {
  const first = (role: ColumnRole): string => every(role)[0] ?? ''
  const parts = addressOfParts(
    {
      number: first('number'),
      street: first('street'),
      second: first('second'),
      unit: first('unit'),
      city: first('city'),
      postcode: first('postcode'),
      state: first('state')
    },
    country
  )
  const texts = every('address').map((text) => addressOfText(text, country))
  return [parts, ...texts].filter((address) => address !== undefined)
}
