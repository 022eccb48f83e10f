import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { isTokenFor } from '../../../platform/limits/one-time-tokens.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

test('of many at once with one token, one use is taken', async () => {
  const uses = Array.from({ length: 10 }, (_, n) => `use ${n}`)
  const taken = await Promise.all(uses.map((use) => isTokenFor(runtime.db, 'a', use, 60_000)))
  expect(taken.filter(Boolean)).toHaveLength(1)
  expect(await isTokenFor(runtime.db, 'a', uses[taken.indexOf(true)]!, 60_000)).toBe(true)
})

test('what no longer counts is cleared away, and neither token nor use is kept in words', async () => {
  await isTokenFor(runtime.db, 'old', 'a mail', 60_000)
  await sql`update one_time_tokens set expires_at = now() - interval '1 s'`.execute(runtime.db)
  await isTokenFor(runtime.db, 'new', 'a mail', 60_000)
  const { rows } = await sql<{ token: string; use: string }>`select * from one_time_tokens`.execute(
    runtime.db
  )
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toMatch(/new|a mail/)
})
