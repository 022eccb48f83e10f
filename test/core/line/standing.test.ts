import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { MARK_EVERY, standingOf } from '../../../core/line/standing.ts'
import { placeOf } from '../../../core/line/view.ts'
import { emptyLine, standMany, take } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterEach(() => emptyLine(runtime, 'parks'))
afterAll(() => runtime.remove())

test('a short line is counted as it is at this moment', async () => {
  const [first, second] = await standMany(runtime, 2)
  expect(await standingOf(runtime.db, second!)).toEqual({ place: 2, waiting: 2 })
  await take(runtime)
  expect(await standingOf(runtime.db, first!)).toBeUndefined()
  expect(await standingOf(runtime.db, second!)).toEqual({ place: 1, waiting: 1 })
})

test('in a long line every place is right, and counted without counting it all', async () => {
  const { db } = runtime
  const [first] = await standMany(runtime, 1)
  const many = MARK_EVERY * 3 + 7
  await sql`insert into cases (id, contact_id, department, state, arrived_at, ordinal, channel,
      receipt, language, part)
    select gen_random_uuid(), contact_id, department, 'waiting',
      arrived_at + make_interval(secs => n), ordinal + n, channel, receipt, language, n + 1
    from cases, generate_series(1, ${many}) as n where id = ${first!}`.execute(db)
  const { rows } = await sql<{ id: string }>`select id from cases where department = 'parks'
    and state = 'waiting' order by arrived_at, ordinal, id`.execute(db)
  const asked = [0, 1, MARK_EVERY - 1, MARK_EVERY, MARK_EVERY + 1, 2 * MARK_EVERY, many]
  for (const index of asked)
    expect(await standingOf(db, rows[index]!.id)).toEqual({
      place: (await placeOf(db, rows[index]!.id))!,
      waiting: many + 1
    })
  await sql`delete from cases where part > 1`.execute(db)
})
