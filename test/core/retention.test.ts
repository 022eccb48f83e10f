import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { recognitionOf } from '../../config/schema.ts'
import { anyTables } from '../../core/db/database.ts'
import { comparable } from '../../core/duplicates/comparable.ts'
import { rememberMatters } from '../../core/duplicates/store.ts'
import { forgetOld } from '../../core/retention.ts'
import { randomUUID } from 'node:crypto'
import { createTestGround, type TestGround } from '../helpers/ground.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterAll(() => ground.remove())

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
const count = async (table: string) => (await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}`.execute(ground.db)).rows[0]!.count

test('what no window reaches is forgotten with its keys, a week after it; what one may reach is kept', async () => {
  const days = recognitionOf(ground.agency().departments).duplicateDays
  const matter = (age: number) => ({ contactId: randomUUID(), arrivedAt: daysAgo(age), text: comparable('The lamp at the corner of Hill Street has been dark for three weeks now.') })
  const [old, kept] = [matter(days + 8), matter(days + 6)]
  await rememberMatters(anyTables(ground.db), [old, kept])
  const keys = await count('duplicate_keys')
  expect(await forgetOld(ground)).toBe(1)
  expect((await sql`select contact_id from duplicate_matters`.execute(ground.db)).rows).toEqual([{ contact_id: kept.contactId }])
  expect(await count('duplicate_keys')).toBe(keys / 2)
})

test('counts of replies are kept for today and yesterday', async () => {
  await sql`insert into reply_budget (day, address_hash, replies) select current_date - n, 'x', 1 from generate_series(0, 3) as n`.execute(ground.db)
  expect(await forgetOld(ground)).toBe(2)
  expect(await count('reply_budget')).toBe(2)
})

test('one round forgets at most 500 of a kind, and the next goes on', async () => {
  await sql`insert into reply_budget (day, address_hash, replies) select current_date - 2, n::text, 1 from generate_series(1, 501) as n`.execute(ground.db)
  expect([await forgetOld(ground), await forgetOld(ground), await forgetOld(ground)]).toEqual([500, 1, 0])
})
