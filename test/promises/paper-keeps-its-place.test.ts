/**
 * Promise 3 for paper: a letter stamped in the morning and readable in the afternoon is taken
 * before a form that came in between.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { verifyAudit } from '../../core/audit/verify.ts'
import { closeReaders } from '../../core/documents/read.ts'
import { openMailroom } from '../../core/mailroom/open.ts'
import { processBatch } from '../../core/mailroom/process-batch.ts'
import { typedPdf } from '../core/mailroom/stacks.ts'
import { bringIn, settlerOf, take } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'

const clerk = 'staff:00000000-0000-4000-8000-000000000001'
let runtime: TestRuntime
let pipeline: Pipeline
beforeAll(async () => {
  runtime = await createTestRuntime()
  pipeline = openPipeline(runtime)
})
afterAll(async () => {
  await pipeline.close()
  await closeReaders()
  await runtime.remove()
})

test('letters stamped earlier and released later are taken before a later form, whatever lay between', async () => {
  const room = openMailroom(runtime)
  const general = { to: ['hello@willowcreek.example'] }
  const early = await bringIn(runtime, general)
  const tray = await room.logTray({ actor: clerk })
  const late = await bringIn(runtime, general)
  await settlerOf(runtime).settle([early.contactId, late.contactId])
  for (const text of ['the first letter about nothing', 'the second letter about nothing'])
    await room.addScan(tray.id, { name: `${text}.pdf`, bytes: await typedPdf(text), actor: clerk })
  await room.finishScanning(tray.id, clerk)
  await processBatch(runtime, tray.id)
  const letters = (await room.viewBatch(tray.id))!.letters.map(({ contactId }) => contactId!)
  await pipeline.run(letters)
  const taken: string[] = []
  for (
    let next = await take(runtime, 'staff:ann', 'general');
    next;
    next = await take(runtime, 'staff:ann', 'general')
  )
    taken.push(
      (
        await runtime.db
          .selectFrom('cases')
          .select('contact_id')
          .where('id', '=', next.caseId)
          .executeTakeFirstOrThrow()
      ).contact_id
    )
  expect([taken[0], taken.slice(1, 3).toSorted(), taken[3]]).toEqual([
    early.contactId,
    letters.toSorted(),
    late.contactId
  ])
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, takes: 4, overtakes: 0 })
})

test('within a batch the order is drawn by lot: over 24 trays of two letters the one on top goes first about as often as not', async () => {
  const room = openMailroom(runtime)
  let first = 0
  const trays = 24
  for (let tray = 0; tray < trays; tray++) {
    const { id } = await room.logTray({ actor: clerk })
    for (const name of ['top', 'bottom'])
      await room.addScan(id, { name, bytes: Buffer.from(`${name} of tray ${tray}`), actor: clerk })
    await room.finishScanning(id, clerk)
    await processBatch(runtime, id)
    const { rows } = await runtime.database.pool.query<{ top: boolean }>(
      `
      select a.ordinal < b.ordinal as top from letters la join contacts a on a.id = la.contact_id join scans sa on sa.id = la.scan_id, letters lb join contacts b on b.id = lb.contact_id join scans sb on sb.id = lb.scan_id
      where la.batch_id = $1 and lb.batch_id = $1 and sa.name = 'top' and sb.name = 'bottom'`,
      [id]
    )
    if (rows[0]!.top) first += 1
  }
  // Fair coins show fewer than 2 or more than 22 heads in 24 less than once in 300,000 times.
  expect(first).toBeGreaterThan(1)
  expect(first).toBeLessThan(23)
})
