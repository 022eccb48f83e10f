/** The document of a letter: a PDF of exactly its pages, made of what was read, so that nothing is read twice. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Blobs } from '../blobs.ts'
import type { Db } from '../db/database.ts'
import type { SheetMade, Turn } from '../db/tables.ts'
import { limits } from '../documents/limits.ts'
import { sharedPool } from '../documents/read.ts'
import type { BindPage } from '../documents/reader/job.ts'
import type { Page, Word } from '../documents/types.ts'
import { EvenhandError } from '../errors.ts'
import type { LaidSheet, ScanRow } from './load.ts'
import { redraw, turnBox } from './pictures.ts'
import { keepBlob } from './scans.ts'

export interface LetterFile {
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly madeOf: readonly SheetMade[]
  /** The pages as they were read, numbered as in the file; undefined where the file is a scan nothing could read. */
  readonly pages: readonly LetterPage[] | undefined
}

/** A page as it stands in the letter: turned as a person said, its words with it. */
export interface LetterPage {
  readonly page: Page
  readonly image: { readonly sha256: string; readonly mediaType: string } | undefined
}

export function madeOf(sheets: readonly LaidSheet[]): SheetMade[] {
  return sheets.map(({ row }) => ({ scan: row.scan_id, page: row.page, turned: row.turned }))
}

/** @throws what the database or the disk throws, Withheld where no PDF can be made */
export async function makeLetterFile(db: Db, blobs: Blobs, scans: readonly ScanRow[], sheets: readonly LaidSheet[]): Promise<LetterFile> {
  const scanOf = (id: string) => scans.find((scan) => scan.id === id)!
  const scan = scanOf(sheets[0]!.row.scan_id)
  // A scan of several pages is no letter's file: another letter may have pages of it.
  const unopened = sheets.length === 1 && scan.state === 'withheld' && scan.pages === 1 && !sheets[0]!.row.image_sha256
  if (unopened) {
    return { bytes: await blobs.get(scan.sha256), mediaType: scan.media_type, madeOf: madeOf(sheets), pages: undefined }
  }
  const words = await wordsBySheet(db, sheets)
  const pages: LetterPage[] = []
  for (const [index, { row }] of sheets.entries()) {
    const page = { ...row.result!, number: index + 1, words: words.get(`${row.scan_id}/${row.page}`) ?? [] }
    pages.push(await turnPage(db, blobs, row.turned, { page, image: row.image_sha256 ? { sha256: row.image_sha256, mediaType: row.image_type! } : undefined }))
  }
  return { bytes: await bindPages(blobs, sheets, pages, scanOf), mediaType: 'application/pdf', madeOf: madeOf(sheets), pages }
}

async function turnPage(db: Db, blobs: Blobs, turned: Turn, { page, image }: LetterPage): Promise<LetterPage> {
  const bytes = turned !== 0 && image ? await redraw(await blobs.get(image.sha256), turned) : undefined
  if (!bytes) return { page, image }
  const { widthPx: width, heightPx: height } = page
  const size = turned === 180 ? {} : { widthPx: height, heightPx: width }
  return { page: { ...page, ...size, words: page.words.map((word) => ({ ...word, box: turnBox(word.box, turned, width, height) })) }, image: { sha256: await keepBlob(db, blobs, bytes), mediaType: 'image/jpeg' } }
}

async function wordsBySheet(db: Db, sheets: readonly LaidSheet[]): Promise<Map<string, readonly Word[]>> {
  const found = new Map<string, readonly Word[]>()
  for (const { row } of sheets) {
    const one = await db.selectFrom('sheets').select('words').where('scan_id', '=', row.scan_id).where('page', '=', row.page).executeTakeFirst()
    found.set(`${row.scan_id}/${row.page}`, one?.words ?? [])
  }
  return found
}

async function bindPages(blobs: Blobs, sheets: readonly LaidSheet[], pages: readonly LetterPage[], scanOf: (id: string) => ScanRow): Promise<Uint8Array> {
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-letter-'))
  try {
    const originals = new Map<string, string>()
    const bound: BindPage[] = []
    for (const [index, { row }] of sheets.entries()) {
      const scan = scanOf(row.scan_id)
      const { page: read, image: picture } = pages[index]!
      const page = { ...read, number: row.page }
      // The scan itself is needed only for pages that are copied out of it.
      const copied = page.source === 'text-layer' || !picture
      if (copied && !originals.has(scan.id)) originals.set(scan.id, await spool(folder, scan.id, await blobs.get(scan.sha256)))
      const image = picture && { path: await spool(folder, `page-${index}`, await blobs.get(picture.sha256)), mediaType: picture.mediaType as 'image/png' | 'image/jpeg' }
      bound.push({ page, ...(image ? { image } : {}), from: originals.get(scan.id) ?? '', turned: copied || picture?.sha256 === row.image_sha256 ? row.turned : 0, instead: `Page ${row.page} of ${scan.name} could not be shown. The scan is kept as it came.` })
    }
    const [pagesPath, outPath] = [await spool(folder, 'pages.json', Buffer.from(JSON.stringify(bound))), path.join(folder, 'letter.pdf')]
    const made = await sharedPool().run({ kind: 'bind', path: outPath, pagesPath, outPath }, limits.assembleSeconds)
    if (made.pages !== sheets.length) throw new EvenhandError('INTERNAL', `a letter of ${sheets.length} pages became a document of ${made.pages}`)
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
