import { describe, expect, test } from '@jest/globals'
import { addressOfParts, addressOfText } from '../../../core/matching/normalise/addresses.ts'
import { birthDigits } from '../../../core/matching/normalise/dates.ts'
import {
  emailAddress,
  isRoleMailbox,
  officialNumber,
  phoneDigits
} from '../../../core/matching/normalise/identifiers.ts'
import {
  distinctGivenNames,
  fullForm,
  nameOfParts,
  nameOfText,
  sameGivenName
} from '../../../core/matching/normalise/names.ts'
import {
  looksLikeOrganisation,
  organisationName
} from '../../../core/matching/normalise/organisations.ts'
import { fold, MAX_VALUE } from '../../../core/matching/normalise/text.ts'

describe('text', () => {
  test.each([
    ['José Ñandú', 'jose nandu'],
    ["O'Brien", 'obrien'],
    ['Łódź', 'lodz'],
    ['Иванов', 'ivanov'],
    ['ΓΙΏΡΓΟΣ', 'giorgos'],
    ['  a--b  ', 'a b'],
    ['constructor', 'constructor'],
    ['', ''],
    ['\u0000', '']
  ])('folds %j to %j', (text, folded) => {
    expect(fold(text)).toBe(folded)
  })

  test('keeps a value at the cap whole and cuts one just over it', () => {
    expect(fold('x'.repeat(MAX_VALUE))).toHaveLength(MAX_VALUE)
    expect(fold('x'.repeat(MAX_VALUE + 1))).toHaveLength(MAX_VALUE)
  })
})

describe('names', () => {
  test.each([
    [
      'Dr. Ana María de la Cruz',
      { given: 'ana', middle: ['maria'], family: 'de la cruz', suffix: '' }
    ],
    ['Smith, John Q., Jr.', { given: 'john', middle: ['q'], family: 'smith', suffix: 'jr' }],
    ['John Smith III', { given: 'john', middle: [], family: 'smith', suffix: 'iii' }],
    ['John Smith, Jr.', { given: 'john', middle: [], family: 'smith', suffix: 'jr' }],
    ['Cher', { given: 'cher', middle: [], family: '', suffix: '' }],
    ['Ludwig van Beethoven', { given: 'ludwig', middle: [], family: 'van beethoven', suffix: '' }],
    ['Mr constructor Smith', { given: 'constructor', middle: [], family: 'smith', suffix: '' }]
  ])('reads %s', (text, name) => {
    expect(nameOfText(text)).toEqual(name)
  })

  test('finds no name where there is no letter', () => {
    expect(nameOfText(' -- ')).toBeUndefined()
    expect(nameOfParts({ given: '', family: '' })).toBeUndefined()
  })

  test('takes a suffix from wherever it stands', () => {
    expect(nameOfParts({ given: 'John', family: 'Smith Sr.' })?.suffix).toBe('sr')
    expect(nameOfParts({ given: 'John', family: 'Smith', suffix: '2nd' })?.suffix).toBe('ii')
  })

  test('knows forms of one name, and names that are two', () => {
    expect(sameGivenName('bob', 'robert')).toBe(true)
    expect(sameGivenName('albert', 'robert')).toBe(false)
    expect(distinctGivenNames('mark', 'mary')).toBe(true)
    expect(distinctGivenNames('jayden', 'hayden')).toBe(true)
    expect(distinctGivenNames('bob', 'robert')).toBe(false)
    expect(distinctGivenNames('jayden', 'jaydne')).toBe(false)
    expect(fullForm('bob')).toBe('robert')
  })
})

describe('birth dates', () => {
  test.each([
    ['1956-04-09', '19560409'],
    ['19560409', '19560409'],
    ['4/9/1956', '19560409'],
    ['04/09/56', '19560409'],
    ['25/12/1980', '19801225'],
    ['Apr 9, 1956', '19560409'],
    ['9th April 1956', '19560409'],
    ['1856-01-81', '18560181'],
    ['1956', '1956'],
    ['1956-04-09T00:00:00Z', '19560409'],
    ['', ''],
    ['unknown', ''],
    ['x'.repeat(41), '']
  ])('reads %j as %j', (text, digits) => {
    expect(birthDigits(text)).toBe(digits)
  })

  test('reads the day first where the agency says so', () => {
    expect(birthDigits('4/9/1956', 'day-first')).toBe('19560904')
  })
})

describe('identifiers', () => {
  test.each([
    ['(312) 555-0187', '13125550187'],
    ['+1 312.555.0187 ext. 4', '13125550187'],
    ['555-0187', '5550187'],
    ['+44 20 7946 0958', '442079460958'],
    ['000-000-0000', ''],
    ['12', '']
  ])('reads the phone %j as %j', (text, digits) => {
    expect(phoneDigits(text)).toBe(digits)
  })

  test.each([
    ['Ann+Lists@Gmail.COM ', 'ann@gmail.com'],
    ['crm+17@Example.COM ', 'crm+17@example.com'],
    ['Ann <ann@example.com>', 'ann@example.com'],
    ['annsmith.example.com', 'annsmith.example.com'],
    ['ann', ''],
    ['@x', ''],
    [`${'a'.repeat(250)}@b.co`, '']
  ])('reads the mail address %j as %j', (text, address) => {
    expect(emailAddress(text)).toBe(address)
  })

  test('knows mailboxes that stand for an office', () => {
    expect(isRoleMailbox('issue-report@onebusaway.org')).toBe(true)
    expect(isRoleMailbox('ann@example.com')).toBe(false)
  })

  test('takes a filler for no number', () => {
    expect(officialNumber('000-00-0000')).toBe('')
    expect(officialNumber('078-05-1120')).toBe('078051120')
  })
})

describe('addresses', () => {
  test.each(['12 North Oak Street Apt 4B', '12 N. Oak St. #apt 4b', '12 N OAK ST, Unit 4B'])(
    'brings %s to one form',
    (text) => {
      expect(addressOfParts({ street: text })).toMatchObject({
        number: '12',
        street: 'oak',
        direction: 'n',
        unit: '4b'
      })
    }
  )

  test('takes town, state and ZIP off the end of a line', () => {
    expect(addressOfText('12 N. Oak St Apt 4, Springfield, IL 62704-1234')).toMatchObject({
      number: '12',
      street: 'oak',
      unit: '4',
      city: 'springfield',
      state: 'il',
      postcode: '62704'
    })
  })

  test('reads a German address by German words', () => {
    expect(
      addressOfParts(
        { number: '7', street: 'Lange Straße', postcode: '10115', city: 'Berlin' },
        'DE'
      )
    ).toMatchObject({ number: '7', street: 'lange', postcode: '10115' })
  })

  test('makes nothing of nothing', () => {
    expect(addressOfParts({ street: ' ', city: '' })).toBeUndefined()
  })
})

describe('organisations', () => {
  test.each([
    ['Agilent Technologies, Inc.', 'agilent technologies'],
    ['AKZO NOBEL N.V.', 'akzo nobel'],
    ['St. Mary Ctr', 'saint mary center'],
    ['constructor Ltd', 'constructor']
  ])('reads %s as %s', (text, name) => {
    expect(organisationName(text)).toBe(name)
  })

  test('tells a firm from a person', () => {
    expect(looksLikeOrganisation('Itsy Bitsy People Palace, Inc.')).toBe(true)
    expect(looksLikeOrganisation('Ana María de la Cruz')).toBe(false)
  })
})
