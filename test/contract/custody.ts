import { expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { sweep } from '../../workers/recovery-sweep.ts'
import type { Rig } from './rig.ts'
import { message } from './identity.ts'
import { expectPure } from './pure.ts'
import type { Contract } from './types.ts'

/** "Accepted" is said when it is true, "later" when it is not, and arrival is ours to say. */
export function custodyCases<D>(contract: Contract<D>, rig: () => Rig<D>): void {
  test('with the database gone the sender is told to try later; when it is back, the same delivery is accepted', async () => {
    const delivery = await rig().door.honest(message())
    await rig().withoutDatabase(async () => {
      expect(await rig().door.deliver(delivery)).toEqual({ verdict: 'later' })
    })
    const { answer, contacts } = await rig().deliver(delivery)
    expect([answer.verdict, contacts.length]).toEqual(['accepted', 1])
  })

  test('with the queues gone it is accepted all the same, and the sweep brings it on its way', async () => {
    const { runtime } = rig()
    const delivery = await rig().door.honest(message())
    await runtime.queues.queue('read').obliterate({ force: true })
    const { contacts } = await gone(rig(), delivery)
    // Older than late: accepting has handed it in too, and may have done so only now.
    await sql`update contacts set updated_at = now() - interval '2 minutes'
        where id = ${contacts[0]!.id}`.execute(runtime.db)
    await runtime.queues.queue('read').obliterate({ force: true })
    expect((await sweep(runtime)).read).toBeGreaterThan(0)
    while ((await runtime.queues.pending('read')) === 0) await new Promise(setImmediate)
    const [settled] = await rig().settle(contacts)
    if (contract.features.line === true)
      expect(settled).toMatchObject({
        state: 'settled',
        outcome: 'case',
        case_id: expect.any(String)
      })
    else expect(settled!.state).toBe('quarantined')
  })

  test('neither its arrival nor its place is for the sender to say', async () => {
    const { runtime } = rig()
    const delivery = await rig().door.claiming(message())
    const {
      rows: [before]
    } = await sql<{
      now: Date
      last: string
    }>`select clock_timestamp() as now, coalesce(max(ordinal), 0) as last from contacts`.execute(
      runtime.db
    )
    const { contacts } = await rig().deliver(delivery)
    const {
      rows: [after]
    } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(runtime.db)
    expect(contacts).toHaveLength(1)
    const arrived = contacts[0]!.arrived_at.getTime()
    expect([arrived >= before!.now.getTime(), arrived <= after!.now.getTime()]).toEqual([
      true,
      true
    ])
    expect(Number(contacts[0]!.ordinal)).toBeGreaterThan(Number(before!.last))
    const next = await rig().deliver(await rig().door.honest(message()))
    expect(Number(next.contacts[0]!.ordinal)).toBeGreaterThan(Number(contacts[0]!.ordinal))
    // Checked against the schema, which has no place for a rank.
    await expectPure(contract.channel, await rig().stored(contacts[0]!))
  })
}

/** Delivers while the queues are gone, and waits until handing it to them has failed. */
async function gone<D>(rig: Rig<D>, delivery: D) {
  let delivered: Awaited<ReturnType<Rig<D>['deliver']>> | undefined
  const said = () => rig.logged().split('the sweep will hand these in').length
  const before = said()
  await rig.withoutQueues(async () => {
    delivered = await rig.deliver(delivery)
    expect([delivered.answer.verdict, delivered.contacts.length]).toEqual(['accepted', 1])
    while (said() === before) await new Promise(setImmediate)
  })
  return delivered!
}
