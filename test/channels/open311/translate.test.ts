import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fs from 'node:fs'
import { fromFile } from '../../../channels/open311/from-file.ts'
import { formLimits } from '../../../channels/open311/limits.ts'
import { maskPersonal } from '../../../channels/open311/public-text.ts'
import { remoteFiles, translate } from '../../../channels/open311/translate.ts'
import { loadAgency, type Agency } from '../../../config/agency.ts'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import type { FetchedFile, StoredRaw } from '../../../core/intake/channel.ts'
import { Router } from '../../../core/routing/rules.ts'
import { routingInput } from '../../../core/routing/input.ts'
import { configFolder } from './support.ts'

let dir: string
let agency: Agency
beforeAll(async () => {
  dir = configFolder()
  agency = await loadAgency(dir)
})
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }))

function stored(report: object, fetched?: FetchedFile[]): StoredRaw {
  const raw = fromFile('report.json', Buffer.from(JSON.stringify(report)), agency)
  return { ...raw, sha256: sha256(raw.bytes), ...(fetched ? { fetched } : {}) }
}

async function envelopeOf(report: object) {
  return (await translate(stored(report)))[0]!.envelope
}

describe('a stored report', () => {
  test('becomes an envelope with its kind, place and words, and needs no configuration for it', async () => {
    const envelope = await envelopeOf({
      service_code: '001',
      lat: 37.7,
      long: -122.4,
      address_string: '1234 5th Street',
      description: 'Cans',
      attribute: { WHISPAWN: 12, other: 'said' }
    })
    expect(envelope).toMatchObject({
      channel: 'open311',
      subject: 'Cans left out 24x7',
      text: 'Cans\n\nWhere: 1234 5th Street\nWhich ticket? 12\nother said',
      category: '001',
      place: { lat: 37.7, long: -122.4 },
      evidence: { category: '001', published: { description: 'Cans', address: '1234 5th Street' } }
    })
    expect(envelope.evidence).not.toHaveProperty('service')
  })

  test('shows routing the kind and the marked answers, and nothing of who sent it', async () => {
    const decide = async (report: object) =>
      new Router(agency.routes, 'general').decide(
        routingInput(
          await envelopeOf({
            address_id: '1',
            email: 'mayor@town.example',
            first_name: 'Mayor',
            ...report
          })
        )
      )[0]
    expect(await decide({ service_code: '001' })).toMatchObject({
      department: 'sanitation',
      rule: 'service-sanitation',
      evidence: { service: '001' }
    })
    expect(await decide({ service_code: 'DMV66', attribute: { WHISHETN: '124' } })).toMatchObject({
      department: 'parks',
      evidence: { service: 'DMV66', 'answer.WHISHETN': '124' }
    })
    expect(await decide({ service_code: 'DMV66', attribute: { WHISHETN: '123' } })).toMatchObject({
      department: 'general',
      rule: undefined
    })
    expect(
      await decide({ service_code: 'all-types', attribute: { kinds: ['a', 'b'] } })
    ).toMatchObject({ department: 'water', evidence: { 'answer.kinds': 'b' } })
  })

  test('carries the picture that was fetched for it, or says why there is none', async () => {
    const report = {
      service_code: '002',
      address_id: '1',
      media_url: 'https://photos.example/a/lamp.jpg'
    }
    expect(remoteFiles(stored(report))).toEqual([
      {
        url: 'https://photos.example/a/lamp.jpg',
        name: 'lamp.jpg',
        hosts: ['photos.example'],
        maxBytes: 10 * 1024 ** 2
      }
    ])
    expect(remoteFiles(stored({ ...report, media_url: 'https://other.example/lamp.jpg' }))).toEqual(
      []
    )
    const [found] = await translate(
      stored(report, [{ name: 'lamp.jpg', mediaType: 'image/jpeg', bytes: Buffer.from('JPEG') }])
    )
    expect(found).toMatchObject({
      envelope: {
        documents: [
          {
            name: 'lamp.jpg',
            mediaType: 'image/jpeg',
            bytes: 4,
            sha256: sha256(Buffer.from('JPEG'))
          }
        ]
      },
      contents: [Buffer.from('JPEG')]
    })
    const [missing] = await translate(
      stored(report, [{ name: 'lamp.jpg', missing: 'the host did not answer' }])
    )
    expect(missing!.envelope).toMatchObject({
      documents: [],
      evidence: {
        mediaMissing: 'the host did not answer',
        mediaUrl: 'https://photos.example/a/lamp.jpg'
      }
    })
  })

  test.each([
    [
      'without its service',
      (raw: StoredRaw): StoredRaw => ({ ...raw, evidence: {} }),
      'READ_UNPARSEABLE'
    ],
    [
      'whose service is something else',
      (raw: StoredRaw): StoredRaw => ({ ...raw, evidence: { service: 'pothole' } }),
      'READ_UNPARSEABLE'
    ],
    [
      'that is no form',
      (raw: StoredRaw): StoredRaw => ({ ...raw, mediaType: 'text/plain' }),
      'READ_UNPARSEABLE'
    ],
    [
      'of more text than is read',
      (raw: StoredRaw): StoredRaw => ({
        ...raw,
        bytes: Buffer.from(`description=${'x'.repeat(formLimits.textBytes)}`)
      }),
      'READ_LIMIT'
    ]
  ])('%s is left to a person', async (_what, change, code) => {
    await expect(
      translate(change(stored({ service_code: '002', address_id: '1' })))
    ).rejects.toMatchObject({ code })
  })
})

describe('a file handed in', () => {
  test('is a body as clients post it, or its arguments as JSON; the same file twice is the same delivery', () => {
    const body =
      'service_code=002&address_string=Main+St+5&api_key=secret-of-somebody&description=Moved'
    const raw = fromFile('report.txt', Buffer.from(body), agency)
    expect(Buffer.from(raw.bytes).toString()).toBe(
      'service_code=002&address_string=Main+St+5&api_key=******************&description=Moved'
    )
    expect(raw).toMatchObject({
      channel: 'open311',
      source: 'public',
      evidence: { category: '002' }
    })
    expect(raw.externalId).toBeUndefined()
  })
  test.each([
    ['nothing', ''],
    ['a broken file', '{"service_code":'],
    ['an unknown service', '{"service_code":"x","address_id":"1"}'],
    ['no location', 'service_code=002'],
    ['a list', '[1]'],
    ['too many arguments', `service_code=002&address_id=1&${'a=b&'.repeat(formLimits.fields)}`]
  ])('%s is refused with what is expected', (_what, text) => {
    expect(() => fromFile('x', Buffer.from(text), agency)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' })
    )
  })
  test('beyond its bound it is refused unread', () => {
    expect(() => fromFile('x', Buffer.alloc(3 * formLimits.textBytes + 1, 'x'), agency)).toThrow(
      expect.objectContaining({ code: 'INTAKE_TOO_LARGE' })
    )
  })
})

test.each([
  ['call 415-555-0100 or +1 (415) 555 0100', 'call […] or […]'],
  ['a.b+c@mail.example, me@x.org.', '[…], […]'],
  ['house 1234, 12 May 2026, $1,500, zip 94122', 'house 1234, 12 May 2026, $1,500, zip 94122'],
  ['Ana Ruiz lives here, ANA says; banana', '[…] […] lives here, […] says; banana'],
  ['account 12345678', 'account […]'],
  ['see https://x.example/a?b=1 and www.y.example', 'see […] and […]']
])('masking for everybody: %s', (text, masked) => {
  expect(maskPersonal(text, { name: 'Ana Ruiz', emails: [], phones: [], addresses: [] })).toBe(
    masked
  )
})
