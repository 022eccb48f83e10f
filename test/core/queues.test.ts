import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { departmentQueue, type IdsJob } from '../../core/queues.ts'
import { sweep } from '../../core/sweep.ts'
import { createTestGround, queueKinds, type TestGround } from '../helpers/ground.ts'
import { startOwnRedis } from '../helpers/redis.ts'

const raw = () => ({ channel: 'api' as const, source: 'test', bytes: Buffer.from(randomUUID()), mediaType: 'text/plain', evidence: {} })
const longAgo = (ground: TestGround) => sql`update contacts set updated_at = now() - interval '1 minute'`.execute(ground.db)

/** Everything a stage's queue is given, until `wanted` ids have come. */
async function worked(ground: TestGround, stage: string, wanted: number): Promise<string[]> {
  const ids: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const worker = ground.queues.work<IdsJob>(stage, async (job) => {
    ids.push(...job.data.ids)
    if (ids.length >= wanted) resolve()
  }, 1)
  await promise
  await worker.close()
  return ids
}

describe.each(queueKinds)('queues on %s', (kind) => {
  let ground: TestGround
  beforeAll(async () => { ground = await createTestGround(kind) })
  afterAll(() => ground.remove())

  test('what is handed to a stage is worked on, in sets', async () => {
    const given = Array.from({ length: 250 }, () => randomUUID())
    ground.queues.hand('settle', given)
    expect(await worked(ground, 'settle', 250)).toEqual(given)
  })

  test('accepted contacts are handed to reading', async () => {
    const accepted = await Promise.all(Array.from({ length: 20 }, () => ground.intake.accept(raw())))
    expect((await worked(ground, 'read', 20)).toSorted()).toEqual(accepted.map(({ contactId }) => contactId).toSorted())
  })

  test('jobs hold ids and nothing of what anybody wrote', async () => {
    await ground.intake.accept({ ...raw(), evidence: { mailFrom: 'jane@mail.example' }, recipients: ['parks@willowcreek.example'] })
    while (await ground.queues.pending('read') === 0) await new Promise(setImmediate)
    const [job] = await ground.queues.queue('read').getJobs(['waiting'])
    expect(Object.keys(job!.data as object)).toEqual(['ids'])
    expect(JSON.stringify(job!.data)).not.toMatch(/@|parks/)
    await worked(ground, 'read', 1)
  })

  test('tickets are counted, added and taken away', async () => {
    const count = () => ground.queues.ticketCount('parks')
    expect(await count()).toBe(0)
    await ground.queues.addTickets('parks', 5)
    expect(await count()).toBe(5)
    await ground.queues.dropTickets('parks', 2)
    expect(await count()).toBe(3)
    const [ticket] = await ground.queues.queue(departmentQueue('parks')).getJobs(['waiting'])
    expect(ticket).toMatchObject({ name: 'ticket', data: { department: 'parks' } })
  })
})

describe('the queue is down', () => {
  test('Redis killed: contacts are accepted all the same, and handed in again when it is back', async () => {
    const redis = await startOwnRedis()
    const ground = await createTestGround('postgres', { REDIS_URL: redis.url })
    await redis.kill()
    const accepted = await Promise.all(Array.from({ length: 5 }, () => ground.intake.accept(raw())))
    await redis.restart()
    await longAgo(ground)
    let found = false
    const read = worked(ground, 'read', 5).finally(() => { found = true })
    // A sweep fails while the connection is not back yet; upkeep would come round again too.
    while (!found) await sweep(ground).catch(() => undefined)
    expect(new Set(await read)).toEqual(new Set(accepted.map(({ contactId }) => contactId)))
    await ground.remove()
    await redis.remove()
  })

  test('a ground whose Redis is gone can be closed', async () => {
    const redis = await startOwnRedis()
    const ground = await createTestGround('postgres', { REDIS_URL: redis.url })
    ground.queues.work('read', async () => undefined, 1)
    await redis.kill()
    ground.queues.hand('read', [randomUUID()])
    await ground.remove()
    await redis.remove()
    expect(ground.database.pool.ended).toBe(true)
  })

  test('the queue\'s tables in PostgreSQL lost: contacts are accepted, and handed in again after a restart', async () => {
    const ground = await createTestGround('postgres')
    await sql`drop schema bullmq cascade`.execute(ground.db)
    const { contactId } = await ground.intake.accept(raw())
    const { Queues } = await import('../../core/queues.ts')
    const queues = await Queues.open(ground.database, {}, ground.log)
    await longAgo(ground)
    const reopened = { ...ground, queues }
    expect(await sweep(reopened)).toMatchObject({ read: 1 })
    expect(await worked(reopened, 'read', 1)).toEqual([contactId])
    await queues.close()
    await ground.remove()
  })
})
