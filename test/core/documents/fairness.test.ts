import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { channels } from '../../../channels/index.ts'
import type { IdsJob } from '../../../platform/queues/job-queues.ts'
import { startWorkers, type Workers } from '../../../workers/index.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { createTestRuntime, queueKinds, type TestRuntime } from '../../helpers/runtime.ts'
import { mailWith } from '../../helpers/mail.ts'
import { documentsOf } from '../../helpers/pipeline.ts'
import { textPdf } from './fixtures.ts'
import { until } from '../../helpers/until.ts'

const email = channels.find(({ kind }) => kind === 'email')!
const LARGE = 40
const SMALL = 6

describe.each(queueKinds)('a large document before small ones, queues on %s', (kind) => {
  let runtime: TestRuntime
  let workers: Workers
  beforeAll(async () => {
    runtime = await createTestRuntime(kind)
    workers = startWorkers(runtime, {
      channels,
      translateThread: new URL('../../../channels/translate-thread.ts', import.meta.url),
      readers: 1
    })
  })
  afterAll(async () => {
    await workers.stop()
    await runtime.remove()
  })

  async function send(pages: number, label: string): Promise<string> {
    const pdf = await textPdf(pages)
    pdf.setTitle(label)
    const mail = await mailWith(`See ${label}.`, [
      { name: 'paper.pdf', type: 'application/pdf', bytes: await pdf.save() }
    ])
    return (await runtime.acceptor.accept(email.fromFile('mail.eml', mail, runtime.agency())))
      .contactId
  }

  /** The documents that wait to be read. */
  const waiting = async () =>
    (await runtime.queues.queue('documents').getJobs(['waiting'])).map(
      (job) => (job.data as IdsJob).ids[0]
    )

  test("all come to their line, and no small one waits for the large one's end", async () => {
    const queue = runtime.queues.queue('documents')
    // All of them wait before the first is read, so that the order is not the machine's.
    await queue.pause()
    const large = await send(LARGE, 'the large one')
    await until(async () => (await waiting()).length === 1)
    const small = []
    for (let n = 0; n < SMALL; n++) small.push(await send(1, `small ${n}`))
    const all = [large, ...small]
    await until(async () => (await waiting()).length === SMALL + 1)
    await queue.resume()
    await until(async () =>
      (await Promise.all(all.map(async (id) => (await contactRow(runtime, id)).outcome))).every(
        (outcome) => outcome === 'case'
      )
    )
    const read = await runtime.db
      .selectFrom('documents')
      .select(['sha256', 'pages'])
      .orderBy('read_at')
      .execute()
    expect(read.map(({ pages }) => pages).toSorted((a, b) => a! - b!)).toEqual([
      ...Array.from({ length: SMALL }, () => 1),
      LARGE
    ])
    expect(read.findIndex(({ pages }) => pages === LARGE)).toBe(SMALL)
    expect(await documentsOf(runtime, all)).toHaveLength(SMALL + 1)
    const { rows } = await runtime.database.pool.query(
      'select count(*)::int as pages, count(distinct (sha256, number))::int as kinds from document_pages'
    )
    expect(rows).toEqual([{ pages: LARGE + SMALL, kinds: LARGE + SMALL }])
  })

  test('a document handed in again while it waits adds no job', async () => {
    const queue = runtime.queues.queue('documents')
    await queue.pause()
    const [a, b, last] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [
      string,
      string,
      string
    ]
    for (const ids of [[a, b], [b], [a, last]]) {
      runtime.queues.enqueue('documents', ids)
      await until(async () => (await waiting()).includes(ids.at(-1)))
    }
    expect((await waiting()).toSorted()).toEqual([a, b, last])
    await queue.resume()
  })
})
