/** Several processes tell one department: nothing twice, nothing out of order, whoever dies. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { tellDepartment } from '../../../core/webhooks/deliver.ts'
import { openLine } from '../../../core/webhooks/store.ts'
import { emptyLine, stand, standMany, take, town } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { openReceiver, withWebhooks, type Receiver } from '../../helpers/receiver.ts'

let plain: TestRuntime
let runtime: TestRuntime
let receiver: Receiver
beforeAll(async () => {
  plain = await createTestRuntime()
})
afterAll(() => plain.remove())
beforeEach(async () => {
  receiver = await openReceiver()
  runtime = withWebhooks(plain, { parks: { url: receiver.url } })
  await sql`truncate webhook_lines, webhook_failures`.execute(plain.db)
  await openLine(plain.db, 'parks')
})
afterEach(async () => {
  await receiver.close()
  await emptyLine(plain, 'parks')
})

const now = () =>
  sql`update webhook_lines set due_at = now() where department = 'parks'`.execute(plain.db)

describe('several processes', () => {
  test('tell a department once each thing, in order', async () => {
    const cases = await standMany(plain, 20)
    const told = await Promise.all(
      Array.from({ length: 6 }, () => tellDepartment(runtime, 'parks'))
    )
    expect([
      told.reduce((sum, n) => sum + n, 0),
      receiver.mostAtOnce(),
      receiver.taken.map(({ events }) => events[0]!.subject)
    ]).toEqual([20, 1, cases])
  })

  test('take over from one that died with a request in hand, and repeat that request', async () => {
    await standMany(plain, 2)
    await sql`update webhook_lines set claim = gen_random_uuid(),
        claimed_until = now() + interval '60 seconds' where department = 'parks'`.execute(plain.db)
    expect(await tellDepartment(runtime, 'parks')).toBe(0)
    await sql`update webhook_lines set claimed_until = now() - interval '1 second'
        where department = 'parks'`.execute(plain.db)
    expect(await tellDepartment(runtime, 'parks')).toBe(2)
  })

  test('that lost their claim meanwhile move nothing', async () => {
    const cases = await standMany(plain, 3)
    receiver.answer = async () => {
      if (receiver.asked.length === 1)
        await sql`update webhook_lines set claim = gen_random_uuid()
            where department = 'parks'`.execute(plain.db)
      return 204
    }
    expect(await tellDepartment(runtime, 'parks')).toBe(0)
    await sql`update webhook_lines set claim = null, claimed_until = null`.execute(plain.db)
    expect(await tellDepartment(runtime, 'parks')).toBe(3)
    expect(receiver.taken.map(({ events }) => events[0]!.subject)).toEqual([cases[0], ...cases])
  })
})

test('while many enter, take and end at once, every event is told once and in the order of its turn', async () => {
  let open = true
  const telling = (async () => {
    while (open) {
      await now()
      await tellDepartment(
        withWebhooks(plain, { parks: { url: receiver.url, maxInFlight: 20 } }),
        'parks'
      )
    }
  })()
  await Promise.all(
    Array.from({ length: 12 }, async (_, n) => {
      for (let round = 0; round < 5; round++) {
        await stand(plain, { to: town('parks') })
        const taken = await take(plain, `staff:${n}`)
        if (taken) await plain.line.close(taken.caseId, `staff:${n}`, 'done')
      }
    })
  )
  open = false
  await telling
  await tellDepartment(
    withWebhooks(plain, { parks: { url: receiver.url, maxInFlight: 100 } }),
    'parks'
  )
  const { turn } = await plain.db
    .selectFrom('webhook_lines')
    .select('turn')
    .where('department', '=', 'parks')
    .executeTakeFirstOrThrow()
  const told = receiver.taken.flatMap(({ events }) => events.map(({ id }) => id))
  const { rows } = await sql<{
    id: string
  }>`select id from events where department = 'parks' and turn <= ${turn} order by turn desc
      limit ${told.length}`.execute(plain.db)
  expect(told.length).toBeGreaterThanOrEqual(60 + 60 + 60)
  expect(told).toEqual(rows.map(({ id }) => id).toReversed())
})
