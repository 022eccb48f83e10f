/** The mailroom as its pages, the watched folder and the command line use it. */
import { signSeparator } from '../documents/separators.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { MailroomRuntime } from './runtime.ts'
import { appendEvents } from '../ledger/append.ts'
import * as corrections from './corrections.ts'
import { confirmEnclosure, describeLetter, logEnclosure } from './details.ts'
import { followLetters } from './follow-letters.ts'
import { mailroomLimits } from './limits.ts'
import { lookAtDue } from '../people/looks.ts'
import { openRecognition } from '../people/recognition.ts'
import { lockBatch, layOutBatch } from './lay-out-batch.ts'
import { partLate } from './part-late.ts'
import { pictureOf, wordsOf } from './pictures.ts'
import { beginRelease, makeContacts } from './release.ts'
import { finishScanning } from './scanning.ts'
import { addScan } from './scans.ts'
import { logTray, type LoggedTray } from './tray.ts'
import type { Batch, Mailroom } from './types.ts'
import { listBatches, toBatch, toScan, viewBatch } from './view.ts'
import { rulesOf } from './process-batch.ts'

export function openMailroom(runtime: MailroomRuntime): Mailroom {
  const { db, blobs, queues } = runtime
  const rules = () => rulesOf(runtime)
  const recognition = openRecognition(runtime)
  /** After release, documents that a correction changed are made again at once. */
  const corrected = async (work: Promise<{ id: string; state: string }>) => {
    const batch = await work
    if (batch.state !== 'released') return
    await makeContacts(runtime, batch.id, rules())
    await followLetters(runtime, batch.id)
  }
  return {
    logTray: (tray) => logOne(runtime, tray),
    async addScan(batchId, scan) {
      const row = await addScan(db, blobs, batchId, scan)
      queues.enqueue('mailroom', [batchId])
      return toScan(row)
    },
    finishScanning: (batchId, actor) => finishScanning(runtime, batchId, actor),
    listBatches: (options) => listBatches(db, rules(), options),
    viewBatch: (batchId) => viewBatch(db, rules(), batchId),
    picture: (batchId, position, size) => pictureOf(db, blobs, batchId, position, size),
    words: (batchId, position) => wordsOf(db, batchId, position),
    printSeparators: (batchId, from, count, actor) =>
      printSeparators(runtime, batchId, from, count, actor),
    separators: (batchId, from, count) => makeSeparators(runtime, batchId, from, count),
    partLate: (batchId, actor, reason) => partLate(runtime, batchId, actor, reason),
    beginLetterAt: (batchId, position, actor, reason) =>
      corrected(corrections.beginLetterAt(runtime, batchId, { position, actor, reason })),
    joinToLetterBefore: (batchId, position, actor, reason) =>
      corrected(corrections.joinToLetterBefore(runtime, batchId, { position, actor, reason })),
    setKind: (batchId, position, kind, actor, reason) =>
      corrected(corrections.setKind(runtime, batchId, { position, kind, actor, reason })),
    rotate: (batchId, position, degrees, actor) =>
      corrected(corrections.rotate(runtime, batchId, position, degrees, actor)),
    setSides: (batchId, scanId, side, actor) =>
      corrections.setSides(runtime, batchId, scanId, side, actor),
    async describeLetter(letterId, details, actor) {
      await describeLetter(db, rules(), letterId, details, actor)
      // If this fails, the sweep does it; the letter's description is already stored.
      await lookAtDue({ db, log: runtime.log, recognition }).catch((error: unknown) =>
        runtime.log.warn({ err: error }, 'new looks are left to the sweep')
      )
    },
    logEnclosure: (letterId, what, actor) => logEnclosure(db, letterId, what, actor),
    confirmEnclosure: (enclosureId, actor) => confirmEnclosure(db, enclosureId, actor),
    releaseBatch: (batchId, actor, reason) => releaseBatch(runtime, batchId, actor, reason)
  }
}

async function logOne(runtime: MailroomRuntime, tray: LoggedTray): Promise<Batch> {
  const row = await logTray(runtime.db, runtime.agency(), tray)
  return toBatch(await layOutBatch(runtime.db, row, rulesOf(runtime)))
}

/**
 * Records how many were printed, because a batch with separator sheets of its own is split by them.
 */
async function printSeparators(
  { db }: MailroomRuntime,
  batchId: string,
  from: number,
  count: number,
  actor: string
): Promise<void> {
  requireNumbers(from, count)
  await db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by) throw new EvenhandError('BATCH_RELEASED')
    await trx
      .updateTable('batches')
      .set({ printed: Math.max(batch.printed, from + count - 1) })
      .where('id', '=', batchId)
      .execute()
    await appendEvents(trx, [
      { kind: 'batch.separators-printed', actor, data: { batch: batchId, from, count } }
    ])
  })
}

function makeSeparators(
  { secret }: MailroomRuntime,
  batchId: string,
  from: number,
  count: number
): { letter: number; code: string }[] {
  requireNumbers(from, count)
  const key = secret('separator')
  return Array.from({ length: count }, (_, index) => ({
    letter: from + index,
    code: signSeparator({ batch: batchId, letter: from + index }, key)
  }))
}

function requireNumbers(from: number, count: number): void {
  const whole = Number.isInteger(from) && Number.isInteger(count) && from >= 1 && count >= 1
  if (!whole || count > mailroomLimits.separators || from + count - 1 > mailroomLimits.sheets)
    throw new EvenhandError(
      'BAD_REQUEST',
      `at most ${mailroomLimits.separators} sheets at once, numbered up to ${mailroomLimits.sheets}`
    )
}

/**
 * A small batch is released while the caller waits. The contacts of a large one are made by a
 * worker.
 */
async function releaseBatch(
  runtime: MailroomRuntime,
  batchId: string,
  actor: string,
  reason?: string
): Promise<void> {
  const rules = rulesOf(runtime)
  const { contents } = await runtime.db
    .transaction()
    .execute((trx) => beginRelease(trx, batchId, rules, actor, reason))
  if (contents.length <= mailroomLimits.releaseAtOnce) await makeContacts(runtime, batchId, rules)
  else runtime.queues.enqueue('mailroom', [batchId])
}
