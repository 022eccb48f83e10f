/**
 * Makes the document of a letter: a PDF of exactly its pages, with the text already read, so that
 * nothing is read twice.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import type { SheetMade, Rotation } from './tables.ts'
import { limits } from '../documents/limits.ts'
import { sharedPool } from '../documents/read.ts'
import type { BindPage } from '../documents/reader/job.ts'
import type { StoredPage } from '../documents/store.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { LaidSheet, ScanRow } from './lay-out-batch.ts'
import { redraw, rotatedBox } from './pictures.ts'
import { keepBlob } from './scans.ts'
import { pageOf } from './sheet-rows.ts'

export interface LetterFile {
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly madeOf: readonly SheetMade[]
  /**
   * The pages as read, turned as a person said and numbered as in the file. Undefined if the file is
   * a scan that could not be read.
   */
  readonly pages: readonly StoredPage[] | undefined
}

export function madeOf(sheets: readonly LaidSheet[]): SheetMade[] {
  return sheets.map(({ row }) => ({ scan: row.scan_id, page: row.page, turned: row.turned }))
}

/** @throws what the database or the disk throws; Withheld if no PDF can be made */
export async function makeLetterFile(
  db: Db,
  blobs: Blobs,
  scans: readonly ScanRow[],
  sheets: readonly LaidSheet[]
): Promise<LetterFile> {
  const scanOf = (id: string) => scans.find((scan) => scan.id === id)!
  const scan = scanOf(sheets[0]!.row.scan_id)
  // A scan of several pages cannot be used as a letter's file, because another letter may have some
  // of its pages.
  const unopened =
    sheets.length === 1 &&
    scan.state === 'withheld' &&
    scan.pages === 1 &&
    !sheets[0]!.row.read?.image
  if (unopened) {
    return {
      bytes: await blobs.get(scan.sha256),
      mediaType: scan.media_type,
      madeOf: madeOf(sheets),
      pages: undefined
    }
  }
  const pages: StoredPage[] = []
  for (const [index, { row }] of sheets.entries())
    pages.push(
      await rotatePage(db, blobs, row.turned, { ...(await pageOf(db, row)), number: index + 1 })
    )
  return {
    bytes: await bindPages(blobs, sheets, pages, scanOf),
    mediaType: 'application/pdf',
    madeOf: madeOf(sheets),
    pages
  }
}

async function rotatePage(
  db: Db,
  blobs: Blobs,
  turned: Rotation,
  page: StoredPage
): Promise<StoredPage> {
  const { image, widthPx: width, heightPx: height } = page
  const bytes =
    turned !== 0 && image ? await redraw(await blobs.get(image.sha256), turned) : undefined
  if (!bytes) return page
  const size = turned === 180 ? {} : { widthPx: height, heightPx: width }
  return {
    ...page,
    ...size,
    words: page.words.map((word) => ({
      ...word,
      box: rotatedBox(word.box, turned, width, height)
    })),
    image: { sha256: await keepBlob(db, blobs, bytes), mediaType: 'image/jpeg' }
  }
}

async function bindPages(
  blobs: Blobs,
  sheets: readonly LaidSheet[],
  pages: readonly StoredPage[],
  scanOf: (id: string) => ScanRow
): Promise<Uint8Array> {
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-letter-'))
  try {
    const originals = new Map<string, string>()
    const bound: BindPage[] = []
    for (const [index, { row }] of sheets.entries()) {
      const scan = scanOf(row.scan_id)
      const { image: picture, ...read } = pages[index]!
      const page = { ...read, number: row.page }
      // The scan's file is needed only for pages that are copied out of it.
      const copied = page.source === 'text-layer' || !picture
      if (copied && !originals.has(scan.id))
        originals.set(scan.id, await spool(folder, scan.id, await blobs.get(scan.sha256)))
      const image = picture && {
        path: await spool(folder, `page-${index}`, await blobs.get(picture.sha256)),
        mediaType: picture.mediaType
      }
      bound.push({
        page,
        ...(image ? { image } : {}),
        from: originals.get(scan.id) ?? '',
        turned: copied || picture?.sha256 === row.read?.image?.sha256 ? row.turned : 0,
        instead: `Page ${row.page} of ${scan.name} could not be shown. The scan is kept as it came.`
      })
    }
    const [pagesPath, outPath] = [
      await spool(folder, 'pages.json', Buffer.from(JSON.stringify(bound))),
      path.join(folder, 'letter.pdf')
    ]
    const made = await sharedPool().run(
      { kind: 'bind', path: outPath, pagesPath, outPath },
      limits.assembleSeconds
    )
    if (made.pages !== sheets.length)
      throw new EvenhandError(
        'INTERNAL',
        `a letter of ${sheets.length} pages became a document of ${made.pages}`
      )
    return await readFile(outPath)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function spool(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, name)
  await writeFile(file, bytes, { mode: 0o600 })
  return file
}
