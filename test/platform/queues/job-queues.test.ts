import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { EvenhandError } from '../../../platform/errors.ts'
import { departmentQueue, type IdsJob } from '../../../platform/queues/job-queues.ts'
import { sweep } from '../../../workers/recovery-sweep.ts'
import { createTestRuntime, queueKinds, type TestRuntime } from '../../helpers/runtime.ts'
import { startOwnRedis } from '../../helpers/redis.ts'

const raw = () => ({
  channel: 'api' as const,
  source: 'test',
  bytes: Buffer.from(randomUUID()),
  mediaType: 'text/plain',
  evidence: {}
})
const longAgo = (runtime: TestRuntime) =>
  sql`update contacts set updated_at = now() - interval '1 minute'`.execute(runtime.db)

/** Everything a stage's queue is given, until `wanted` ids have come. */
async function worked(runtime: TestRuntime, stage: string, wanted: number): Promise<string[]> {
  const ids: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const worker = runtime.queues.work<IdsJob>(
    stage,
    async (job) => {
      ids.push(...job.data.ids)
      if (ids.length >= wanted) resolve()
    },
    1
  )
  await promise
  await worker.close()
  return ids
}

describe.each(queueKinds)('queues on %s', (kind) => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime(kind)
  })
  afterAll(() => runtime.remove())

  test('what is handed to a stage is worked on, in sets', async () => {
    const given = Array.from({ length: 250 }, () => randomUUID())
    runtime.queues.enqueue('settle', given)
    expect(await worked(runtime, 'settle', 250)).toEqual(given)
  })

  test('a job that was in hand when its readers were ended is given back without a warning; another failure is one', async () => {
    const said: unknown[] = []
    const warn = jest
      .spyOn(runtime.log, 'warn')
      .mockImplementation((...about: unknown[]) => void said.push(about.at(-1)))
    const fails = [new EvenhandError('READERS_STOPPED'), new EvenhandError('READERS_DOWN')]
    let left = fails.length
    const { promise, resolve } = Promise.withResolvers<void>()
    const worker = runtime.queues.work('gives-back', () => Promise.reject(fails.shift()!), 1)
    worker.on('failed', () => (left -= 1) === 0 && resolve())
    await runtime.queues.queue('gives-back').add('set', { ids: [] })
    await runtime.queues.queue('gives-back').add('set', { ids: [] })
    await promise
    await worker.close()
    warn.mockRestore()
    expect(said).toEqual(['a job failed'])
  })

  test('accepted contacts are handed to reading', async () => {
    const accepted = await Promise.all(
      Array.from({ length: 20 }, () => runtime.acceptor.accept(raw()))
    )
    expect((await worked(runtime, 'read', 20)).toSorted()).toEqual(
      accepted.map(({ contactId }) => contactId).toSorted()
    )
  })

  test('jobs hold ids and nothing of what anybody wrote', async () => {
    await runtime.acceptor.accept({
      ...raw(),
      evidence: { mailFrom: 'jane@mail.example' },
      recipients: ['parks@willowcreek.example']
    })
    while ((await runtime.queues.pending('read')) === 0) await new Promise(setImmediate)
    const [job] = await runtime.queues.queue('read').getJobs(['waiting'])
    expect(Object.keys(job!.data as object)).toEqual(['ids'])
    expect(JSON.stringify(job!.data)).not.toMatch(/@|parks/)
    await worked(runtime, 'read', 1)
  })

  test('tickets are counted, added and taken away', async () => {
    const count = () => runtime.queues.ticketCount('parks')
    expect(await count()).toBe(0)
    await runtime.queues.addTickets('parks', 5)
    expect(await count()).toBe(5)
    await runtime.queues.dropTickets('parks', 2)
    expect(await count()).toBe(3)
    const [ticket] = await runtime.queues.queue(departmentQueue('parks')).getJobs(['waiting'])
    expect(ticket).toMatchObject({ name: 'ticket', data: { department: 'parks' } })
  })
})

describe('the queue is down', () => {
  test('Redis killed: contacts are accepted all the same, and handed in again when it is back', async () => {
    const redis = await startOwnRedis()
    const runtime = await createTestRuntime('postgres', { REDIS_URL: redis.url })
    await redis.kill()
    const accepted = await Promise.all(
      Array.from({ length: 5 }, () => runtime.acceptor.accept(raw()))
    )
    await redis.restart()
    await longAgo(runtime)
    let found = false
    const read = worked(runtime, 'read', 5).finally(() => {
      found = true
    })
    // A sweep fails while the connection is not back yet; upkeep would come round again too.
    while (!found) await sweep(runtime).catch(() => undefined)
    expect(new Set(await read)).toEqual(new Set(accepted.map(({ contactId }) => contactId)))
    await runtime.remove()
    await redis.remove()
  })

  test('a runtime whose Redis is gone can be closed', async () => {
    const redis = await startOwnRedis()
    const runtime = await createTestRuntime('postgres', { REDIS_URL: redis.url })
    runtime.queues.work('read', async () => undefined, 1)
    await redis.kill()
    runtime.queues.enqueue('read', [randomUUID()])
    await runtime.remove()
    await redis.remove()
    expect(runtime.database.pool.ended).toBe(true)
  })

  test("the queue's tables in PostgreSQL lost: contacts are accepted, and handed in again after a restart", async () => {
    const runtime = await createTestRuntime('postgres')
    await sql`drop schema bullmq cascade`.execute(runtime.db)
    const { contactId } = await runtime.acceptor.accept(raw())
    const { Queues } = await import('../../../platform/queues/job-queues.ts')
    const queues = await Queues.open(runtime.database, {}, runtime.log)
    await longAgo(runtime)
    const reopened = { ...runtime, queues }
    expect(await sweep(reopened)).toMatchObject({ read: 1 })
    expect(await worked(reopened, 'read', 1)).toEqual([contactId])
    await queues.close()
    await runtime.remove()
  })
})
