import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { api } from '../../../channels/api/index.ts'
import { web } from '../../../channels/web/index.ts'
import {
  MAX_BODY_BYTES,
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_TEXT
} from '../../../channels/api/limits.ts'
import { draftSchema } from '../../../core/envelope.ts'
import { apiCaller, call, type ApiCaller } from '../../helpers/api.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'
import { openSite, type Site } from '../../helpers/site.ts'

let site: Site
let chat: ApiCaller
let pipeline: Pipeline
beforeAll(async () => {
  site = await openSite({}, [web, api])
  chat = await apiCaller(site, ['contacts:write'])
  pipeline = openPipeline(site.runtime)
})
afterAll(async () => {
  await pipeline.close()
  await site.close()
})

let ids = 0
const contact = (extra: object = {}) => ({
  id: `m${++ids}`,
  origin: 'chat',
  text: 'The swing is broken',
  recipients: ['parks@willowcreek.example'],
  ...extra
})
const find = (contactId: string) =>
  site.runtime.db
    .selectFrom('contacts')
    .selectAll()
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
const count = async () =>
  Number(
    (
      await site.runtime.db
        .selectFrom('contacts')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .executeTakeFirstOrThrow()
    ).n
  )

describe('a contact handed in', () => {
  test("is answered with a receipt once it has its place, and stands in its line under the key's name", async () => {
    const { status, json } = await chat.post(
      '/v1/contacts',
      contact({ sender: { name: 'Jo', emails: ['jo@home.example'] }, language: 'es' })
    )
    expect([status, json.receipt, json.statusUrl]).toEqual([
      201,
      expect.stringMatching(/^\w{6}-\w{6}-\w{6}$/),
      `http://town.example/r/${json.receipt}`
    ])
    await pipeline.run([json.contactId])
    expect(await find(json.contactId)).toMatchObject({
      channel: 'api',
      source: chat.actor,
      outcome: 'case',
      envelope: {
        text: 'The swing is broken',
        language: 'es',
        sender: { name: 'Jo', emails: ['jo@home.example'], phones: [] }
      }
    })
    const accepted = await site.runtime.db
      .selectFrom('events')
      .select('actor')
      .where('contact_id', '=', json.contactId)
      .where('kind', '=', 'contact.accepted')
      .executeTakeFirstOrThrow()
    expect(accepted.actor).toBe(chat.actor)
    expect((await chat.get(`/v1/contacts/${json.receipt}`)).json).toMatchObject({
      contactId: json.contactId,
      department: 'parks',
      place: 1,
      outcome: 'case',
      envelope: { channel: 'api' }
    })
    expect((await call(site.url, `/v1/receipts/${json.receipt}`)).json).toMatchObject({
      state: 'waiting',
      place: 1,
      departmentName: { en: 'Parks and Recreation' }
    })
  })

  test('again, with its id and content, is the same contact, however it is written down', async () => {
    const one = contact()
    const first = await chat.post('/v1/contacts', one)
    const spaced = await chat.post('/v1/contacts', JSON.stringify(one, null, 2))
    const form = new FormData()
    form.append('contact', JSON.stringify(one))
    const parts = await chat.post('/v1/contacts', form)
    expect([spaced.json, parts.json]).toEqual([first.json, first.json])
  })

  test('with an id that came with other content is a contact of its own: nothing said is taken for a retry', async () => {
    const one = contact()
    const first = await chat.post('/v1/contacts', one)
    const other = await chat.post('/v1/contacts', { ...one, text: 'And the slide as well' })
    expect(other.status).toBe(201)
    expect(other.json.receipt).not.toBe(first.json.receipt)
  })

  test('by two systems under one id is two contacts', async () => {
    const crm = await apiCaller(site, ['contacts:write'])
    const one = contact()
    expect((await crm.post('/v1/contacts', one)).json.receipt).not.toBe(
      (await chat.post('/v1/contacts', one)).json.receipt
    )
  })

  test('brings its files, in JSON or as parts, and they come back byte for byte', async () => {
    const bytes = Buffer.from('The swing: größer\r\nand a line\n')
    const form = new FormData()
    form.append(
      'contact',
      new Blob(
        [
          JSON.stringify(
            contact({
              files: [
                { name: 'a/b.txt', mediaType: 'text/plain', content: bytes.toString('base64') }
              ]
            })
          )
        ],
        { type: 'application/json' }
      )
    )
    form.append('photo', new File([bytes], 'swing.txt', { type: 'text/plain' }))
    const { json } = await chat.post('/v1/contacts', form)
    await pipeline.run([json.contactId])
    expect((await find(json.contactId)).envelope!.documents).toMatchObject([
      { name: 'a/b.txt', mediaType: 'text/plain', bytes: bytes.length },
      { name: 'swing.txt', mediaType: 'text/plain', bytes: bytes.length }
    ])
    for (const index of [0, 1]) {
      const file = await chat.get(`/v1/contacts/${json.receipt}/documents/${index}`)
      expect([
        file.status,
        file.bytes.equals(bytes),
        file.headers.get('content-security-policy'),
        file.headers.get('content-disposition')
      ]).toEqual([200, true, "default-src 'none'; sandbox", 'attachment'])
    }
    expect((await chat.get(`/v1/contacts/${json.receipt}/documents/2`)).status).toBe(404)
  })

  test('brings a file that is not what it says: not read by machine, and given out as bytes that no browser opens', async () => {
    const { json } = await chat.post(
      '/v1/contacts',
      contact({ files: [{ name: 'a.png', mediaType: 'image/png', content: 'AP8NCgE=' }] })
    )
    await pipeline.run([json.contactId])
    expect((await find(json.contactId)).envelope!.documents).toMatchObject([
      { withheld: expect.any(String) }
    ])
    const file = await chat.get(`/v1/contacts/${json.receipt}/documents/0`)
    expect([
      file.status,
      file.headers.get('content-security-policy'),
      file.headers.get('content-disposition')
    ]).toEqual([200, "default-src 'none'; sandbox", 'attachment'])
  })

  test('keeps what the system claims of it together, as evidence, where nothing takes it for a fact', async () => {
    const claims = { sentAt: '1990-01-01T00:00:00Z', quarantine: 'yes', verified: true, rank: 1 }
    const { json } = await chat.post('/v1/contacts', contact({ claims }))
    await pipeline.run([json.contactId])
    const row = await find(json.contactId)
    expect(row.state).toBe('settled')
    expect(row.envelope!.evidence).toEqual({
      source: chat.actor,
      origin: 'chat',
      id: expect.any(String),
      claims
    })
    expect(row.arrived_at.getFullYear()).toBeGreaterThan(2000)
  })

  test('of another system is not shown to it, nor to a department that does not serve it', async () => {
    const { json } = await chat.post('/v1/contacts', contact())
    await pipeline.run([json.contactId])
    const [crm, water, parks] = await Promise.all([
      apiCaller(site, ['contacts:write']),
      apiCaller(site, ['line:serve:water']),
      apiCaller(site, ['line:serve:parks'])
    ])
    expect(
      await Promise.all(
        [crm, water, parks].map(
          async (key) => (await key.get(`/v1/contacts/${json.receipt}`)).status
        )
      )
    ).toEqual([404, 404, 200])
    expect((await crm.get(`/v1/contacts/${json.contactId}/documents/0`)).status).toBe(404)
  })
})

describe('what a client cannot say', () => {
  test.each([
    'arrivedAt',
    'ordinal',
    'place_in_line',
    'priority',
    'verified',
    'constituentId',
    'department',
    'receipt',
    'channel',
    'evidence',
    'quarantine',
    '__proto__'
  ])('%s', async (name) => {
    const before = await count()
    const { status, json } = await chat.post(
      '/v1/contacts',
      `{"id":"x1","text":"hello","${name}":"1990-01-01T00:00:00Z"}`
    )
    expect([status, json.code, await count()]).toEqual([422, 'REQUEST_INVALID', before])
    expect(json.errors).toEqual([{ pointer: `#/${name}`, detail: 'There is no such field.' }])
  })

  test('that its sender is verified', async () => {
    const { json } = await chat.post(
      '/v1/contacts',
      contact({
        sender: { name: 'Jo', verified: true },
        parties: [{ role: 'subject', trusted: true }]
      })
    )
    expect(json.errors).toEqual(
      expect.arrayContaining([
        { pointer: '#/sender/verified', detail: 'There is no such field.' },
        { pointer: '#/parties/0/trusted', detail: 'There is no such field.' }
      ])
    )
  })
})

describe('what is refused with the place of each flaw', () => {
  test.each([
    [{ id: '' }, '#/id'],
    [{ text: 1 }, '#/text'],
    [{ text: ' ' }, '#/text'],
    [{ text: '\u200b\ufeff\u2800' }, '#/text'],
    [{ sender: { emails: ['x'.repeat(255)] } }, '#/sender/emails/0'],
    [{ place: { lat: 91, long: 0 } }, '#/place/lat'],
    [{ files: [{ name: 'a', content: 'not base64!' }] }, '#/files/0/content'],
    [{ files: [{ name: 'a', mediaType: 'image', content: '' }] }, '#/files/0/mediaType'],
    [{ language: 'English' }, '#/language'],
    [{ 'a/b~c': 1 }, '#/a~1b~0c'],
    [{ id: undefined }, '#/id']
  ])('%j', async (flaw, pointer) => {
    const { status, json } = await chat.post('/v1/contacts', { ...contact(), ...flaw })
    expect([status, json.errors[0].pointer]).toEqual([422, pointer])
  })

  test.each([
    [
      'a million keys',
      `{${Array.from({ length: 1_000_000 }, (_, n) => `"${n}":1`).join(',')}}`,
      'application/json'
    ],
    ['ten million brackets', '['.repeat(10_000_000), 'application/json'],
    ['a million parts', `--b${'\r\n--b'.repeat(1_000_000)}`, 'multipart/form-data; boundary=b'],
    [
      'a nest in the contact of a multipart body',
      `--b\r\nContent-Disposition: form-data; name="contact"\r\n\r\n${'['.repeat(1_000)}\r\n--b--`,
      'multipart/form-data; boundary=b'
    ]
  ])('%s: told before it is taken apart', async (_what, body, type) => {
    const { status, json } = await chat.post('/v1/contacts', body, { 'content-type': type })
    expect([status, json.code]).toEqual([413, 'INTAKE_TOO_LARGE'])
  })

  test.each([
    ['{', 'application/json'],
    ['x', 'application/json'],
    ['{}', 'text/plain'],
    ['x', 'multipart/form-data'],
    ['x', 'multipart/form-data; boundary=b'],
    ['--b\r\n\r\n', 'multipart/form-data; boundary=b']
  ])('%s as %s', async (body, type) => {
    const { status, json } = await chat.post('/v1/contacts', body, { 'content-type': type })
    expect([400, 415]).toContain(status)
    expect(json).toMatchObject({
      status,
      type: expect.stringMatching(/^http:\/\/town\.example\/v1\/docs#problem-/)
    })
  })

  test('text that is not UTF-8', async () => {
    const response = await fetch(`${site.url}/v1/contacts`, {
      method: 'POST',
      body: Buffer.from('{"id":"l1","text":"caf\xe9"}', 'latin1'),
      headers: { authorization: `Bearer ${chat.secret}`, 'content-type': 'application/json' }
    })
    expect(await response.json()).toMatchObject({
      status: 400,
      detail: 'the body is not JSON in UTF-8'
    })
  })
})

describe('bounds', () => {
  const withFiles = (sizes: number[]) => {
    const form = new FormData()
    form.append('contact', JSON.stringify(contact()))
    for (const [n, size] of sizes.entries())
      form.append('file', new File([Buffer.alloc(size, n)], `${n}.bin`))
    return form
  }
  const statusOf = async (body: unknown) => (await chat.post('/v1/contacts', body)).status

  test('so many files, and not one more', async () => {
    expect([
      await statusOf(withFiles(Array.from({ length: MAX_FILES }, () => 1))),
      await statusOf(withFiles(Array.from({ length: MAX_FILES + 1 }, () => 1)))
    ]).toEqual([201, 413])
  })

  test('so many bytes of files, and not one more, in parts and in JSON', async () => {
    expect([
      await statusOf(withFiles([MAX_FILE_BYTES])),
      await statusOf(withFiles([MAX_FILE_BYTES, 1]))
    ]).toEqual([201, 413])
    const inJson = (size: number) =>
      contact({ files: [{ name: 'a', content: Buffer.alloc(size).toString('base64') }] })
    expect([
      await statusOf(inJson(MAX_FILE_BYTES)),
      await statusOf(inJson(MAX_FILE_BYTES + 3))
    ]).toEqual([201, 422])
  })

  test('so much text, and not one character more', async () => {
    expect([
      await statusOf(contact({ text: 'é'.repeat(MAX_TEXT) })),
      await statusOf(contact({ text: 'x'.repeat(MAX_TEXT + 1) }))
    ]).toEqual([201, 422])
  })

  test('a body of nothing but boundaries, and one larger than any contact', async () => {
    const parts = await chat.post('/v1/contacts', '--b\r\n'.repeat(100_000), {
      'content-type': 'multipart/form-data; boundary=b'
    })
    expect([parts.status, await statusOf(' '.repeat(MAX_BODY_BYTES + 1))]).toEqual([413, 413])
  })
})

describe('an Idempotency-Key', () => {
  test('gives a repeat its first answer and refuses another body', async () => {
    const one = { text: 'Without an id of its own' }
    const key = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' }
    const first = await chat.post('/v1/contacts', one, key)
    const again = await chat.post('/v1/contacts', one, key)
    expect([
      first.status,
      again.status,
      again.json,
      again.headers.get('idempotency-replayed')
    ]).toEqual([201, 201, first.json, 'true'])
    expect((await chat.post('/v1/contacts', { text: 'Something else' }, key)).json).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED'
    })
  })

  test('that is none is refused, and a flawed request does not use one up', async () => {
    expect(
      (await chat.post('/v1/contacts', contact(), { 'idempotency-key': 'x'.repeat(256) })).json
    ).toMatchObject({ status: 400, code: 'IDEMPOTENCY_KEY_INVALID' })
    const key = { 'idempotency-key': 'once' }
    expect((await chat.post('/v1/contacts', { id: 1 }, key)).status).toBe(422)
    expect((await chat.post('/v1/contacts', contact(), key)).status).toBe(201)
  })
})

describe('a file handed in by the command line', () => {
  test('is read as the API would', async () => {
    const raw = api.fromFile(
      'one.json',
      Buffer.from(JSON.stringify(contact())),
      site.runtime.agency()
    )
    const [translation] = await api.translate({ ...raw, sha256: '' })
    expect(draftSchema.parse(translation!.envelope)).toMatchObject({
      channel: 'api',
      text: 'The swing is broken',
      recipients: ['parks@willowcreek.example']
    })
  })

  test.each(['', 'x', '[]', '{"text":1}', '{"text":"a","arrivedAt":"1990-01-01"}'])(
    'is refused where it is none: %s',
    (text) => {
      expect(() => api.fromFile('one.json', Buffer.from(text), site.runtime.agency())).toThrow(
        expect.objectContaining({ code: 'BAD_REQUEST' })
      )
    }
  )

  test('is bounded', () => {
    expect(() =>
      api.fromFile('one.json', Buffer.alloc(MAX_BODY_BYTES + 1, ' '), site.runtime.agency())
    ).toThrow(expect.objectContaining({ code: 'INTAKE_TOO_LARGE' }))
  })
})

test('a stored request that can no longer be read goes to a person', async () => {
  await expect(
    api.translate({
      channel: 'api',
      source: 'x',
      bytes: Buffer.from('{"text":1}'),
      mediaType: 'application/json',
      evidence: {},
      sha256: ''
    })
  ).rejects.toMatchObject({ code: 'READ_UNPARSEABLE' })
})
