/** The mailroom: one face for the bench, the watched folder and the command line. */
import { sql } from 'kysely'
import { signSeparator } from '../documents/separators.ts'
import { EvenhandError } from '../errors.ts'
import type { Ground } from '../ground.ts'
import * as corrections from './corrections.ts'
import { confirmEnclosure, describeLetter, logEnclosure } from './details.ts'
import { followLetters } from './follow-letters.ts'
import { mailroomLimits } from './limits.ts'
import { sortBatch } from './load.ts'
import { pictureOf, wordsOf } from './pictures.ts'
import { beginRelease, makeContacts } from './release.ts'
import { finishScanning } from './scanning.ts'
import { addScan } from './scans.ts'
import { logTray, type LoggedTray } from './tray.ts'
import type { Batch, Mailroom } from './types.ts'
import { listBatches, toBatch, toScan, viewBatch } from './view.ts'
import { rulesOf } from './work.ts'

export function openMailroom(ground: Ground): Mailroom {
  const { db, blobs, queues } = ground
  const rules = () => rulesOf(ground)
  /** After release, what a correction changed is made at once. */
  const corrected = async (work: Promise<{ id: string; state: string }>) => {
    const batch = await work
    if (batch.state !== 'released') return
    await makeContacts(ground, batch.id, rules())
    await followLetters(ground, batch.id)
  }
  return {
    logTray: (tray) => logOne(ground, tray),
    async addScan(batchId, scan) {
      const row = await addScan(db, blobs, batchId, scan)
      queues.hand('mailroom', [batchId])
      return toScan(row)
    },
    finishScanning: (batchId, actor) => finishScanning(ground, batchId, actor),
    listBatches: (options) => listBatches(db, rules(), options),
    viewBatch: (batchId) => viewBatch(db, rules(), batchId),
    picture: (batchId, position, size) => pictureOf(db, blobs, batchId, position, size),
    words: (batchId, position) => wordsOf(db, batchId, position),
    separators: (batchId, from, count) => makeSeparators(ground, batchId, from, count),
    setStart: (batchId, position, starts, actor, reason) => corrected(corrections.setStart(ground, batchId, position, starts, actor, reason)),
    setKind: (batchId, position, kind, actor, reason) => corrected(corrections.setKind(ground, batchId, position, kind, actor, reason)),
    turn: (batchId, position, degrees, actor) => corrected(corrections.turn(ground, batchId, position, degrees, actor)),
    setSides: (batchId, scanId, side, actor) => corrections.setSides(ground, batchId, scanId, side, actor),
    describeLetter: (letterId, details, actor) => describeLetter(db, rules(), letterId, details, actor),
    logEnclosure: (letterId, what, actor) => logEnclosure(db, letterId, what, actor),
    confirmEnclosure: (enclosureId, actor) => confirmEnclosure(db, enclosureId, actor),
    release: (batchId, actor, reason) => release(ground, batchId, actor, reason)
  }
}

async function logOne(ground: Ground, tray: LoggedTray): Promise<Batch> {
  const row = await logTray(ground.db, ground.agency(), tray)
  return toBatch(await sortBatch(ground.db, row, rulesOf(ground)))
}

/** Remembers how many were made: a batch with sheets of its own is split by them alone. */
async function makeSeparators({ db, secret }: Ground, batchId: string, from: number, count: number): Promise<{ letter: number; code: string }[]> {
  const whole = Number.isInteger(from) && Number.isInteger(count) && from >= 1 && count >= 1
  if (!whole || count > mailroomLimits.separators || from + count - 1 > mailroomLimits.sheets) throw new EvenhandError('BAD_REQUEST', `at most ${mailroomLimits.separators} sheets at once, numbered up to ${mailroomLimits.sheets}`)
  const { numUpdatedRows } = await db.updateTable('batches').set({ printed: sql<number>`greatest(printed, ${from + count - 1}::int)` }).where('id', '=', batchId).executeTakeFirst()
  if (numUpdatedRows === 0n) throw new EvenhandError('BATCH_UNKNOWN')
  const key = secret('separator')
  return Array.from({ length: count }, (_, index) => ({ letter: from + index, code: signSeparator({ batch: batchId, letter: from + index }, key) }))
}

/** A small batch is released while the caller waits; the contacts of a large one are made by a worker. */
async function release(ground: Ground, batchId: string, actor: string, reason?: string): Promise<void> {
  const rules = rulesOf(ground)
  const { contents } = await ground.db.transaction().execute((trx) => beginRelease(trx, batchId, rules, actor, reason))
  if (contents.length <= mailroomLimits.releaseAtOnce) await makeContacts(ground, batchId, rules)
  else ground.queues.hand('mailroom', [batchId])
}
