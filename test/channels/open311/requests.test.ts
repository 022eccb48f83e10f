/**
 * GeoReport v2: GET Service Requests, GET Service Request, tokens. Clause by clause; see
 * docs/open311.md.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { MAX_ASKED, MAX_PAGE, MAX_REPORTS } from '../../../channels/open311/limits.ts'
import { quarantine } from '../../../core/contacts/quarantine.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { newId } from '../../../platform/ids.ts'
import { take } from '../../helpers/contacts.ts'
import { clause, contactOf, errors, json, openCity, xml, type City } from './support.ts'

const day = 24 * 3_600_000
const place = { lat: '37.76', long: '-122.42' }
let city: City
let old: string, cans: string, plate: string, closed: string, vehicle: string

beforeAll(async () => {
  city = await openCity()
  const {
    client,
    site: { runtime }
  } = city
  old = await client.report({ description: 'Long ago' })
  await sql`update contacts set arrived_at = now() - interval '91 days'`.execute(runtime.db)
  closed = await client.report({ description: 'Put back already', ...place })
  cans = await client.report({
    service_code: '001',
    description: 'Cans. Ask John Smith, john@mail.example or +1 (415) 555-0100, at 1234 5th Street',
    first_name: 'John',
    last_name: 'Smith',
    email: 'john@mail.example',
    phone: '415 555 0100',
    account_id: 'acc-77',
    device_id: 'dev-77',
    media_url: 'https://elsewhere.example/p.jpg',
    address_string: '1234 5th Street',
    'attribute[WHISPAWN]': 'plate 7ABC'
  })
  plate = await client.report({ ...place })
  vehicle = await client.report({
    service_code: 'DMV66',
    'attribute[WHISHETN]': '123',
    description: 'My neighbour lives in it',
    ...place
  })
  await city.settle([old, closed, cans, plate, vehicle])
  const taken = await take(runtime, 'staff:ann', 'streets')
  const again = await take(runtime, 'staff:ann', 'streets')
  await runtime.line.giveBack(taken!.caseId, 'staff:ann', 'that one is old')
  await runtime.line.close(again!.caseId, 'staff:ann', 'Plate put back, thanked Mrs. Roe')
})
afterAll(() => city.close())

async function ids(query = ''): Promise<string[]> {
  const page = await city.client.get(`requests.json${query}`)
  expect(page.status).toBe(200)
  return json(page).map(({ service_request_id: id }) => id as unknown as string)
}

async function refused(query: string): Promise<string[]> {
  const page = await city.client.get(`requests.xml${query}`)
  return [String(page.status), ...errors(page)]
}

describe('GET Service Requests', () => {
  clause(
    'R1',
    'without arguments: all public reports of the latest 90 days, latest first',
    async () => {
      expect(await ids()).toEqual([plate, cans, closed])
    }
  )
  clause(
    'R2',
    'service_request_id, several by commas or repeated, overrides all other arguments',
    async () => {
      expect(
        await ids(`?service_request_id=${cans},${old}&status=closed&service_code=002`)
      ).toEqual([cans, old])
      expect(await ids(`?service_request_id=${cans}&service_request_id=${plate}`)).toEqual([
        plate,
        cans
      ])
      expect(await ids('?service_request_id=nothing,000000-000000-000000')).toEqual([])
    }
  )
  clause('R3', 'service_code, several by commas', async () => {
    expect(await ids('?service_code=001')).toEqual([cans])
    expect(await ids('?service_code=002')).toEqual([plate, closed])
    expect(await ids('?service_code=001,002')).toEqual([plate, cans, closed])
    expect(await ids('?service_code=nothing')).toEqual([])
  })
  clause('R4', 'status open or closed, several by commas; anything else is 400', async () => {
    expect([
      await ids('?status=open'),
      await ids('?status=closed'),
      await ids('?status=open,closed')
    ]).toEqual([[plate, cans], [closed], [plate, cans, closed]])
    expect(await refused('?status=maybe')).toEqual(['400', '400 status must be open or closed.'])
  })
  clause(
    'R5',
    'start_date and end_date choose by requested_datetime, W3C format with zone',
    async () => {
      const at = (days: number) =>
        encodeURIComponent(new Date(Date.now() + days * day).toISOString())
      expect(await ids(`?start_date=${at(-95)}&end_date=${at(-90)}`)).toEqual([old])
      expect(await ids(`?end_date=${at(-90)}`)).toEqual([old])
      expect(await ids(`?start_date=${at(-1)}`)).toEqual([plate, cans, closed])
      expect(await ids(`?start_date=${at(-95)}`)).toEqual([old])
      const [date = ''] = new Date().toISOString().split('T')
      expect((await ids(`?start_date=${date}&end_date=${date}`)).length).toBeLessThanOrEqual(3)
      for (const wrong of [
        'yesterday',
        '2026-02-31T00:00:00Z',
        '2026-01-01T00:00:00',
        '2026-13-01'
      ]) {
        expect(await refused(`?start_date=${wrong}`)).toEqual([
          '400',
          '400 start_date and end_date must be dates with their zone, such as 2026-01-31T00:00:00Z.'
        ])
      }
    }
  )
  clause('R6', 'they may be 90 days apart and no more', async () => {
    expect(await ids('?start_date=2026-01-01T00:00:00Z&end_date=2026-04-01T00:00:00Z')).toEqual([])
    expect(await refused('?start_date=2026-01-01T00:00:00Z&end_date=2026-04-01T00:00:01Z')).toEqual(
      ['400', '400 start_date and end_date may be at most 90 days apart.']
    )
    expect(await refused('?start_date=2026-01-02T00:00:00Z&end_date=2026-01-01T00:00:00Z')).toEqual(
      ['400', '400 start_date must not be after end_date.']
    )
  })
  clause(
    'R13',
    'updated_after and updated_before choose by updated_datetime, reports of any age',
    async () => {
      const { db } = city.site.runtime
      const at = (days: number) =>
        encodeURIComponent(new Date(Date.now() + days * day).toISOString())
      expect(await ids(`?updated_after=${at(-1)}`)).toEqual([plate, cans, closed, old])
      await sql`update cases set updated_at = now() - interval '3 days' where id = (select case_id
          from contacts where receipt = ${plate})`.execute(db)
      expect(await ids(`?updated_after=${at(-1)}`)).toEqual([cans, closed, old])
      expect(await ids(`?updated_before=${at(-1)}`)).toEqual([plate])
      expect(await ids(`?updated_after=${at(-4)}&updated_before=${at(-2)}`)).toEqual([plate])
      // The time that an answer told is enough to ask from.
      const { updated_datetime: told } = json(await city.client.get(`requests/${plate}.json`))[0]!
      expect(await ids(`?updated_after=${told as unknown as string}`)).toEqual([
        plate,
        cans,
        closed,
        old
      ])
      expect(await ids(`?updated_after=${at(-1)}&start_date=${at(-1)}`)).toEqual([cans, closed])
      expect(await ids(`?updated_after=${at(-4)}&status=closed`)).toEqual([closed])
      expect(await refused('?updated_after=yesterday')).toEqual([
        '400',
        '400 updated_after and updated_before must be dates with their zone, such as 2026-01-31T00:00:00Z.'
      ])
      expect(
        await refused('?updated_after=2026-01-02T00:00:00Z&updated_before=2026-01-01T00:00:00Z')
      ).toEqual(['400', '400 updated_after must not be after updated_before.'])
      for (const since of ['2001-01-01', at(-91), at(-400)])
        expect(await ids(`?updated_after=${since}`)).toEqual([plate, cans, closed, old])
      expect(await ids(`?updated_after=2001-01-01&updated_before=${at(1)}`)).toEqual([
        plate,
        cans,
        closed,
        old
      ])
      expect(await ids(`?updated_after=2001-01-01&updated_before=${at(-2)}`)).toEqual([plate])
      expect([
        await ids(`?updated_after=${at(1)}`),
        await ids('?updated_before=2001-01-01')
      ]).toEqual([[], []])
      expect(await ids('?updated_after=2001-01-01&page_size=2')).toEqual([plate, cans])
    }
  )
  clause(
    'R7',
    'at most 1,000 to an answer; page and page_size (an extension) go on from there',
    async () => {
      expect([
        await ids('?page_size=2'),
        await ids('?page_size=2&page=2'),
        await ids('?page_size=2&page=3'),
        await ids(`?page=${MAX_PAGE}`)
      ]).toEqual([[plate, cans], [closed], [], []])
      expect(await ids(`?page_size=${MAX_REPORTS}`)).toHaveLength(3)
      expect(await refused(`?page_size=${MAX_REPORTS + 1}&page=0`)).toEqual([
        '400',
        `400 page must be a number from 1 to ${MAX_PAGE}.`,
        `400 page_size must be a number from 1 to ${MAX_REPORTS}.`
      ])
      expect(await refused(`?page=${MAX_PAGE + 1}`)).toHaveLength(2)
      expect(MAX_REPORTS).toBe(1000)
    }
  )
  clause('R8', 'a bounded number of ids may be asked for at once', async () => {
    const many = (count: number) =>
      `?service_request_id=${Array.from({ length: count }, () => cans).join(',')}`
    expect(await ids(many(MAX_ASKED))).toEqual([cans])
    expect(await refused(many(MAX_ASKED + 1))).toEqual([
      '400',
      `400 service_request_id names more than ${MAX_ASKED} reports.`
    ])
  })
  clause('R9', 'every field of the table, dates with zone', async () => {
    const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(
      xml(await city.client.get(`requests.xml?service_request_id=${plate}`))['service_requests']![
        'request'
      ]
    ).toEqual({
      service_request_id: plate,
      status: 'open',
      status_notes: 'It is waiting in line.',
      service_name: 'Construction plate shifted',
      service_code: '002',
      description: 'It has moved',
      agency_responsible: 'Streets and Sidewalks',
      service_notice: '',
      requested_datetime: date,
      updated_datetime: date,
      expected_datetime: '',
      address: 'Main St 5',
      address_id: '',
      zipcode: '',
      lat: '37.76',
      long: '-122.42',
      media_url: ''
    })
  })
  clause('R10', 'closed once answered or handed off; then updated_datetime is when', async () => {
    const [found] = json(await city.client.get(`requests.json?service_request_id=${closed}`))
    expect(found).toMatchObject({ status: 'closed', status_notes: 'It is closed.' })
    expect(Date.parse(found!['updated_datetime']!)).toBeGreaterThanOrEqual(
      Date.parse(found!['requested_datetime']!)
    )
  })
  test('says of a closed one that an answer is still to come, until it has gone', async () => {
    const { db } = city.site.runtime
    const notes = async () =>
      json(await city.client.get(`requests.json?service_request_id=${closed}`))[0]!['status_notes']
    const { id: contact_id } = await contactOf(city, closed)
    const due_at = new Date(Date.now() + day)
    const entry = { id: newId(), contact_id, kind: `answer:${newId()}`, due_at } as const
    await db.insertInto('outbound').values(entry).execute()
    expect(await notes()).toBe('It is closed. The person who reported it will get an answer.')
    await db.deleteFrom('outbound').where('id', '=', entry.id).execute()
    expect(await notes()).toBe('It is closed.')
  })
})

describe('GET Service Request', () => {
  clause('R11', 'by its id in the address, as soon as it was sent', async () => {
    const id = await city.client.report()
    expect(json(await city.client.get(`requests/${id}.json`))).toMatchObject([
      {
        service_request_id: id,
        status: 'open',
        status_notes: 'It has arrived and is being read.',
        service_code: '002'
      }
    ])
    await city.settle([id])
    expect(
      xml(await city.client.get(`requests/${id.toLowerCase()}`))['service_requests']!['request']![
        'status_notes'
      ]
    ).toBe('It is waiting in line.')
    await city.site.runtime.db
      .updateTable('contacts')
      .set({ arrived_at: sql`now() - interval '100 days'` })
      .where('receipt', '=', id)
      .execute()
  })
  clause('R12', '404 for an id that is not found, 400 for none', async () => {
    for (const id of ['nothing', '000000-000000-000000', '638344']) {
      const page = await city.client.get(`requests/${id}.xml`)
      expect([page.status, errors(page)]).toEqual([404, ['404 service_request_id was not found.']])
    }
    expect(errors(await city.client.get('requests/.xml'))).toEqual([
      '400 service_request_id was not provided.'
    ])
  })
})

describe('GET service_request_id from a token', () => {
  clause(
    'T1',
    'gives the id; every report has its id at once, so that it is its own token',
    async () => {
      expect(json(await city.client.get(`tokens/${cans}.json`))).toEqual([
        { service_request_id: cans, token: cans }
      ])
      expect(
        xml(await city.client.get(`tokens/${cans}.xml`))['service_requests']!['request']
      ).toEqual({ service_request_id: cans, token: cans })
    }
  )
  clause('T2', '404 for a token that is not found, 400 for none', async () => {
    expect(errors(await city.client.get('tokens/12345.xml'))).toEqual(['404 token was not found.'])
    for (const none of ['tokens.xml', 'tokens/.xml'])
      expect(errors(await city.client.get(none))).toEqual(['400 token was not provided.'])
  })
})

describe('what anybody may read', () => {
  test('is no word about who sent it, nor how to reach them, nor answers, nor links, nor what staff wrote', async () => {
    const text =
      (await city.client.get('requests.json')).text +
      (await city.client.get('requests.xml')).text +
      (await city.client.get(`requests/${cans}.json`)).text
    expect(text).toContain('Cans. Ask […] […], […] or […], at 1234 5th Street')
    expect(text).not.toMatch(
      /john|smith|mail\.example|415|acc-77|dev-77|elsewhere|7ABC|Roe|staff|ann/i
    )
  })

  test('is nothing of services that are not public; with its receipt, the state alone', async () => {
    expect(await ids('?service_code=DMV66')).toEqual([])
    const page = await city.client.get(`requests/${vehicle}.json`)
    expect(json(page)).toMatchObject([
      {
        service_request_id: vehicle,
        status: 'open',
        service_code: 'DMV66',
        description: null,
        address: null,
        lat: null,
        long: null
      }
    ])
    expect(page.text).not.toContain('neighbour')
  })

  test('is nothing of what waits in quarantine; with its receipt, that a person looks at it', async () => {
    const id = await city.client.report({ description: 'Not looked at yet' })
    await quarantine(
      city.site.runtime.db,
      (await contactOf(city, id)).id,
      'read',
      new EvenhandError('READ_UNPARSEABLE')
    )
    expect(await ids()).not.toContain(id)
    const page = await city.client.get(`requests/${id}.json`)
    expect(json(page)).toMatchObject([
      {
        status: 'open',
        status_notes: 'A person is looking at it. Its place in line is kept.',
        description: null
      }
    ])
  })

  test('is nothing that came by another channel, whoever holds its receipt', async () => {
    const { receipt } = await city.site.runtime.acceptor.accept({
      channel: 'email',
      source: 'smtp',
      bytes: Buffer.from('x'),
      mediaType: 'message/rfc822',
      evidence: { category: '002' }
    })
    expect((await city.client.get(`requests/${receipt}.xml`)).status).toBe(404)
    expect(await ids()).not.toContain(receipt)
  })

  test('stays what it was when the report was sent: a service made public later publishes nothing of before', async () => {
    const { evidence } = (await contactOf(city, vehicle)).envelope!
    expect(evidence).not.toHaveProperty('published')
  })
})
