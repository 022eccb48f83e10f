/** Scans come in: kept as they are, durable before the scanner's copy may go. */
import { sql } from 'kysely'
import { INLINE_LIMIT, sha256, unpack, type Blobs } from '../blobs.ts'
import type { Db } from '../db/database.ts'
import { limits } from '../documents/limits.ts'
import { sniff } from '../documents/media-type.ts'
import { storableText } from '../envelope.ts'
import { EvenhandError } from '../errors.ts'
import { newId } from '../ids.ts'
import { appendEvents } from '../ledger.ts'
import { mailroomLimits } from './limits.ts'
import { lockBatch, type ScanRow } from './load.ts'
import type { Scan } from './types.ts'

export interface NewScan {
  readonly name: string
  readonly bytes: Uint8Array
  readonly side?: Scan['side']
  readonly actor: string
}

/** Keeps content: in the database where it is small, else as a file. Durable when the row that names it is. */
export async function keepBlob(db: Db, blobs: Blobs, bytes: Uint8Array, hash = sha256(bytes)): Promise<string> {
  if (bytes.length > INLINE_LIMIT) await blobs.putFile(bytes, hash)
  else await sql`insert into blobs (sha256, content) select hash, content from ${unpack([{ hash, content: bytes }])} as given (hash, content) on conflict do nothing`.execute(db)
  return hash
}

/** @throws BATCH_UNKNOWN, BATCH_RELEASED, BATCH_FULL, INTAKE_TOO_LARGE, BAD_REQUEST for an empty file */
export async function addScan(db: Db, blobs: Blobs, batchId: string, scan: NewScan): Promise<ScanRow> {
  if (scan.bytes.length > limits.documentBytes) throw new EvenhandError('INTAKE_TOO_LARGE')
  if (scan.bytes.length === 0) throw new EvenhandError('BAD_REQUEST', 'the file is empty')
  const hash = await keepBlob(db, blobs, scan.bytes)
  const { mediaType } = await sniff(scan.bytes.subarray(0, 1024 ** 2))
  return db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by) throw new EvenhandError('BATCH_RELEASED')
    const name = storableText(scan.name.slice(0, mailroomLimits.label)) || 'scan'
    const known = await trx.selectFrom('scans').selectAll().where('batch_id', '=', batchId).where('name', '=', name).where('sha256', '=', hash).executeTakeFirst()
    if (known) return known
    await requireRoom(trx, batchId)
    const row = await trx.insertInto('scans')
      .values({ id: newId(), batch_id: batchId, name, sha256: hash, media_type: mediaType, bytes: scan.bytes.length, side: scan.side ?? 'both', added_by: scan.actor }).returningAll().executeTakeFirstOrThrow()
    // A batch that waited for a person is sorted again with what came.
    await trx.updateTable('batches').set({ updated_at: sql`now()`, ...(batch.state === 'held' ? { state: 'reading' as const } : {}) }).where('id', '=', batchId).execute()
    await appendEvents(trx, [{ kind: 'batch.scan-added', actor: scan.actor, data: { batch: batchId, scan: row.id, sha256: hash, bytes: scan.bytes.length } }])
    return row
  })
}

async function requireRoom(trx: Db, batchId: string): Promise<void> {
  const { scans, pages } = await trx.selectFrom('scans').select(({ fn }) => [fn.countAll<string>().as('scans'), fn.sum<string | null>('pages').as('pages')]).where('batch_id', '=', batchId).executeTakeFirstOrThrow()
  if (Number(scans) >= mailroomLimits.scans || Number(pages ?? 0) >= mailroomLimits.sheets) throw new EvenhandError('BATCH_FULL')
}
