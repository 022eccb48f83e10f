import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fs from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { fax } from '../../../channels/fax/index.ts'
import { readSidecar, factsOfName } from '../../../channels/fax/sidecar.ts'
import { spoolFolder, spoolWatch, type SpoolOptions } from '../../../channels/fax/spool.ts'
import { intakeFor } from '../../../channels/register.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
let folder: string
beforeAll(async () => {
  runtime = await createTestRuntime()
  folder = spoolFolder(runtime.settings.DATA_DIR)
})
beforeEach(async () => {
  await fs.rm(folder, { recursive: true, force: true })
  await fs.mkdir(folder, { recursive: true })
})
afterAll(() => runtime.remove())

const tiff = () =>
  sharp({
    create: {
      width: 864,
      height: 1100,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 128, sigma: 30 }
    }
  })
    .tiff({ compression: 'lzw' })
    .toBuffer()
const put = (name: string, content: string | Uint8Array) =>
  fs.writeFile(path.join(folder, name), content)
const watch = (options: SpoolOptions = {}) =>
  spoolWatch(
    intakeFor(runtime, 'fax', {
      route: () => undefined,
      endpoint: () => undefined,
      service: () => undefined
    }),
    { stillMs: 0, ...options }
  )

async function looked(times = 2, one = watch()): Promise<number> {
  let taken = 0
  for (let look = 0; look < times; look++) taken += await one.look()
  return taken
}

async function contactOf(file: string) {
  return runtime.db
    .selectFrom('contacts')
    .selectAll()
    .where('external_id', 'like', `${file}:%`)
    .execute()
}

describe("a fax server's folder", () => {
  test('a TIFF with what HylaFAX says of it is accepted as it is, and both files are moved to done', async () => {
    const bytes = await tiff()
    await put(
      'ttyS0_000000123.txt',
      'DEVICE=ttyS0\nCOMMID=000000123\nMSG=\nSENDER=+1 202 555 0143\nCIDNUMBER=2025550143\nCIDNAME=PUBLIC LIBRARY\nCALLEDNUMBER=+12025550199\n'
    )
    await put('ttyS0_000000123.tif', bytes)
    expect(await looked()).toBe(1)
    const [contact] = await contactOf('ttyS0_000000123.tif')
    expect(contact).toMatchObject({
      channel: 'fax',
      source: 'spool',
      media_type: 'image/tiff',
      recipients: ['+12025550199'],
      evidence: {
        sidecar: 'read',
        fax: {
          device: 'ttyS0',
          communication: '000000123',
          stationId: '+1 202 555 0143',
          callerNumber: '2025550143',
          callerName: 'PUBLIC LIBRARY'
        }
      }
    })
    expect((await runtime.blobs.get(contact!.raw_sha256)).equals(bytes)).toBe(true)
    expect([
      await fs.readdir(folder),
      (await fs.readdir(path.join(folder, 'done'))).toSorted()
    ]).toEqual([['done'], ['ttyS0_000000123.tif', 'ttyS0_000000123.txt']])
  })

  test("what the machine calls itself is evidence and no phone number of the sender; the caller's number is", async () => {
    await put('ttyS0_7.txt', 'SENDER=+15550001111\nCIDNUMBER=(202) 555-0143\n')
    await put('ttyS0_7.tif', await tiff())
    await looked()
    const [contact] = await contactOf('ttyS0_7.tif')
    const [translation] = await fax.translate({
      channel: 'fax',
      source: 'spool',
      bytes: await runtime.blobs.get(contact!.raw_sha256),
      mediaType: contact!.media_type,
      recipients: contact!.recipients,
      evidence: contact!.evidence,
      sha256: contact!.raw_sha256
    })
    expect(translation!.envelope).toMatchObject({
      sender: { phones: ['2025550143'] },
      documents: [{ name: 'ttyS0_7.tif', mediaType: 'image/tiff', sha256: contact!.raw_sha256 }],
      evidence: { fax: { stationId: '+15550001111' } }
    })
  })

  test('with error text it is a delivery that broke off', async () => {
    await put('ttyS0_8.txt', 'MSG=Missing EOP after page 2\n')
    await put('ttyS0_8.tif', await tiff())
    await looked()
    const [contact] = await contactOf('ttyS0_8.tif')
    expect(contact!.evidence).toMatchObject({
      fax: { partial: true, error: 'Missing EOP after page 2' }
    })
  })

  test('a sidecar that says nothing readable, or is huge, goes along; the fax is taken', async () => {
    for (const [name, content] of [
      ['odd', '\u0000\u0001 no lines'],
      ['huge', `{"device":"${'x'.repeat(20_000)}"}`]
    ] as const) {
      await put(`${name}.json`, content)
      await put(`${name}.tif`, await tiff())
    }
    expect(await looked()).toBe(2)
    for (const name of ['odd', 'huge'])
      expect(await contactOf(`${name}.tif`)).toMatchObject([
        { evidence: { sidecar: 'unreadable', fax: {} } }
      ])
  })

  test('a half-written TIFF waits for its writer, however still it stands', async () => {
    const bytes = await tiff()
    const one = watch()
    await put('slow.tif', bytes.subarray(0, bytes.length / 2))
    expect(await looked(4, one)).toBe(0)
    await put('slow.tif', bytes)
    expect(await looked(2, one)).toBe(1)
    expect(await contactOf('slow.tif')).toMatchObject([{ raw_bytes: String(bytes.length) }])
  })

  test('one that nobody finishes is taken as it is after a while: a fax that broke off is a delivery', async () => {
    await put('broken.tif', (await tiff()).subarray(0, 5_000))
    expect(await looked(2, watch({ patienceMs: 0 }))).toBe(1)
    expect(await contactOf('broken.tif')).toHaveLength(1)
  })

  test('five processes looking at once take each fax once', async () => {
    const bytes = await Promise.all(Array.from({ length: 6 }, tiff))
    await Promise.all(bytes.map((one, index) => put(`many_${index}.tif`, one)))
    const watches = Array.from({ length: 5 }, () => watch())
    await Promise.all(watches.map((one) => looked(3, one)))
    const rows = await runtime.db
      .selectFrom('contacts')
      .select('external_id')
      .where('external_id', 'like', 'many%')
      .execute()
    expect([rows.length, (await fs.readdir(path.join(folder, 'done'))).length]).toEqual([6, 6])
  })

  test('one that dies between accepting and moving takes nothing twice', async () => {
    const bytes = await tiff()
    await put('twice.tif', bytes)
    await looked()
    // As the next process finds it.
    await put('twice.tif', bytes)
    await looked()
    expect(await contactOf('twice.tif')).toHaveLength(1)
  })

  test("the fax server's number used anew is another fax", async () => {
    for (let time = 0; time < 2; time++) {
      await put('ttyS0_1.tif', await tiff())
      await looked()
    }
    expect(await contactOf('ttyS0_1.tif')).toHaveLength(2)
  })

  test('the same fax sent again after a bad line is a contact of its own', async () => {
    const bytes = await tiff()
    for (const name of ['ttyS0_21.tif', 'ttyS0_22.tif']) {
      await put(name, bytes)
      await looked()
    }
    expect([
      ...(await contactOf('ttyS0_21.tif')),
      ...(await contactOf('ttyS0_22.tif'))
    ]).toHaveLength(2)
  })

  test('other files are left alone', async () => {
    for (const name of ['notes.docx', 'orphan.json', 'Thumbs.db']) await put(name, 'x')
    expect(await looked()).toBe(0)
    expect((await fs.readdir(folder)).toSorted()).toEqual([
      'Thumbs.db',
      'notes.docx',
      'orphan.json'
    ])
  })
})

test("facts from a file's name", () => {
  expect(factsOfName('ttyIAX1_000000042_+12025550143.tif')).toEqual({
    device: 'ttyIAX1',
    communication: '000000042',
    callerNumber: '+12025550143'
  })
  expect(factsOfName('ttyS0_000000042.tif')).toEqual({
    device: 'ttyS0',
    communication: '000000042'
  })
  expect(factsOfName('my scan.tif')).toEqual({})
})

test('facts from a sidecar, as JSON or as lines, unknown names passed over and long values cut', () => {
  expect(
    readSidecar('{"device":"ttyS0","commid":123,"tsi":"ACME","pages":3,"priority":"high"}')
  ).toEqual({
    readable: true,
    facts: { device: 'ttyS0', communication: '123', stationId: 'ACME', pages: 3 }
  })
  expect(
    readSidecar('CIDNUMBER="2025550143"\r\n# a comment\r\nMSG=No carrier\u0007detected\r\n')
  ).toEqual({
    readable: true,
    facts: { callerNumber: '2025550143', error: 'No carrier detected', partial: true }
  })
  expect(readSidecar(`SENDER=${'9'.repeat(2_000)}`).facts.stationId).toHaveLength(500)
  expect(readSidecar('')).toEqual({ readable: false, facts: {} })
  expect(readSidecar('["a list"]')).toEqual({ readable: false, facts: {} })
})
