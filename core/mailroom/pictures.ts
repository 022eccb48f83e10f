/**
 * Draws pictures of sheets for the pages. This runs in a reader process because the files are
 * untrusted.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import type { Rotation } from './tables.ts'
import { limits } from '../documents/limits.ts'
import { rotateBox } from '../documents/reader/boxes.ts'
import { Withheld } from '../documents/pool.ts'
import { sharedPool } from '../documents/read.ts'
import type { Box, Word } from '../documents/types.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { arrange } from './arrange.ts'
import { findSheet, pageOf, type SheetRow } from './sheet-rows.ts'
import type { SheetPicture } from './types.ts'

/** Longest side of a thumbnail in pixels: enough to show a letter's letterhead and layout. */
const THUMBNAIL = 320

/**
 * The sheet at a position. A page shows hundreds of thumbnails and each calls this, so it loads
 * only the order of the sheets and one sheet's text, not the whole batch. @throws BATCH_UNKNOWN
 */
export async function sheetAt(db: Db, batchId: string, position: number): Promise<SheetRow> {
  const scans = await db
    .selectFrom('scans')
    .select([
      'id',
      'name',
      'side',
      'pages',
      sql<number[]>`array(select page from sheets where scan_id = scans.id)`.as('there')
    ])
    .where('batch_id', '=', batchId)
    .orderBy('seq')
    .execute()
  const there = new Map(scans.map((scan) => [scan.id, new Set(scan.there)]))
  const lying = arrange(
    scans.map(({ id, name, side, pages }) => ({ id, name, side, pages: pages ?? 0 }))
  ).sheets.filter(({ scanId, page }) => there.get(scanId)!.has(page))[position - 1]
  const row = lying && (await findSheet(db, lying.scanId, lying.page))
  if (!row) throw new EvenhandError('BATCH_UNKNOWN')
  return row
}

export async function pictureOf(
  db: Db,
  blobs: Blobs,
  batchId: string,
  position: number,
  size: 'thumbnail' | 'page'
): Promise<SheetPicture | undefined> {
  const row = await sheetAt(db, batchId, position)
  const image = row.read?.image
  if (!image) return undefined
  if (size === 'page' && row.turned === 0)
    return { mediaType: image.mediaType, bytes: await blobs.get(image.sha256) }
  if (size === 'thumbnail' && row.turned === 0 && row.thumbnail_sha256)
    return { mediaType: 'image/jpeg', bytes: await blobs.get(row.thumbnail_sha256) }
  const bytes = await redraw(
    await blobs.get(image.sha256),
    row.turned,
    size === 'thumbnail' ? THUMBNAIL : undefined
  )
  return bytes && { mediaType: 'image/jpeg', bytes }
}

/** Undefined if it cannot be drawn. */
export function thumbnailOf(image: Uint8Array, degrees: number): Promise<Uint8Array | undefined> {
  return redraw(image, degrees, THUMBNAIL)
}

/** The picture turned clockwise, as JPEG; undefined if it cannot be drawn. */
export async function redraw(
  image: Uint8Array,
  degrees: number,
  longest?: number
): Promise<Uint8Array | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-picture-'))
  try {
    const [from, to] = [path.join(folder, 'from'), path.join(folder, 'to.jpg')]
    await writeFile(from, image, { mode: 0o600 })
    await sharedPool().run(
      {
        kind: 'picture',
        path: from,
        outPath: to,
        degrees,
        ...(longest === undefined ? {} : { longest })
      },
      limits.openSeconds
    )
    return await readFile(to)
  } catch (error) {
    if (error instanceof Withheld) return undefined
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function wordsOf(db: Db, batchId: string, position: number): Promise<readonly Word[]> {
  const row = await sheetAt(db, batchId, position)
  const { words, widthPx, heightPx } = await pageOf(db, row)
  return words.map((word) => ({
    ...word,
    box: rotatedBox(word.box, row.turned, widthPx, heightPx)
  }))
}

/** Where a box lies after the picture of this size is turned clockwise. */
export function rotatedBox(box: Box, turned: Rotation, width: number, height: number): Box {
  const from = { width, height }
  const to = turned % 180 === 0 ? from : { width: height, height: width }
  return rotateBox(box, from, turned, to)
}
