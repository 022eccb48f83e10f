import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { converses, hasChannelWith } from '../../../core/intake/channel-conditions.ts'
import { channelKinds } from '../../../core/envelope.ts'
import { channelsWith } from '../../../core/intake/traits.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

async function passing(condition: ReturnType<typeof converses>): Promise<string[]> {
  const { rows } = await sql<{ channel: string }>`
    select channel from unnest(${[...channelKinds]}::text[]) as given (channel)
      where ${condition}`.execute(runtime.db)
  return rows.map(({ channel }) => channel)
}

test('a condition holds for the channels whose traits pass, and for no other', async () => {
  expect(await passing(converses('channel'))).toEqual(
    channelsWith(({ conversation }) => conversation === true)
  )
  expect(
    await passing(hasChannelWith('given.channel', ({ medium }) => medium !== 'typed'))
  ).toEqual(channelsWith(({ medium }) => medium !== 'typed'))
  expect(await passing(hasChannelWith('channel', () => false))).toEqual([])
})

test('earlier texts of two numbers are found by their index', async () => {
  const plan = await runtime.db.transaction().execute(async (trx) => {
    await sql`set local enable_seqscan = off`.execute(trx)
    const { rows } = await sql<{ 'QUERY PLAN': string }>`
      explain select from contacts where ${converses('channel')}
        and envelope -> 'evidence' ->> 'from' = '+15550100'
        and envelope -> 'evidence' ->> 'to' = '+15550199' order by ordinal desc limit 1`.execute(
      trx
    )
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  })
  expect(plan).toContain('contacts_texts')
})
