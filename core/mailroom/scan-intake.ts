/** Takes scans that no person adds, such as those from a watched folder. */
import { sql } from 'kysely'
import { sha256 } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import { asEvenhandError } from '../../platform/errors.ts'
import type { MailroomRuntime } from './runtime.ts'
import { readManifest, trayOf } from './batch-manifest.ts'
import { addHoldReasons } from './hold-reasons.ts'
import type { FoundScan, ScanIntake, ScanSource } from '../intake/scan-intake.ts'
import { addScan } from './scans.ts'
import { finishScanning } from './scanning.ts'
import { logTray, type LoggedTray } from './tray.ts'

const ACTOR = 'channel:postal'

export function openScanIntake(runtime: MailroomRuntime): ScanIntake {
  return {
    add: (source, scan) => add(runtime, source, scan),
    async flag(source, sentence) {
      const batchId =
        (await findNamed(runtime.db, source.named)) ?? (await openBatch(runtime, source))
      await addHoldReasons(runtime.db, batchId, [sentence])
      return batchId
    },
    listOpen: (origin) => listOpen(runtime.db, origin),
    finish: (batchId) => finishScanning(runtime, batchId, ACTOR)
  }
}

async function add(runtime: MailroomRuntime, source: ScanSource, scan: FoundScan): Promise<string> {
  const { db, blobs, queues } = runtime
  const taken = await findTaken(db, source.origin, scan)
  if (taken) return taken
  const { note } = readManifest(source.note)
  let { named } = source
  for (;;) {
    const batchId = (await findNamed(db, named)) ?? (await openBatch(runtime, source))
    try {
      const side = note?.sides[scan.name]
      await addScan(db, blobs, batchId, {
        name: scan.name,
        bytes: scan.bytes,
        actor: ACTOR,
        ...(side ? { side } : {})
      })
    } catch (error) {
      const { code } = asEvenhandError(error)
      if (code !== 'BATCH_FULL' && code !== 'BATCH_RELEASED') throw error
      // The batch is full, or another process has just released it. It is closed, and the next
      // round opens another, even if the folder is named after this one.
      if (code === 'BATCH_FULL') await finishScanning(runtime, batchId, ACTOR)
      named = undefined
      continue
    }
    if (scan.holdReason) await addHoldReasons(db, batchId, [scan.holdReason])
    queues.enqueue('mailroom', [batchId])
    return batchId
  }
}

async function findTaken(
  db: Db,
  origin: string,
  { name, bytes }: FoundScan
): Promise<string | undefined> {
  const found = await db
    .selectFrom('scans')
    .innerJoin('batches', 'batches.id', 'scans.batch_id')
    .select('batches.id')
    .where('batches.origin', '=', origin)
    .where('scans.name', '=', name)
    .where('scans.sha256', '=', sha256(bytes))
    .executeTakeFirst()
  return found?.id
}

/**
 * A batch logged by a person whose name the folder has. After its release, later scans get a batch
 * of their own.
 */
async function findNamed(db: Db, named: string | undefined): Promise<string | undefined> {
  if (!named) return undefined
  const found = await db
    .selectFrom('batches')
    .select('id')
    .where('id', '=', named)
    .where('release_by', 'is', null)
    .executeTakeFirst()
  return found?.id
}

async function openBatch(
  runtime: MailroomRuntime,
  { origin, named, note }: ScanSource
): Promise<string> {
  const { db } = runtime
  const open = await db
    .selectFrom('batches')
    .select('id')
    .where('origin', '=', origin)
    .where('state', '=', 'scanning')
    .executeTakeFirst()
  if (open) return open.id
  const read = readManifest(note)
  const wanted = await trayOf(db, read.note, ACTOR)
  const late = named
    ? await db
        .selectFrom('batches')
        .select(['id', 'release_by'])
        .where('id', '=', named)
        .executeTakeFirst()
    : undefined
  const why = late?.release_by ? 'had been released' : 'holds as much as one batch may'
  const logged = await logOrPlain(runtime, { ...wanted.tray, origin })
  await addHoldReasons(db, logged.id, [
    ...read.holdReasons,
    ...wanted.holdReasons,
    ...logged.holdReasons,
    ...(late ? [`The folder is named after batch ${late.id}, which ${why}.`] : [])
  ])
  return logged.id
}

/**
 * If the stamp is not accepted, the tray is still logged, with the present time, and a person is
 * told.
 */
async function logOrPlain(
  { db, agency }: MailroomRuntime,
  tray: LoggedTray
): Promise<{ id: string; holdReasons: string[] }> {
  try {
    return { id: (await logTray(db, agency(), tray)).id, holdReasons: [] }
  } catch (error) {
    const { code, message } = asEvenhandError(error)
    if (!tray.receivedAt || !['STAMP_OUT_OF_BOUNDS', 'REASON_REQUIRED'].includes(code)) throw error
    const { receivedAt, reason: _, claim: __, ...plain } = tray
    return {
      id: (await logTray(db, agency(), plain)).id,
      holdReasons: [`The stamp of ${receivedAt.toISOString()} was not used: ${message}`]
    }
  }
}

async function listOpen(db: Db, origin: string) {
  const { rows } = await sql<{ batchId: string; origin: string; quietSeconds: number }>`
    select batches.id as "batchId", origin, extract(epoch
      from clock_timestamp() - greatest(logged_at, (select max(added_at) from scans
      where batch_id = batches.id)))::float8 as "quietSeconds"
    from batches where state = 'scanning' and (origin = ${origin}
      or starts_with(origin, ${`${origin}/`})) order by logged_at`.execute(db)
  return rows
}
