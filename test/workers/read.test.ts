import { expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { TranslatePool } from '../../core/reading/pool.ts'
import { Reader } from '../../core/reading/reader.ts'
import { startRead } from '../../workers/read.ts'
import { createTestRuntime } from '../helpers/runtime.ts'

const thread = new URL('../fixtures/translate-thread.ts', import.meta.url)

test('a contact behind fifty of one sender that hang, each a job of its own, waits for a turn of theirs and not for all of them', async () => {
  const runtime = await createTestRuntime()
  const pool = new TranslatePool(thread, { readers: 1, commonMs: 300, heapLimitMb: 64 })
  const order: string[] = []
  const note = (ids: readonly string[]) => {
    order.push(...ids)
  }
  const reader = new Reader({ ...runtime, pool, onRead: note, onSlow: note })
  const worker = startRead(runtime, reader)
  const accept = async (behaviour: string, mailFrom: string) =>
    (
      await runtime.acceptor.accept({
        channel: 'email',
        source: 'test',
        externalId: randomUUID(),
        bytes: Buffer.from(behaviour),
        mediaType: 'message/rfc822',
        evidence: { mailFrom }
      })
    ).contactId
  try {
    const jobs: string[] = []
    for (let n = 0; n < 50; n += 1) jobs.push(await accept('hang', 'ana@many.example'))
    const honest = await accept('ok honest', 'bo@one.example')
    await runtime.queues.queue('read').addBulk(
      [...jobs, honest].map((id) => ({
        name: 'set',
        data: { ids: [id] },
        opts: { removeOnComplete: true }
      }))
    )
    while (!order.includes(honest)) await pause(20)
    // The one that was being read when it came, the one whose turn it was, and one more for a job
    // that came first.
    expect(order.indexOf(honest)).toBeLessThanOrEqual(3)
  } finally {
    await pool.close()
    await worker.close()
    await runtime.remove()
  }
})
