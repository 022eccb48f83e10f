/** Where scans fall in without a person at the bench: the watched folder and its like. */
import { sql } from 'kysely'
import { sha256 } from '../blobs.ts'
import type { Db } from '../db/database.ts'
import { asEvenhandError } from '../errors.ts'
import type { Ground } from '../ground.ts'
import { readNote, trayOf } from './batch-note.ts'
import { addRemarks } from './remarks.ts'
import { addScan } from './scans.ts'
import { finishScanning } from './scanning.ts'
import { logTray, type LoggedTray } from './tray.ts'

/** Where a file came from: an origin such as `scans/monday`, and the name of the batch it may be meant for. */
export interface Chute {
  readonly origin: string
  readonly named?: string
  /** Text of the batch.yaml beside it. */
  readonly note?: string
}

export interface DroppedScan {
  readonly name: string
  readonly bytes: Uint8Array
  /** What a person should know about this file; holds the batch. */
  readonly remark?: string
}

export interface Hopper {
  /**
   * Keeps a file: in the batch its folder is named after, else in the open batch of its origin, which is logged now where there is none.
   * A file that this origin handed in before is not taken twice. Answers with the batch. @throws EvenhandError; with retry, try later
   */
  drop(chute: Chute, scan: DroppedScan): Promise<string>
  /** Shows the people of the mailroom a sentence about what could not be dropped; answers with the batch, which is held. */
  tell(chute: Chute, sentence: string): Promise<string>
  /** Open batches whose origin is this or begins with it and a slash, and for how long nothing came, in seconds. */
  listOpen(origin: string): Promise<{ readonly batchId: string; readonly origin: string; readonly quietSeconds: number }[]>
  finish(batchId: string): Promise<void>
}

const ACTOR = 'channel:postal'

export function openHopper(ground: Ground): Hopper {
  return {
    drop: (chute, scan) => drop(ground, chute, scan),
    async tell(chute, sentence) {
      const batchId = await findNamed(ground.db, chute.named) ?? await openBatch(ground, chute)
      await addRemarks(ground.db, batchId, [sentence])
      return batchId
    },
    listOpen: (origin) => listOpen(ground.db, origin),
    finish: (batchId) => finishScanning(ground, batchId, ACTOR)
  }
}

async function drop(ground: Ground, chute: Chute, scan: DroppedScan): Promise<string> {
  const { db, blobs, queues } = ground
  const taken = await findTaken(db, chute.origin, scan)
  if (taken) return taken
  const { note } = readNote(chute.note)
  let { named } = chute
  for (;;) {
    const batchId = await findNamed(db, named) ?? await openBatch(ground, chute)
    try {
      const side = note?.sides[scan.name]
      await addScan(db, blobs, batchId, { name: scan.name, bytes: scan.bytes, actor: ACTOR, ...(side ? { side } : {}) })
    } catch (error) {
      const { code } = asEvenhandError(error)
      if (code !== 'BATCH_FULL' && code !== 'BATCH_RELEASED') throw error
      // Full, or released by another process in between: this one is closed, and the next turn opens another, whatever the folder's name.
      if (code === 'BATCH_FULL') await finishScanning(ground, batchId, ACTOR)
      named = undefined
      continue
    }
    if (scan.remark) await addRemarks(db, batchId, [scan.remark])
    queues.hand('mailroom', [batchId])
    return batchId
  }
}

async function findTaken(db: Db, origin: string, { name, bytes }: DroppedScan): Promise<string | undefined> {
  const found = await db.selectFrom('scans').innerJoin('batches', 'batches.id', 'scans.batch_id').select('batches.id')
    .where('batches.origin', '=', origin).where('scans.name', '=', name).where('scans.sha256', '=', sha256(bytes)).executeTakeFirst()
  return found?.id
}

/** A folder named after a batch that was logged at the bench; once that is released, what comes later is a batch of its own. */
async function findNamed(db: Db, named: string | undefined): Promise<string | undefined> {
  if (!named) return undefined
  const found = await db.selectFrom('batches').select('id').where('id', '=', named).where('release_by', 'is', null).executeTakeFirst()
  return found?.id
}

async function openBatch(ground: Ground, { origin, named, note }: Chute): Promise<string> {
  const { db } = ground
  const open = await db.selectFrom('batches').select('id').where('origin', '=', origin).where('state', '=', 'scanning').executeTakeFirst()
  if (open) return open.id
  const read = readNote(note)
  const wanted = await trayOf(db, read.note, ACTOR)
  const late = named ? await db.selectFrom('batches').select(['id', 'release_by']).where('id', '=', named).executeTakeFirst() : undefined
  const why = late?.release_by ? 'had been released' : 'holds as much as one batch may'
  const logged = await logOrPlain(ground, { ...wanted.tray, origin })
  await addRemarks(db, logged.id, [...read.remarks, ...wanted.remarks, ...logged.remarks, ...(late ? [`The folder is named after batch ${late.id}, which ${why}.`] : [])])
  return logged.id
}

/** A stamp that is not granted does not keep a tray from being logged: it gets the time of now, and a person is told. */
async function logOrPlain({ db, agency }: Ground, tray: LoggedTray): Promise<{ id: string; remarks: string[] }> {
  try {
    return { id: (await logTray(db, agency(), tray)).id, remarks: [] }
  } catch (error) {
    const { code, message } = asEvenhandError(error)
    if (!tray.receivedAt || !['STAMP_OUT_OF_BOUNDS', 'REASON_REQUIRED'].includes(code)) throw error
    const { receivedAt, reason: _, claim: __, ...plain } = tray
    return { id: (await logTray(db, agency(), plain)).id, remarks: [`The stamp of ${receivedAt.toISOString()} was not used: ${message}`] }
  }
}

async function listOpen(db: Db, origin: string) {
  const { rows } = await sql<{ batchId: string; origin: string; quietSeconds: number }>`
    select batches.id as "batchId", origin, extract(epoch from clock_timestamp() - greatest(logged_at, (select max(added_at) from scans where batch_id = batches.id)))::float8 as "quietSeconds"
    from batches where state = 'scanning' and (origin = ${origin} or starts_with(origin, ${`${origin}/`})) order by logged_at`.execute(db)
  return rows
}

