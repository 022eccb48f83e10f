import { describe, expect, test } from '@jest/globals'
import { readRegister } from '../../../core/matching/csv-register.ts'

describe('an agency’s register as CSV', () => {
  test('keeps what people read as it was written, and what machines compare in comparable form', () => {
    const { rows, rejects, columns } = readRegister(
      'id,First Name,Last Name,Phone,Street,City,State,Zip,Shoe size\n7,José,Muñoz,(312) 555-0187,12 N. Oak St,Springfield,IL,62704,44\n'
    )
    expect(rejects).toEqual([])
    expect(columns).toEqual({
      id: 'id',
      'First Name': 'given',
      'Last Name': 'family',
      Phone: 'phone',
      Street: 'street',
      City: 'city',
      State: 'state',
      Zip: 'postcode'
    })
    expect(rows[0]).toMatchObject({
      externalId: '7',
      person: {
        names: [{ given: 'jose', family: 'munoz' }],
        phones: ['13125550187'],
        addresses: [{ number: '12', street: 'oak', postcode: '62704' }]
      },
      shown: {
        names: ['José Muñoz'],
        phones: ['(312) 555-0187'],
        addresses: ['12 N. Oak St, Springfield IL 62704']
      }
    })
  })

  test('rejects rows without an id and rows that say nothing, without repeating their values', () => {
    const { rows, rejects } = readRegister(
      'id,name,email\n,Ann Brennan,\n2,,\n3,Bob Alvarez,bob@example.com\n4,a,b,c\n'
    )
    expect(rows.map(({ externalId }) => externalId)).toEqual(['3'])
    expect(rejects).toEqual([
      { line: 5, reason: 'has 4 fields where the header has 3' },
      { reason: 'has no id' },
      { externalId: '2', reason: 'says nothing by which anyone could be found' }
    ])
  })

  test('an empty file is an empty register', () => {
    expect(readRegister('')).toEqual({ rows: [], rejects: [], columns: {} })
  })
})
