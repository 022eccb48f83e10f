import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fs from 'node:fs/promises'
import { schemaText } from '../../../scripts/schema-text.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

test('platform/db/schema.sql shows what the migrations make (`npm run schema` writes it again)', async () => {
  expect(await schemaText(runtime.db)).toBe(await fs.readFile('platform/db/schema.sql', 'utf8'))
})

test('a change of the tables shows in the text', async () => {
  const before = await schemaText(runtime.db)
  await runtime.database.pool.query(
    "alter table outbound add column extra text not null default 'x'"
  )
  const after = await schemaText(runtime.db)
  expect(after.split('\n').filter((line) => !before.includes(line))).toEqual([
    "  extra text not null default 'x'::text,"
  ])
})
