import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { deriveSecret, loadMasterSecret } from '../../platform/derived-keys.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

test('processes that start together share one master secret of 32 bytes, which stays', async () => {
  await runtime.db.deleteFrom('secrets').execute()
  const loaded = await Promise.all(Array.from({ length: 8 }, () => loadMasterSecret(runtime.db)))
  expect(new Set(loaded.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1)
  expect(loaded[0]).toHaveLength(32)
  expect(await loadMasterSecret(runtime.db)).toEqual(loaded[0])
})

test('each purpose has a key of its own, the same each time', () => {
  const master = Buffer.alloc(32, 1)
  expect(deriveSecret(master, 'reply')).toEqual(deriveSecret(master, 'reply'))
  expect(deriveSecret(master, 'reply')).not.toEqual(deriveSecret(master, 'csrf'))
  expect(deriveSecret(Buffer.alloc(32, 2), 'reply')).not.toEqual(deriveSecret(master, 'reply'))
})

test('two installations do not share secrets', async () => {
  const other = await createTestRuntime()
  expect(other.secret('reply')).not.toEqual(runtime.secret('reply'))
  await other.remove()
})
