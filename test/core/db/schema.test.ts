import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fs from 'node:fs/promises'
import { schemaText } from '../../../scripts/schema-text.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterAll(() => ground.remove())

test('core/db/schema.sql shows what the migrations make (`npm run schema` writes it again)', async () => {
  expect(await schemaText(ground.db)).toBe(await fs.readFile('core/db/schema.sql', 'utf8'))
})

test('a change of the tables shows in the text', async () => {
  const before = await schemaText(ground.db)
  await ground.database.pool.query('alter table outbound add column extra text not null default \'x\'')
  const after = await schemaText(ground.db)
  expect(after.split('\n').filter((line) => !before.includes(line))).toEqual(["  extra text not null default 'x'::text,"])
})
