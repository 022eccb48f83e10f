/** No value on one side: the field says nothing about the pair. */
export const MISSING = 255

/**
 * One comparison of the model. The starting m and u are what registers of persons show in general;
 * training moves them to the agency's own data, and they keep a small weight so that a small
 * register does not run wild.
 */
export interface Field {
  readonly name: FieldName
  readonly levels: readonly { readonly label: string; readonly m: number; readonly u: number }[]
}

export type FieldName =
  | 'given'
  | 'family'
  | 'middle'
  | 'birth'
  | 'email'
  | 'phone'
  | 'identifier'
  | 'address'
  | 'place'
  | 'organisation'
  | 'birthplace'
  | 'occupation'
  | 'gender'

function field(name: FieldName, ...levels: [string, number, number][]): Field {
  return { name, levels: levels.map(([label, m, u]) => ({ label, m, u })) }
}

export const fields: readonly Field[] = [
  field(
    'given',
    ['same', 0.72, 0.008],
    ['another form of the name', 0.07, 0.006],
    ['a slip apart', 0.12, 0.004],
    ['initial fits', 0.05, 0.02],
    ['similar', 0.025, 0.04],
    ['different', 0.015, 0.922]
  ),
  field(
    'family',
    ['same', 0.8, 0.002],
    ['a slip apart', 0.12, 0.002],
    ['shares a part', 0.02, 0.002],
    ['similar', 0.02, 0.02],
    ['different', 0.04, 0.974]
  ),
  field('middle', ['same', 0.75, 0.03], ['initial fits', 0.2, 0.08], ['different', 0.05, 0.89]),
  field(
    'birth',
    ['same', 0.86, 0.00004],
    ['a slip apart', 0.09, 0.0012],
    ['two slips, or two of year, month and day', 0.025, 0.014],
    ['within a year', 0.006, 0.02],
    ['within twelve years', 0.007, 0.24],
    ['different', 0.012, 0.725]
  ),
  field(
    'email',
    ['same', 0.7, 0.00002],
    ['a slip apart', 0.15, 0.00002],
    ['same mailbox name', 0.05, 0.0005],
    ['different', 0.1, 0.9994]
  ),
  field('phone', ['same', 0.7, 0.00005], ['a slip apart', 0.1, 0.0005], ['different', 0.2, 0.9994]),
  field(
    'identifier',
    ['same', 0.88, 0.000005],
    ['a slip apart', 0.1, 0.00005],
    ['different', 0.02, 0.9999]
  ),
  field(
    'address',
    ['same', 0.6, 0.0001],
    ['same building, other unit', 0.02, 0.0002],
    ['same street, number a slip apart', 0.08, 0.0006],
    ['same street', 0.05, 0.003],
    ['same number and house', 0.03, 0.0003],
    ['different', 0.22, 0.995]
  ),
  field(
    'place',
    ['same town and postcode', 0.6, 0.01],
    ['same postcode', 0.12, 0.004],
    ['same town, postcode near', 0.06, 0.004],
    ['same town', 0.07, 0.03],
    ['near', 0.03, 0.02],
    ['different', 0.12, 0.932]
  ),
  field(
    'organisation',
    ['same', 0.5, 0.0005],
    ['mostly the same words', 0.15, 0.001],
    ['one within the other', 0.12, 0.004],
    ['shares a rare word', 0.13, 0.03],
    ['different', 0.1, 0.9645]
  ),
  field('birthplace', ['same', 0.8, 0.02], ['similar', 0.06, 0.01], ['different', 0.14, 0.97]),
  field('occupation', ['same', 0.8, 0.04], ['similar', 0.05, 0.02], ['different', 0.15, 0.94]),
  field('gender', ['same', 0.98, 0.5], ['different', 0.02, 0.5])
]

export const GIVEN = 0,
  FAMILY = 1,
  MIDDLE = 2,
  BIRTH = 3,
  EMAIL = 4,
  PHONE = 5,
  IDENTIFIER = 6,
  ADDRESS = 7,
  PLACE = 8,
  ORGANISATION = 9,
  BIRTHPLACE = 10,
  OCCUPATION = 11,
  GENDER = 12
