import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { closeReaders } from '../../../core/documents/read.ts'
import { openMailroom } from '../../../core/mailroom/open.ts'
import type { BatchView, Mailroom } from '../../../core/mailroom/types.ts'
import { processBatch } from '../../../core/mailroom/process-batch.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { stackPdf } from './stacks.ts'

const clerk = 'staff:clerk'
let runtime: TestRuntime
let room: Mailroom
beforeAll(async () => {
  runtime = await createTestRuntime()
  room = openMailroom(runtime)
})
afterAll(async () => {
  await closeReaders()
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, problems: [] })
  await runtime.remove()
})

const view = async (batchId: string): Promise<BatchView> => (await room.viewBatch(batchId))!
let counter = 0

const HOUR_MS = 3_600_000
const trayOf = (hoursAgo: number, more: { expected?: number } = {}) =>
  room.logTray({
    actor: clerk,
    receivedAt: new Date(Date.now() - hoursAgo * HOUR_MS),
    reason: 'the log book was full',
    ...more
  })

/** A file that came now, or so long after the stamp. */
async function scan(batchId: string, hours?: number): Promise<void> {
  const { id } = await room.addScan(batchId, {
    name: `${++counter}.pdf`,
    bytes: await stackPdf([{ words: `letter ${counter} of a late tray about streets` }]),
    actor: clerk
  })
  if (hours !== undefined)
    await sql`update scans set added_at = (select received_at from batches
        where id = ${batchId}) + make_interval(hours => ${hours}) where id = ${id}`.execute(
      runtime.db
    )
}

async function finished(batchId: string): Promise<BatchView> {
  await room.finishScanning(batchId, clerk)
  await processBatch(runtime, batchId)
  return view(batchId)
}

/** One letter in time, one the day after. */
async function mixed(): Promise<{ tray: BatchView['batch']; held: BatchView }> {
  const tray = await trayOf(30)
  await scan(tray.id, 1)
  await scan(tray.id)
  return { tray, held: await finished(tray.id) }
}

describe('scans that come long after the stamp', () => {
  it.each([
    [23.9, 'released'],
    [24.1, 'held']
  ])('%f hours: the batch is %s', async (hours, state) => {
    const tray = await trayOf(hours)
    await scan(tray.id)
    expect((await finished(tray.id)).batch).toMatchObject({ state, late: state === 'held' ? 1 : 0 })
  })

  it('hold it for a person, who says why they are in order', async () => {
    const { tray, held } = await mixed()
    expect(held.batch.problems).toEqual([
      '1 scan came more than 24 hours after the stamp, the first of them 30 hours after it: letters that lay in the tray then, or later ones?'
    ])
    await expect(room.releaseBatch(tray.id, clerk)).rejects.toMatchObject({
      code: 'BATCH_UNBALANCED'
    })
    await room.releaseBatch(tray.id, clerk, 'the scanner was broken; the tray stood locked')
    expect((await view(tray.id)).batch.state).toBe('released')
  })

  it('or get a tray of their own, stamped now, with a reason; no letter is lost and none keeps the old stamp', async () => {
    const { tray } = await mixed()
    await expect(room.partLate(tray.id, clerk, '\u200B\u2060 ')).rejects.toMatchObject({
      code: 'REASON_REQUIRED'
    })
    const other = await room.partLate(tray.id, clerk, 'these came with the second post')
    for (const id of [tray.id, other]) await processBatch(runtime, id)
    const [first, second] = [await view(tray.id), await view(other)]
    expect(
      [first, second].map(({ batch, letters }) => [
        batch.state,
        letters.length,
        letters.every(({ contactId }) => contactId)
      ])
    ).toEqual([
      ['released', 1, true],
      ['released', 1, true]
    ])
    expect(second.batch.receivedAt.getTime()).toBeGreaterThan(tray.receivedAt.getTime())
    const arrived = async ({ letters }: BatchView) =>
      (
        await runtime.db
          .selectFrom('contacts')
          .select('arrived_at')
          .where('id', '=', letters[0]!.contactId!)
          .executeTakeFirstOrThrow()
      ).arrived_at
    expect([await arrived(first), await arrived(second)]).toEqual([
      tray.receivedAt,
      second.batch.receivedAt
    ])
    await expect(room.partLate(tray.id, clerk, 'again')).rejects.toMatchObject({
      code: 'BATCH_RELEASED'
    })
  })

  it('may be all of them: the old tray is left empty', async () => {
    const tray = await trayOf(30, { expected: 1 })
    await scan(tray.id)
    await finished(tray.id)
    const other = await room.partLate(tray.id, clerk, 'nothing of it lay there in the morning')
    for (const id of [tray.id, other]) await processBatch(runtime, id)
    expect([(await view(tray.id)).batch, (await view(other)).batch]).toMatchObject([
      { state: 'held', letters: 0, late: 0 },
      { state: 'released', letters: 1 }
    ])
    await room.releaseBatch(tray.id, clerk, 'no letter came with it')
    expect((await view(tray.id)).batch.state).toBe('released')
  })

  it('are not those that a mail brought: they came with it', async () => {
    const { lateScans } = await import('../../../core/mailroom/late.ts')
    const [stamp, later] = [new Date(0), [{ added_at: new Date(48 * 3_600_000) }]]
    expect([
      lateScans({ received_at: stamp, origin: 'mail/x' }, later, 24),
      lateScans({ received_at: stamp, origin: 'scans/x' }, later, 24)
    ]).toEqual([[], later])
  })

  it('none came late: there is nothing to part', async () => {
    const tray = await room.logTray({ actor: clerk })
    await expect(room.partLate(tray.id, clerk, 'why not')).rejects.toMatchObject({
      code: 'BAD_REQUEST'
    })
  })
})
