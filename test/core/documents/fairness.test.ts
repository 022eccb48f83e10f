import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout } from 'node:timers/promises'
import { channels } from '../../../channels/index.ts'
import type { IdsJob } from '../../../core/queues.ts'
import { startWorkers, type Workers } from '../../../workers/index.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { createTestGround, queueKinds, type TestGround } from '../../helpers/ground.ts'
import { mailWith } from '../../helpers/mail.ts'
import { documentsOf } from '../../helpers/pipeline.ts'
import { textPdf } from './fixtures.ts'

const email = channels.find(({ kind }) => kind === 'email')!
const LARGE = 40
const SMALL = 6

describe.each(queueKinds)('a large document before small ones, queues on %s', (kind) => {
  let ground: TestGround
  let workers: Workers
  beforeAll(async () => {
    ground = await createTestGround(kind)
    workers = startWorkers(ground, { channels, translateThread: new URL('../../../channels/translate-thread.ts', import.meta.url), threads: 1 })
  })
  afterAll(async () => {
    await workers.stop()
    await ground.remove()
  })

  async function send(pages: number, label: string): Promise<string> {
    const pdf = await textPdf(pages)
    pdf.setTitle(label)
    const mail = await mailWith(`See ${label}.`, [{ name: 'paper.pdf', type: 'application/pdf', bytes: await pdf.save() }])
    return (await ground.intake.accept(email.fromFile('mail.eml', mail, ground.agency()))).contactId
  }

  async function until(done: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 1_200; tries++) {
      if (await done()) return
      await setTimeout(50)
    }
    throw new Error('it did not come about within a minute')
  }

  test('all come to their line, and no small one waits for the large one\'s end', async () => {
    const large = await send(LARGE, 'the large one')
    await until(async () => (await contactRow(ground, large)).state === 'documents')
    const small = []
    for (let n = 0; n < SMALL; n++) small.push(await send(1, `small ${n}`))
    const all = [large, ...small]
    await until(async () => (await Promise.all(all.map(async (id) => (await contactRow(ground, id)).outcome))).every((outcome) => outcome === 'case'))
    const read = await ground.db.selectFrom('documents').select(['sha256', 'pages']).orderBy('read_at').execute()
    expect(read.map(({ pages }) => pages)).toEqual([...Array.from({ length: SMALL }, () => 1), LARGE])
    expect(await documentsOf(ground, all)).toHaveLength(SMALL + 1)
    const { rows } = await ground.database.pool.query('select count(*)::int as pages, count(distinct (sha256, number))::int as kinds from document_pages')
    expect(rows).toEqual([{ pages: LARGE + SMALL, kinds: LARGE + SMALL }])
  })

  test('a document handed in again while it waits adds no job', async () => {
    const queue = ground.queues.queue('documents')
    await queue.pause()
    const [a, b, last] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string]
    const waiting = async () => (await queue.getJobs(['waiting'])).map((job) => (job.data as IdsJob).ids[0])
    for (const ids of [[a, b], [b], [a, last]]) {
      ground.queues.hand('documents', ids)
      await until(async () => (await waiting()).includes(ids.at(-1)))
    }
    expect((await waiting()).toSorted()).toEqual([a, b, last])
    await queue.resume()
  })
})
