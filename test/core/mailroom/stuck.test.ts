import { describe, expect, it } from '@jest/globals'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { joinCase, undoJoin } from '../../../core/line/join.ts'
import type { BatchView } from '../../../core/mailroom/types.ts'
import { findForgotten, processBatch } from '../../../core/mailroom/process-batch.ts'
import { typedPdf } from './stacks.ts'
import { clerk, mailroomForFile, other } from './support.ts'

const { runtime, room, pipeline } = await mailroomForFile()

async function finished(batchId: string): Promise<BatchView> {
  await room.finishScanning(batchId, clerk)
  await processBatch(runtime, batchId)
  return view(batchId)
}

const view = async (batchId: string): Promise<BatchView> => (await room.viewBatch(batchId))!
const settle = ({ letters }: BatchView) => pipeline.run(letters.map(({ contactId }) => contactId!))

/** Words that no other test has: equal bytes in two batches would hold the second. */
let counter = 0
const words = (): string => `page ${++counter} of the tests about parks`

describe('what fails again and again', () => {
  it('keeps nothing behind it: after three attempts a scan is withheld, the batch waits, and its letter goes on for a person', async () => {
    const tray = await room.logTray({ actor: clerk })
    const lost = await room.addScan(tray.id, {
      name: 'lost.pdf',
      bytes: await typedPdf(words()),
      actor: clerk
    })
    await room.addScan(tray.id, { name: 'whole.pdf', bytes: await typedPdf(words()), actor: clerk })
    await runtime.database.pool.query('delete from blobs where sha256 = $1', [lost.sha256])
    const later = (table: 'scans' | 'letters') =>
      runtime.database.pool.query(
        `update ${table} set tried_at = tried_at - interval '6 minutes' where batch_id = $1`,
        [tray.id]
      )
    const first = await finished(tray.id)
    expect([first.batch.state, first.scans.map(({ state }) => state)]).toEqual([
      'reading',
      ['reading', 'read']
    ])
    // Not tried again at once.
    for (let round = 0; round < 4; round += 1) await processBatch(runtime, tray.id)
    expect((await view(tray.id)).batch.state).toBe('reading')
    for (let attempt = 2; attempt <= 3; attempt += 1) {
      await later('scans')
      await processBatch(runtime, tray.id)
    }
    const held = await view(tray.id)
    expect(held.batch).toMatchObject({
      state: 'held',
      pageCount: { in: 2, letters: 1, withheld: 1, balanced: true }
    })
    expect(held.batch.problems).toEqual([
      expect.stringMatching(
        /^lost\.pdf could not be read in 3 attempts: The stored original cannot be found/
      )
    ])

    await room.releaseBatch(tray.id, clerk, 'the paper is here')
    expect((await view(tray.id)).letters.map(({ contactId }) => contactId !== undefined)).toEqual([
      false,
      true
    ])
    for (let attempt = 2; attempt <= 4; attempt += 1) {
      await later('letters')
      await processBatch(runtime, tray.id)
    }
    const released = await view(tray.id)
    expect(released.batch.state).toBe('released')
    await settle(released)
    const { rows } = await runtime.database.pool.query<{ quarantine_code: string }>(
      'select quarantine_code from contacts where id = $1',
      [released.letters[0]!.contactId]
    )
    expect(rows).toEqual([{ quarantine_code: 'TEXT_UNSURE' }])
    expect((await verifyAudit(runtime.db)).problems).toEqual([])
  })
})

describe('a case that cannot follow its letter', () => {
  /**
   * Two letters of one batch, each with a case; the sweep is told that the batch was touched long
   * ago.
   */
  async function two(): Promise<{
    batchId: string
    cases: string[]
    forgotten: () => Promise<boolean>
  }> {
    const { id: batchId } = await room.logTray({ actor: clerk })
    await room.addScan(batchId, {
      name: 'two.pdf',
      bytes: await typedPdf(words(), words()),
      actor: clerk
    })
    await finished(batchId)
    await room.beginLetterAt(batchId, 2, clerk, 'two letters')
    const parted = await view(batchId)
    await settle(parted)
    const forgotten = async () => {
      await processBatch(runtime, batchId)
      await runtime.database.pool.query(
        "update batches set updated_at = now() - interval '1 hour' where id = $1",
        [batchId]
      )
      return (await findForgotten(runtime, 5)).includes(batchId)
    }
    const { rows } = await runtime.database.pool.query<{ id: string }>(
      'select id from cases where contact_id = any($1) order by ordinal',
      [parted.letters.map(({ contactId }) => contactId)]
    )
    return { batchId, cases: rows.map(({ id }) => id), forgotten }
  }
  const why = async (batchId: string) =>
    (
      await runtime.db
        .selectFrom('letters')
        .select('unfollowed')
        .where('batch_id', '=', batchId)
        .where('unfollowed', 'is not', null)
        .execute()
    ).map(({ unfollowed }) => unfollowed)

  it('for good is worked on once: it has ended, or both letters have one case', async () => {
    const ended = await two()
    await runtime.database.pool.query("update cases set state = 'closed' where id = $1", [
      ended.cases[1]
    ])
    const shared = await two()
    await joinCase(runtime.db, {
      laterCaseId: shared.cases[1]!,
      earlierCaseId: shared.cases[0]!,
      actor: clerk,
      reason: 'one matter'
    })
    for (const { batchId, forgotten } of [ended, shared]) {
      await room.joinToLetterBefore(batchId, 2, clerk, 'one letter')
      expect(await forgotten()).toBe(false)
      expect(await why(batchId)).toEqual(['CASE_NOT_JOINABLE'])
      // Split off again, nothing is left of it.
      await room.beginLetterAt(batchId, 2, clerk, 'no, two')
      expect([await forgotten(), await why(batchId)]).toEqual([false, []])
    }
    // Nobody closed it by the ledger, which the audit would say.
    await runtime.database.pool.query("update cases set state = 'waiting' where id = $1", [
      ended.cases[1]
    ])
  })

  it('since a person took the join back stays where that person put it', async () => {
    const { batchId, cases, forgotten } = await two()
    await room.joinToLetterBefore(batchId, 2, clerk, 'one letter')
    await undoJoin(runtime.db, cases[1]!, clerk, 'they are two matters')
    await room.beginLetterAt(batchId, 2, clerk, 'no, two')
    expect(await forgotten()).toBe(false)
    expect(
      (await runtime.db.selectFrom('cases').select('state').where('id', 'in', cases).execute()).map(
        ({ state }) => state
      )
    ).toEqual(['waiting', 'waiting'])
  })

  it('while somebody serves it is followed later', async () => {
    const { batchId, cases, forgotten } = await two()
    await runtime.database.pool.query(
      "update cases set state = 'taken', taken_by = $2, taken_at = now(), lease_until = now() + interval '1 hour' where id = $1",
      [cases[1], other]
    )
    await room.joinToLetterBefore(batchId, 2, clerk, 'one letter')
    expect(await forgotten()).toBe(true)
    await runtime.database.pool.query(
      "update cases set state = 'waiting', taken_by = null, taken_at = null, lease_until = null where id = $1",
      [cases[1]]
    )
    expect(await forgotten()).toBe(false)
    expect(
      (
        await runtime.db
          .selectFrom('cases')
          .select('state')
          .where('id', '=', cases[1]!)
          .executeTakeFirstOrThrow()
      ).state
    ).toBe('joined')
  })
})
