/** GeoReport v2: POST Service Request and errors. Clause by clause; see docs/open311.md. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import {
  formLimits,
  MAX_ANSWER,
  MAX_BODY_BYTES,
  MAX_DESCRIPTION,
  maxLength
} from '../../../channels/open311/limits.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { addKey } from '../../../core/access/api-keys.ts'
import { clause, contactOf, errors, json, openCity, xml, type City } from './support.ts'

let city: City
let locked: City
beforeAll(async () => {
  ;[city, locked] = await Promise.all([
    openCity(),
    openCity((services) => `keyRequired: true\n${services}`)
  ])
})
afterAll(() => Promise.all([city.close(), locked.close()]))

const place = { lat: '37.76524078', long: '-122.4212043' }
const report = { service_code: '002', ...place, description: 'It has moved' }

async function stored({ site } = city): Promise<number> {
  return Number(
    (
      await site.runtime.db
        .selectFrom('contacts')
        .select(({ fn }) => fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
    ).n
  )
}

/** Expects a refusal before anything is stored. */
async function expectRefused(
  body: Parameters<City['client']['post']>[0],
  expected: [status: number, ...errors: string[]],
  at = city
): Promise<void> {
  const before = await stored(at)
  const page = await at.client.post(body)
  expect([page.status, ...errors(page)]).toEqual(expected)
  expect(await stored(at)).toBe(before)
}

describe('POST Service Request', () => {
  clause(
    'P1',
    'a form makes a request and answers with service_request_id, service_notice and account_id',
    async () => {
      const page = await city.client.post({ ...report, service_code: '001', account_id: '123456' })
      expect(page.status).toBe(200)
      const { service_request_id: id, ...rest } = xml(page)['service_requests']![
        'request'
      ]! as unknown as Record<string, string>
      expect(rest).toEqual({ service_notice: 'The City will inspect.', account_id: '123456' })
      expect(await contactOf(city, id!)).toMatchObject({
        channel: 'open311',
        source: 'public',
        state: 'accepted'
      })
    }
  )
  clause('P2', 'in JSON the answer is a list of one', async () => {
    const page = await city.client.post(report, {}, 'requests.json')
    expect(json(page)).toEqual([
      {
        service_request_id: expect.stringMatching(/^[0-9A-Z]{6}(-[0-9A-Z]{6}){2}$/),
        service_notice: null,
        account_id: null
      }
    ])
  })
  clause('P3', 'no token is returned with an id', async () => {
    expect((await city.client.post(report)).text).not.toContain('token')
  })
  clause('P4', '400 where service_code was not provided, or is empty', async () => {
    for (const body of [place, { ...place, service_code: ' ' }])
      await expectRefused(body, [400, '400 service_code was not provided.'])
  })
  clause('P5', '404 where service_code was not found', () =>
    expectRefused({ ...place, service_code: '999' }, [404, '404 service_code was not found.'])
  )
  clause('P6', '404 where jurisdiction_id was not found', () =>
    expectRefused({ ...report, jurisdiction_id: 'x.example' }, [
      404,
      '404 jurisdiction_id was not found.'
    ])
  )
  clause('P7', 'a location is lat and long, or address_string, or address_id', async () => {
    for (const location of [
      place,
      { address_string: '8th Ave and Judah St' },
      { address_id: '545483' }
    ])
      expect((await city.client.post({ service_code: '002', ...location })).status).toBe(200)
    await expectRefused({ service_code: '002' }, [
      400,
      '400 A location was not provided: lat and long, or address_string, or address_id.'
    ])
  })
  clause('P8', 'lat and long are sent both or not at all, in degrees', async () => {
    for (const half of [{ lat: '37.7' }, { long: '-122.4' }])
      await expectRefused({ service_code: '002', ...half }, [
        400,
        '400 lat and long must be sent together.'
      ])
    for (const off of [
      { lat: '90.0001', long: '0' },
      { lat: '0', long: '-180.0001' },
      { lat: 'north', long: '0' },
      { lat: '1e1', long: '0' },
      { lat: 'NaN', long: 'NaN' }
    ]) {
      await expectRefused({ service_code: '002', ...off }, [
        400,
        '400 lat and long must be degrees (WGS 84): -90 to 90 and -180 to 180.'
      ])
    }
    for (const edge of [
      { lat: '90', long: '180' },
      { lat: '-90', long: '-180' },
      { lat: '0', long: '0' }
    ])
      expect((await city.client.post({ service_code: '002', ...edge })).status).toBe(200)
  })
  clause(
    'P9',
    'a description has at most 4,000 characters; an emoji is one, a line break is one',
    async () => {
      for (const most of [
        'x'.repeat(MAX_DESCRIPTION),
        '😀'.repeat(MAX_DESCRIPTION),
        '\r\n'.repeat(MAX_DESCRIPTION - 2).padStart(2 * MAX_DESCRIPTION - 3, 'x') + 'x'
      ]) {
        expect((await city.client.post({ ...report, description: most })).status).toBe(200)
      }
      await expectRefused({ ...report, description: 'x'.repeat(MAX_DESCRIPTION + 1) }, [
        400,
        '400 description has more than 4000 characters.'
      ])
      expect(MAX_DESCRIPTION).toBe(4000)
    }
  )
  clause('P10', 'an attribute that is required was not provided: 400 that names it', () =>
    expectRefused({ ...place, service_code: 'DMV66' }, [
      400,
      '400 attribute[WHISHETN] was not provided.'
    ])
  )
  clause(
    'P11',
    'attribute[code]=value, and attribute[code][]=value for lists of several',
    async () => {
      const page = await city.client.post([
        ['service_code', 'all-types'],
        ['address_id', '1'],
        ['attribute[kinds][]', 'a'],
        ['attribute[kinds][]', 'c'],
        ['attribute[count]', '12.5'],
        ['attribute[story]', 'one\ntwo']
      ])
      const id = xml(page)['service_requests']!['request']!['service_request_id']!
      await city.settle([id])
      expect((await contactOf(city, id)).envelope).toMatchObject({
        text: 'Where: 1\nWhich kinds? Apples, Plums\nHow many? 12.5\nWhat happened? one\ntwo',
        answers: { kinds: 'a\nc' }
      })
    }
  )
  clause(
    'P12',
    'values must be of their type: of the list, a number, a date by ISO 8601, one where one is asked',
    async () => {
      const wrong = (code: string, value: string, problem: string) =>
        expectRefused({ ...place, service_code: 'all-types', [`attribute[${code}]`]: value }, [
          400,
          `400 attribute[${code}] ${problem}`
        ])
      await wrong('kinds', 'd', 'must be one of a, b, c.')
      await wrong('count', 'many', 'must be a number.')
      await wrong(
        'since',
        'yesterday',
        'must be a date such as 2026-01-31 or 2026-01-31T08:15:30-05:00.'
      )
      await wrong(
        'since',
        '2026-02-31',
        'must be a date such as 2026-01-31 or 2026-01-31T08:15:30-05:00.'
      )
      await expectRefused(
        [
          ['service_code', 'DMV66'],
          ['address_id', '1'],
          ['attribute[WHISHETN]', '123'],
          ['attribute[WHISHETN]', '124']
        ],
        [400, '400 attribute[WHISHETN] takes one value.']
      )
      for (const since of [
        '2026-01-31',
        '2026-01-31T08:15Z',
        '1994-11-05T08:15:30-05:00',
        '1994-11-05T08:15:30 05:00'
      ])
        expect(
          (
            await city.client.post({
              ...place,
              service_code: 'all-types',
              'attribute[since]': since
            })
          ).status
        ).toBe(200)
    }
  )
  clause('P13', 'an empty argument counts as one not sent', async () => {
    const id = await city.client.report({
      email: '',
      phone: ' ',
      'attribute[x]': '',
      lat: '',
      long: '',
      account_id: ''
    })
    await city.settle([id])
    expect((await contactOf(city, id)).envelope).toMatchObject({
      sender: { emails: [], phones: [], addresses: [] },
      text: 'It has moved\n\nWhere: Main St 5'
    })
  })
  clause(
    'P14',
    'who sent it: email, first_name, last_name and phone; device_id and account_id are claims',
    async () => {
      const id = await city.client.report({
        email: 'smit333@sfgov.example',
        first_name: 'john',
        last_name: 'smith',
        phone: '111111111',
        device_id: 'tt222111',
        account_id: '123456',
        ...place
      })
      await city.settle([id])
      const { envelope } = await contactOf(city, id)
      expect(envelope).toMatchObject({
        sender: {
          name: 'john smith',
          emails: ['smit333@sfgov.example'],
          phones: ['111111111'],
          addresses: []
        },
        place: { lat: 37.76524078, long: -122.4212043 },
        category: '002'
      })
      expect(envelope!.evidence).toMatchObject({ deviceId: 'tt222111', accountId: '123456' })
    }
  )
  clause(
    'P15',
    'media_url is kept with the report, and marked to be fetched only from hosts that the agency named',
    async () => {
      const media = async (media_url: string) =>
        (await contactOf(city, await city.client.report({ media_url }))).evidence
      expect(await media('https://photos.example/a/b.jpg')).toMatchObject({
        mediaUrl: 'https://photos.example/a/b.jpg',
        mediaHost: 'photos.example'
      })
      for (const other of [
        'http://photos.example/b.jpg',
        'https://photos.example.evil.example/b.jpg',
        'https://x:y@photos.example/b.jpg',
        'https://photos.example:8443/',
        'file:///etc/passwd',
        'no address'
      ]) {
        expect(await media(other)).toMatchObject({ mediaUrl: other })
        expect(await media(other)).not.toHaveProperty('mediaHost')
      }
    }
  )
  clause('P16', 'text is UTF-8 and comes back as it was sent', async () => {
    const id = await city.client.report({
      description: 'Bache <b>frente</b> & "atrás" — 水漏れ 😀 \u0001'
    })
    await city.settle([id])
    expect(json(await city.client.get(`requests/${id}.json`))[0]!['description']).toBe(
      'Bache <b>frente</b> & "atrás" — 水漏れ 😀 \u0001'
    )
    expect(
      xml(await city.client.get(`requests/${id}.xml`))['service_requests']!['request']![
        'description'
      ]
    ).toBe('Bache <b>frente</b> & "atrás" — 水漏れ 😀 \uFFFD')
  })
})

describe('api_key', () => {
  clause('K1', '403 where a key is required and missing or invalid', async () => {
    await expectRefused(report, [403, '403 api_key was not provided.'], locked)
    await expectRefused(
      { ...report, api_key: 'xyz' },
      [403, '403 The api_key is not valid for reports.'],
      locked
    )
    const { secret } = await addKey(
      locked.site.runtime.db,
      { name: 'a board in the hall', scopes: ['line:read:*'] },
      'cli:test'
    )
    await expectRefused(
      { ...report, api_key: secret },
      [403, '403 The api_key is not valid for reports.'],
      locked
    )
  })
  clause('K2', 'reading needs no key', async () => {
    for (const address of ['services.xml', 'services/001.xml', 'requests.xml'])
      expect((await locked.client.get(address)).status).toBe(200)
  })
  clause('K3', 'with the key the client is on record, and the key itself nowhere', async () => {
    const { id, secret: clientKey } = await addKey(
      locked.site.runtime.db,
      { name: 'FixMyStreet', scopes: ['contacts:write'] },
      'cli:test'
    )
    const form = new FormData()
    for (const [name, value] of Object.entries({ api_key: clientKey, ...report }))
      form.append(name, value)
    for (const page of [
      await locked.client.post({ api_key: clientKey, ...report }),
      await locked.client.post(form),
      await locked.client.post(report, {}, `requests.xml?api_key=${clientKey}`)
    ]) {
      expect(page.status).toBe(200)
      const contact = await contactOf(
        locked,
        xml(page)['service_requests']!['request']!['service_request_id']!
      )
      expect(contact.source).toBe(`key:${id}`)
      const bytes = await locked.site.runtime.blobs.get(contact.raw_sha256)
      expect(bytes.includes(clientKey) || JSON.stringify(contact).includes(clientKey)).toBe(false)
      expect(bytes.includes('37.76524078')).toBe(true)
      const event = await locked.site.runtime.db
        .selectFrom('events')
        .select('actor')
        .where('contact_id', '=', contact.id)
        .where('kind', '=', 'contact.accepted')
        .executeTakeFirst()
      expect(event).toEqual({ actor: `key:${id}` })
    }
  })
})

describe('what is stored of a report', () => {
  const sent = (disposition: string, content: string) =>
    `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`
  const fields = Object.entries(report)
    .map(([name, value]) => sent(`name="${name}"`, value))
    .join('')
  const original = async (body: string, type = 'multipart/form-data; boundary=b') => {
    const page = await city.client.send(Buffer.from(body, 'latin1'), { 'content-type': type })
    expect(page.status).toBe(200)
    const contact = await contactOf(
      city,
      xml(page)['service_requests']!['request']!['service_request_id']!
    )
    return {
      contact,
      stored: Buffer.from(await city.site.runtime.blobs.get(contact.raw_sha256)).toString('latin1')
    }
  }
  /** A saved request of another program, as developers send one along. */
  const trace =
    '\r\nContent-Disposition: form-data; name="api_key"\r\n\r\nnot a key of ours\r\nContent-Disposition: x name=api_key\r\n\r\napi_key=1&api_key=2'

  test('a file that looks like a form with a key is kept as it came, byte for byte', async () => {
    const body = `${fields}${sent('name="media"; filename="trace.txt"', trace)}--b--\r\n`
    const { contact, stored: kept } = await original(body)
    expect(kept).toBe(body)
    expect(contact.evidence).not.toHaveProperty('crossedOut')
  })
  test('of a key its own bytes are crossed out, wherever it stands and however it is written; evidence says which', async () => {
    const { secret: key } = await addKey(
      city.site.runtime.db,
      { name: 'city app', scopes: ['contacts:write'] },
      'cli:test'
    )
    const parts = `${sent('name=api_key', key)}${fields}${sent('name="media"; filename="trace.txt"', trace)}${sent('filename=k; name="api_key"', key)}--b--\r\n`
    const pairs = `${new URLSearchParams(report).toString()}&description=api_key%3Dx&api_ke%79=${encodeURIComponent(key)}&api_key=&api_key=${key}`
    for (const [body, type] of [
      [parts, undefined],
      [pairs, 'application/x-www-form-urlencoded']
    ] as const) {
      const { contact, stored: kept } = await original(body, type)
      expect(kept).toBe(
        body
          .replaceAll(encodeURIComponent(key), (found) => '*'.repeat(found.length))
          .replaceAll(key, (found) => '*'.repeat(found.length))
      )
      const spans = contact.evidence['crossedOut'] as { field: string; from: number; to: number }[]
      expect(spans.map(({ field, from, to }) => [field, body.slice(from, to)])).toEqual([
        ['api_key', expect.stringContaining(key.slice(0, 4))],
        ['api_key', key]
      ])
    }
  })
  test('bytes that a pattern would try from each of a million places are looked at once', async () => {
    const flood = '\r\ncontent-disposition: name=api_key'.repeat(100_000)
    const { stored: kept } = await original(
      `${fields}${sent('name="media"; filename="flood.txt"', flood)}--b--\r\n`
    )
    expect(kept.length).toBeGreaterThan(flood.length)
  })
})

describe('errors', () => {
  clause('E1', 'are a list: all that is wrong is told at once', async () => {
    const page = await city.client.post({ lat: '1', email: 'x'.repeat(255) }, {}, 'requests.json')
    expect([page.status, json(page)]).toEqual([
      400,
      [
        { code: 400, description: 'service_code was not provided.' },
        { code: 400, description: 'lat and long must be sent together.' },
        { code: 400, description: 'email has more than 254 characters.' }
      ]
    ])
  })
  clause('E2', 'a resource that does not exist is 404, in the format asked for', async () => {
    expect((await city.client.get('nothing.xml')).status).toBe(404)
    expect(json(await city.client.get('nothing/1.json'))).toEqual([
      { code: 404, description: 'There is nothing at this address.' }
    ])
    expect((await city.client.post(report, {}, 'services.xml')).status).toBe(404)
  })
  clause('E3', 'what is no form, or broken, is 400', async () => {
    for (const [body, type] of [
      ['{"service_code":"002"}', 'application/json'],
      ['x', 'multipart/form-data; boundary=y'],
      ['x', 'multipart/form-data']
    ]) {
      const page = await city.client.send(body!, { 'content-type': type! })
      expect([page.status, errors(page)]).toEqual([
        400,
        ['400 A form was expected: application/x-www-form-urlencoded or multipart/form-data.']
      ])
    }
    expect(
      errors(await city.client.send('', { 'content-type': 'application/x-www-form-urlencoded' }))
    ).toHaveLength(2)
  })
  clause('E4', 'a body over its bound is 400 as well, and says so in XML', async () => {
    const page = await city.client.send(Buffer.alloc(MAX_BODY_BYTES + 1, 'x'), {
      'content-type': 'application/x-www-form-urlencoded'
    })
    expect([page.status, errors(page)]).toEqual([
      400,
      ['400 The contact is larger than this channel accepts.']
    ])
  })
  clause(
    'E5',
    'when it cannot be stored, 503 with Retry-After rather than 400: nothing is lost, and an honest client tries again',
    async () => {
      for (const code of ['INTAKE_BUSY', 'INTAKE_STORE_DOWN'] as const) {
        const accept = jest
          .spyOn(city.site.runtime.acceptor, 'accept')
          .mockRejectedValueOnce(new EvenhandError(code))
        const page = await city.client.post(report)
        accept.mockRestore()
        expect([
          page.status,
          page.headers.get('retry-after'),
          errors(page)[0]!.slice(0, 3)
        ]).toEqual([503, '30', '503'])
      }
    }
  )
})

describe('the same request again', () => {
  const once = (key: string, more: Record<string, string> = {}) =>
    city.client.post({ ...report, description: 'Once only', ...more }, { 'idempotency-key': key })
  const id = async (page: ReturnType<typeof once>) =>
    xml(await page)['service_requests']!['request']!['service_request_id']

  clause(
    'I1',
    'with its Idempotency-Key gets the first answer again, in any form of the same content',
    async () => {
      const first = await id(once('"a1"'))
      const form = new FormData()
      for (const [name, value] of Object.entries({ ...report, description: 'Once only' }))
        form.append(name, value)
      expect([
        await id(once('"a1"')),
        await id(city.client.post(form, { 'idempotency-key': '"a1"' }))
      ]).toEqual([first, first])
    }
  )
  clause(
    'I2',
    'with the key but another content is another report: it must not vanish behind the first',
    async () => {
      expect(await id(once('"a2"', { description: 'Twice' }))).not.toBe(await id(once('"a2"')))
    }
  )
  clause(
    'I3',
    'without a key is a report of its own: two neighbours may say the same of the same lamp',
    async () => {
      const [one, two] = [await id(city.client.post(report)), await id(city.client.post(report))]
      expect(one).not.toBe(two)
      await city.settle([one!, two!])
      expect(
        new Set([(await contactOf(city, one!)).case_id, (await contactOf(city, two!)).case_id]).size
      ).toBe(2)
    }
  )
})

describe('bounds', () => {
  test.each(Object.entries(maxLength))('%s has at most %i characters', async (name, most) => {
    expect((await city.client.post({ ...report, [name]: 'x'.repeat(most) })).status).toBe(200)
    await expectRefused({ ...report, [name]: 'x'.repeat(most + 1) }, [
      400,
      `400 ${name} has more than ${most} characters.`
    ])
  })
  test('an answer to an attribute, known or not, is bounded too', async () => {
    for (const code of ['WHISPAWN', 'unknown']) {
      expect(
        (
          await city.client.post({
            ...place,
            service_code: '001',
            [`attribute[${code}]`]: 'x'.repeat(MAX_ANSWER)
          })
        ).status
      ).toBe(200)
      await expectRefused(
        { ...place, service_code: '001', [`attribute[${code}]`]: 'x'.repeat(MAX_ANSWER + 1) },
        [400, `400 attribute[${code}] has more than ${MAX_ANSWER} characters.`]
      )
    }
  })
  test.each([
    [
      'files',
      () => Array.from({ length: formLimits.files }, () => 1),
      () => Array.from({ length: formLimits.files + 1 }, () => 1)
    ],
    ['bytes of files', () => [formLimits.fileBytes], () => [formLimits.fileBytes + 1]]
  ])('%s: the most is accepted, one more is refused', async (_what, at, over) => {
    const form = (sizes: number[]) => {
      const data = new FormData()
      for (const [name, value] of Object.entries(report)) data.append(name, value)
      for (const size of sizes)
        data.append('media', new Blob([Buffer.alloc(size, 'x')]), 'photo.jpg')
      return data
    }
    expect((await city.client.post(form(at()))).status).toBe(200)
    expect((await city.client.post(form(over()))).status).toBe(400)
  })
})
