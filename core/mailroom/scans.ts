/**
 * Takes scans in: each is stored unchanged and on disk before the scanner's copy may be deleted.
 */
import { sql } from 'kysely'
import { INLINE_LIMIT, sha256, unpack, type Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import { limits } from '../documents/limits.ts'
import { sniff } from '../documents/media-type.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { mailroomLimits } from './limits.ts'
import { lockBatch, type ScanRow } from './lay-out-batch.ts'
import type { Scan } from './types.ts'

export interface NewScan {
  readonly name: string
  readonly bytes: Uint8Array
  readonly side?: Scan['side']
  readonly actor: string
}

/**
 * Stores content: in the database if it is small, else as a file. It is durable once the row that
 * names it is committed.
 */
export async function keepBlob(
  db: Db,
  blobs: Blobs,
  bytes: Uint8Array,
  hash = sha256(bytes)
): Promise<string> {
  if (bytes.length > INLINE_LIMIT) await blobs.putFile(bytes, hash)
  else
    await sql`insert into blobs (sha256, content) select hash, content
        from ${unpack([{ hash, content: bytes }])} as given (hash, content)
        on conflict do nothing`.execute(db)
  return hash
}

/**
 * @throws BATCH_UNKNOWN, BATCH_RELEASED, BATCH_FULL, INTAKE_TOO_LARGE, BAD_REQUEST for an empty
 * file
 */
export async function addScan(
  db: Db,
  blobs: Blobs,
  batchId: string,
  scan: NewScan
): Promise<ScanRow> {
  if (scan.bytes.length > limits.documentBytes) throw new EvenhandError('INTAKE_TOO_LARGE')
  if (scan.bytes.length === 0) throw new EvenhandError('BAD_REQUEST', 'the file is empty')
  const hash = await keepBlob(db, blobs, scan.bytes)
  const { mediaType } = await sniff(scan.bytes.subarray(0, 1024 ** 2))
  return db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by) throw new EvenhandError('BATCH_RELEASED')
    const name = storableText(scan.name.slice(0, mailroomLimits.label)) || 'scan'
    const known = await trx
      .selectFrom('scans')
      .selectAll()
      .where('batch_id', '=', batchId)
      .where('name', '=', name)
      .where('sha256', '=', hash)
      .executeTakeFirst()
    if (known) return known
    await requireRoom(trx, batchId)
    const row = await trx
      .insertInto('scans')
      .values({
        id: newId(),
        batch_id: batchId,
        name,
        sha256: hash,
        media_type: mediaType,
        bytes: scan.bytes.length,
        side: scan.side ?? 'both',
        added_by: scan.actor
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    // A batch that was waiting for a person is sorted again with the new scan.
    await trx
      .updateTable('batches')
      .set({
        updated_at: sql`now()`,
        ...(batch.state === 'held' ? { state: 'reading' as const } : {})
      })
      .where('id', '=', batchId)
      .execute()
    await appendEvents(trx, [
      {
        kind: 'batch.scan-added',
        actor: scan.actor,
        data: { batch: batchId, scan: row.id, sha256: hash, bytes: scan.bytes.length }
      }
    ])
    return row
  })
}

async function requireRoom(trx: Db, batchId: string): Promise<void> {
  const { scans, pages } = await trx
    .selectFrom('scans')
    .select(({ fn }) => [
      fn.countAll<string>().as('scans'),
      fn.sum<string | null>('pages').as('pages')
    ])
    .where('batch_id', '=', batchId)
    .executeTakeFirstOrThrow()
  if (Number(scans) >= mailroomLimits.scans || Number(pages ?? 0) >= mailroomLimits.sheets)
    throw new EvenhandError('BATCH_FULL')
}
