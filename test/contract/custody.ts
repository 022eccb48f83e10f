import { expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { sweep } from '../../core/sweep.ts'
import type { Bench } from './bench.ts'
import { message } from './identity.ts'
import { expectPure } from './pure.ts'
import type { Contract } from './types.ts'

/** "Accepted" is said when it is true, "later" when it is not, and arrival is ours to say. */
export function custodyCases<D>(contract: Contract<D>, bench: () => Bench<D>): void {
  test('with the database gone the sender is told to try later; when it is back, the same delivery is accepted', async () => {
    const delivery = await bench().door.honest(message())
    await bench().withoutDatabase(async () => {
      expect(await bench().door.deliver(delivery)).toEqual({ verdict: 'later' })
    })
    const { answer, contacts } = await bench().deliver(delivery)
    expect([answer.verdict, contacts.length]).toEqual(['accepted', 1])
  })

  test('with the queues gone it is accepted all the same, and the sweep brings it on its way', async () => {
    const { ground } = bench()
    const delivery = await bench().door.honest(message())
    await ground.queues.queue('read').obliterate({ force: true })
    const { contacts } = await gone(bench(), delivery)
    await sql`update contacts set updated_at = now() - interval '6 seconds' where id = ${contacts[0]!.id}`.execute(ground.db)
    await ground.queues.queue('read').obliterate({ force: true })
    expect((await sweep(ground)).read).toBeGreaterThan(0)
    while (await ground.queues.pending('read') === 0) await new Promise(setImmediate)
    const [settled] = await bench().settle(contacts)
    if (contract.features.line === true) expect(settled).toMatchObject({ state: 'settled', outcome: 'case', case_id: expect.any(String) })
    else expect(settled!.state).toBe('quarantined')
  })

  test('neither its arrival nor its place is for the sender to say', async () => {
    const { ground } = bench()
    const delivery = await bench().door.claiming(message())
    const { rows: [before] } = await sql<{ now: Date, last: string }>`select clock_timestamp() as now, coalesce(max(ordinal), 0) as last from contacts`.execute(ground.db)
    const { contacts } = await bench().deliver(delivery)
    const { rows: [after] } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(ground.db)
    expect(contacts).toHaveLength(1)
    const arrived = contacts[0]!.arrived_at.getTime()
    expect([arrived >= before!.now.getTime(), arrived <= after!.now.getTime()]).toEqual([true, true])
    expect(Number(contacts[0]!.ordinal)).toBeGreaterThan(Number(before!.last))
    const next = await bench().deliver(await bench().door.honest(message()))
    expect(Number(next.contacts[0]!.ordinal)).toBeGreaterThan(Number(contacts[0]!.ordinal))
    // Checked against the schema, which has no place for a rank.
    await expectPure(contract.channel, await bench().stored(contacts[0]!))
  })
}

/** Delivers while the queues are gone, and waits until handing it to them has failed. */
async function gone<D>(bench: Bench<D>, delivery: D) {
  let delivered: Awaited<ReturnType<Bench<D>['deliver']>> | undefined
  const said = () => bench.logged().split('the sweep will hand these in').length
  const before = said()
  await bench.withoutQueues(async () => {
    delivered = await bench.deliver(delivery)
    expect([delivered.answer.verdict, delivered.contacts.length]).toEqual(['accepted', 1])
    while (said() === before) await new Promise(setImmediate)
  })
  return delivered!
}
