/**
 * Has the scans of a batch read page by page. The pages are kept by the documents room under the
 * hash of the scan's bytes: after a kill only the missing ones are read, and a scan that lies in two
 * trays, or also came with a contact, is read once.
 */
import { sql } from 'kysely'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import { askForPages, readPages } from '../documents/read-pages.ts'
import type { StoredImage } from '../documents/store.ts'
import { mailroomLimits } from './limits.ts'
import type { ScanRow } from './lay-out-batch.ts'
import { thumbnailOf } from './pictures.ts'
import { keepBlob } from './scans.ts'
import { findSheets, isRead } from './sheet-rows.ts'

export interface ScanReading {
  readonly db: Db
  readonly blobs: Blobs
  readonly languages: readonly string[]
  readonly engine: 'wasm' | 'native'
}

/**
 * False if its pages are being read elsewhere: for another tray or for a contact. It is then looked
 * at again later.
 * @throws what the database or the disk throws; the scan is then tried again
 */
export async function readScan(reading: ScanReading, scan: ScanRow): Promise<boolean> {
  const { db } = reading
  if (!(await claimScan(db, scan))) return false
  const read = await readPages(
    {
      ...reading,
      onOpen: (pages) => openScan(db, scan, pages),
      onPage: (number, image) => notePage(reading, scan, number, image)
    },
    scan.sha256
  )
  if (!read) return false
  if (read.pages === undefined)
    await withholdScan(db, scan, read.reason ?? 'The document could not be read.')
  else await noteRead(reading, scan, read)
  return true
}

/**
 * Begins the reading unless the pages are read elsewhere. The lock on the document lets one of
 * several scans with equal bytes begin.
 */
async function claimScan(db: Db, scan: ScanRow): Promise<boolean> {
  const { id, sha256 } = scan
  return db.transaction().execute(async (trx) => {
    if (await askForPages(trx, { sha256, bytes: Number(scan.bytes) })) return false
    const other = await trx
      .selectFrom('scans')
      .select('id')
      .where('sha256', '=', sha256)
      .where('id', '<>', id)
      .where('state', '=', 'reading')
      .executeTakeFirst()
    if (other) return false
    await trx.updateTable('scans').set({ state: 'reading' }).where('id', '=', id).execute()
    return true
  })
}

/** Other batches with a scan of these bytes, which may have waited for its pages. */
export async function findWaiting(db: Db, { sha256, batch_id: own }: ScanRow): Promise<string[]> {
  const rows = await db
    .selectFrom('scans')
    .select('batch_id')
    .distinct()
    .where('sha256', '=', sha256)
    .where('batch_id', '<>', own)
    .where('state', 'in', ['stored', 'reading'])
    .execute()
  return rows.map(({ batch_id: id }) => id)
}

/**
 * Creates a row for every page before the first is read, so that pages received are counted
 * independently of pages read.
 */
async function openScan(db: Db, scan: Pick<ScanRow, 'id'>, total: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('scans').set({ pages: total }).where('id', '=', scan.id).execute()
    await sql`insert into sheets (scan_id, page) select ${scan.id}::uuid, n
        from generate_series(1, ${Math.min(total, mailroomLimits.sheets)}::int) as n
        on conflict do nothing`.execute(trx)
  })
}

/** The sweep sees by the batch's time that somebody works on it. */
async function notePage(
  reading: ScanReading,
  scan: ScanRow,
  number: number,
  image: StoredImage | undefined
): Promise<void> {
  await drawThumbnail(reading, scan, number, image)
  await reading.db
    .updateTable('batches')
    .set({ updated_at: sql`now()` })
    .where('id', '=', scan.batch_id)
    .execute()
}

async function drawThumbnail(
  { db, blobs }: ScanReading,
  scan: Pick<ScanRow, 'id'>,
  page: number,
  image: StoredImage | undefined
): Promise<void> {
  const thumbnail = image && (await thumbnailOf(await blobs.get(image.sha256), 0))
  if (!thumbnail) return
  await db
    .updateTable('sheets')
    .set({ thumbnail_sha256: await keepBlob(db, blobs, thumbnail) })
    .where('scan_id', '=', scan.id)
    .where('page', '=', page)
    .execute()
}

/** Pages that were there before, or of which a kill left no thumbnail, get theirs now. */
async function noteRead(
  reading: ScanReading,
  scan: ScanRow,
  { outcome, reason }: { readonly outcome: 'read' | 'withheld'; readonly reason?: string }
): Promise<void> {
  for (const { page, read, thumbnail_sha256: thumbnail } of await findSheets(
    reading.db,
    [scan.id],
    { texts: false }
  ))
    if (!thumbnail && read?.image) await notePage(reading, scan, page, read.image)
  await reading.db
    .updateTable('scans')
    .set({ state: outcome, reason: reason ?? null })
    .where('id', '=', scan.id)
    .execute()
}

/**
 * Gives up on the unread pages of a scan. A file that could not be opened counts as one sheet, so
 * that it is in the page count and in a letter.
 */
export async function withholdScan(
  db: Db,
  scan: Pick<ScanRow, 'id'>,
  reason: string
): Promise<void> {
  const { pages } = await db
    .selectFrom('scans')
    .select('pages')
    .where('id', '=', scan.id)
    .executeTakeFirstOrThrow()
  await openScan(db, scan, pages ?? 1)
  await db.transaction().execute(async (trx) => {
    await sql`update sheets set withheld = ${reason} from scans
        where scans.id = sheets.scan_id and scan_id = ${scan.id} and not ${isRead}`.execute(trx)
    await trx
      .updateTable('scans')
      .set({ state: 'withheld', reason })
      .where('id', '=', scan.id)
      .execute()
  })
}
