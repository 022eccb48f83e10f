/** Reads the scans of a batch page by page. What was read stays read: after a kill only the rest is read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import type { Blobs } from '../blobs.ts'
import type { Db } from '../db/database.ts'
import { readDocument } from '../documents/read.ts'
import type { Page, PageImage } from '../documents/types.ts'
import { storableValue } from '../envelope.ts'
import { mailroomLimits } from './limits.ts'
import type { ScanRow } from './load.ts'
import { thumbnailOf } from './pictures.ts'
import { keepBlob } from './scans.ts'

export interface ScanReading {
  readonly db: Db
  readonly blobs: Blobs
  readonly languages: readonly string[]
  readonly engine: 'wasm' | 'native'
}

/** @throws what the database or the disk throws: the batch is taken up again */
export async function readScan(reading: ScanReading, scan: ScanRow): Promise<void> {
  const { db, blobs } = reading
  await db.updateTable('scans').set({ state: 'reading' }).where('id', '=', scan.id).execute()
  const done = new Set((await db.selectFrom('sheets').select('page').where('scan_id', '=', scan.id).where('result', 'is not', null).execute()).map(({ page }) => page))
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-scan-'))
  try {
    const file = path.join(folder, 'scan')
    await writeFile(file, await blobs.get(scan.sha256), { mode: 0o600 })
    const result = await readDocument(file, {
      languages: reading.languages, engine: reading.engine, barcodes: true, images: true, skip: (number) => done.has(number),
      onOpen: (total) => openScan(db, scan, total), onPage: (page, _total, image) => keepPage(reading, scan, page, image)
    })
    const unopened = result.outcome === 'withheld' && result.pages.length === 0
    if (unopened) await withholdScan(db, scan, result.reason ?? 'The document could not be read.')
    else await db.updateTable('scans').set({ state: result.outcome, reason: result.reason ?? null }).where('id', '=', scan.id).execute()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Makes a row for every page before the first is read: what came in is counted apart from what was read. */
async function openScan(db: Db, scan: Pick<ScanRow, 'id'>, total: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('scans').set({ pages: total }).where('id', '=', scan.id).execute()
    await sql`insert into sheets (scan_id, page) select ${scan.id}::uuid, n from generate_series(1, ${Math.min(total, mailroomLimits.sheets)}::int) as n on conflict do nothing`.execute(trx)
  })
}

async function keepPage({ db, blobs }: ScanReading, scan: ScanRow, page: Page, image: PageImage | undefined): Promise<void> {
  const { words, ...result } = storableValue(page) as Page
  const hash = image && await keepBlob(db, blobs, image.bytes)
  const thumbnail = image && await thumbnailOf(image.bytes, 0)
  await db.updateTable('sheets').set({
    result: JSON.stringify(result), words: JSON.stringify(words), image_sha256: hash ?? null, image_type: image?.mediaType ?? null,
    thumbnail_sha256: thumbnail ? await keepBlob(db, blobs, thumbnail) : null
  }).where('scan_id', '=', scan.id).where('page', '=', page.number).execute()
  await db.updateTable('batches').set({ updated_at: sql`now()` }).where('id', '=', scan.batch_id).execute()
}

/** What was not read of a scan is withheld; a file that was never opened counts as one sheet, so that it stands in the account and in a letter. */
export async function withholdScan(db: Db, scan: Pick<ScanRow, 'id'>, reason: string): Promise<void> {
  const { pages } = await db.selectFrom('scans').select('pages').where('id', '=', scan.id).executeTakeFirstOrThrow()
  await openScan(db, scan, pages ?? 1)
  await db.transaction().execute(async (trx) => {
    const result = { text: '', confidence: 0, rotation: 0, skew: 0, blank: false, source: 'ocr', widthPx: 0, heightPx: 0, dpi: 0, withheld: reason }
    await sql`update sheets set result = ${JSON.stringify(result)}::jsonb || jsonb_build_object('number', page), words = '[]' where scan_id = ${scan.id} and result is null`.execute(trx)
    await trx.updateTable('scans').set({ state: 'withheld', reason }).where('id', '=', scan.id).execute()
  })
}
