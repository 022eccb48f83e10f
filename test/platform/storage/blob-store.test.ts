import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { INLINE_LIMIT, sha256 } from '../../../platform/storage/blob-store.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
let root: string
beforeAll(async () => {
  runtime = await createTestRuntime()
  root = path.join(runtime.settings.DATA_DIR, 'blobs')
})
afterAll(() => runtime.remove())

const fileOf = (hash: string) => path.join(root, hash.slice(0, 2), hash)
const isInline = async (hash: string) =>
  (await runtime.db
    .selectFrom('blobs')
    .select('sha256')
    .where('sha256', '=', hash)
    .executeTakeFirst()) !== undefined

test.each([
  [0, true],
  [1, true],
  [INLINE_LIMIT, true],
  [INLINE_LIMIT + 1, false]
])(
  '%i bytes: in the database %p, else in a file; found again by their hash',
  async (size, inline) => {
    const bytes = randomBytes(size)
    const hash = await runtime.blobs.put(bytes)
    expect(hash).toBe(sha256(bytes))
    expect([await isInline(hash), fs.existsSync(fileOf(hash))]).toEqual([inline, !inline])
    expect((await runtime.blobs.get(hash)).equals(bytes)).toBe(true)
  }
)

test.each([10, 100_000])(
  'the same %i bytes may be stored again and at the same time',
  async (size) => {
    const bytes = randomBytes(size)
    const hashes = await Promise.all(Array.from({ length: 8 }, () => runtime.blobs.put(bytes)))
    expect(new Set(hashes)).toEqual(new Set([sha256(bytes)]))
    expect((await runtime.blobs.get(hashes[0]!)).equals(bytes)).toBe(true)
  }
)

test('a file is whole under its name or not there: it is written beside and renamed', async () => {
  const bytes = randomBytes(200_000)
  const hash = await runtime.blobs.put(bytes)
  const folder = path.dirname(fileOf(hash))
  expect(fs.readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
  expect(fs.statSync(fileOf(hash)).mode & 0o777).toBe(0o600)
  expect(fs.statSync(folder).mode & 0o777).toBe(0o700)
})

test("remains of a writer that was killed half-way are in nobody's way", async () => {
  const bytes = randomBytes(200_000)
  const target = fileOf(sha256(bytes))
  fs.mkdirSync(path.dirname(target), { recursive: true })
  fs.writeFileSync(path.join(path.dirname(target), '.half'), bytes.subarray(0, 1_000))
  await runtime.blobs.put(bytes)
  expect((await runtime.blobs.get(sha256(bytes))).equals(bytes)).toBe(true)
})

test("a file that cannot be written leaves nothing behind, and is nobody's receipt", async () => {
  const bytes = randomBytes(200_000)
  const folder = path.dirname(fileOf(sha256(bytes)))
  await runtime.blobs.putFile(bytes, sha256(bytes))
  fs.rmSync(folder, { recursive: true, force: true })
  fs.writeFileSync(folder, 'a file where the folder should be')
  await expect(
    runtime.acceptor.accept({
      channel: 'api',
      source: 'test',
      bytes,
      mediaType: 'text/plain',
      evidence: {}
    })
  ).rejects.toMatchObject({ code: 'INTAKE_STORE_DOWN', retry: true })
  expect(
    await runtime.db
      .selectFrom('contacts')
      .select('id')
      .where('raw_sha256', '=', sha256(bytes))
      .execute()
  ).toEqual([])
  fs.rmSync(folder)
  expect(
    (
      await runtime.acceptor.accept({
        channel: 'api',
        source: 'test',
        bytes,
        mediaType: 'text/plain',
        evidence: {}
      })
    ).repeated
  ).toBe(false)
})

test('several are answered in the order asked for, wherever they are', async () => {
  const contents = [randomBytes(100_000), randomBytes(5), randomBytes(90_000), randomBytes(0)]
  const hashes = await Promise.all(contents.map((bytes) => runtime.blobs.put(bytes)))
  expect(
    (await runtime.blobs.getMany([...hashes, hashes[1]!])).map((bytes) => sha256(bytes))
  ).toEqual([...hashes, hashes[1]])
  expect(await runtime.blobs.getMany([])).toEqual([])
})

test('what is not there says so', async () => {
  const there = await runtime.blobs.put(Buffer.from('there'))
  await expect(runtime.blobs.get('0'.repeat(64))).rejects.toMatchObject({
    code: 'READ_BLOB_MISSING'
  })
  await expect(runtime.blobs.getMany([there, '0'.repeat(64)])).rejects.toMatchObject({
    code: 'READ_BLOB_MISSING'
  })
})
