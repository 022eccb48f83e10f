import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { recognitionOf } from '../../../config/schema.ts'
import { comparable } from '../../../core/duplicates/comparable.ts'
import { contentOf } from '../../../core/duplicates/content.ts'
import { indexContacts } from '../../../core/duplicates/store.ts'
import { forgetOld } from '../../../core/records/retention.ts'
import { randomUUID } from 'node:crypto'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const lamp = 'The lamp at the corner of Hill Street has been dark for three weeks now.'
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
const count = async (table: string) =>
  (
    await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}`.execute(
      runtime.db
    )
  ).rows[0]!.count

test('what no window reaches is forgotten with its keys, a week after it; what one may reach is kept', async () => {
  const days = recognitionOf(runtime.agency().departments).duplicateDays
  const contact = (age: number) => ({
    contactId: randomUUID(),
    arrivedAt: daysAgo(age),
    text: comparable(lamp),
    content: contentOf(lamp)
  })
  const [old, kept] = [contact(days + 8), contact(days + 6)]
  await indexContacts(runtime.db, [old, kept])
  const keys = await count('duplicate_keys')
  expect(await forgetOld(runtime)).toBe(1)
  expect((await sql`select contact_id from duplicate_contacts`.execute(runtime.db)).rows).toEqual([
    { contact_id: kept.contactId }
  ])
  expect(await count('duplicate_keys')).toBe(keys / 2)
})

test('counts of replies are kept for today and yesterday', async () => {
  await sql`insert into reply_budget (day, address_hash, replies) select current_date - n, 'x', 1
      from generate_series(0, 3) as n`.execute(runtime.db)
  expect(await forgetOld(runtime)).toBe(2)
  expect(await count('reply_budget')).toBe(2)
})

test('one round forgets at most 500 of a kind, and the next goes on', async () => {
  await sql`insert into reply_budget (day, address_hash, replies)
      select current_date - 2, n::text, 1 from generate_series(1, 501) as n`.execute(runtime.db)
  expect([await forgetOld(runtime), await forgetOld(runtime), await forgetOld(runtime)]).toEqual([
    500, 1, 0
  ])
})
