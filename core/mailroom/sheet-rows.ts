/**
 * Sheets with what was read of them. The documents room keeps that under the hash of the scan's
 * bytes, so that two scans with equal bytes are read once; what staff said of a sheet is its own.
 */
import { sql, type Selectable } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Tables } from '../../platform/db/tables.ts'
import { unread } from '../documents/read.ts'
import { readStoredPages, type StoredPage } from '../documents/store.ts'

/** What was read of a sheet; its words are loaded one page at a time, by `pageOf`. */
export type SheetPage = Pick<
  StoredPage,
  'blank' | 'confidence' | 'withheld' | 'barcodes' | 'image'
> & {
  /** Empty where texts were not asked for. */
  readonly text: string
}

export interface SheetRow extends Selectable<Tables['sheets']> {
  /** SHA-256 of its scan. */
  readonly sha256: string
  /** Undefined until it was read or given up. */
  readonly read: SheetPage | undefined
}

/**
 * True in SQL where a row of `sheets`, joined with its row of `scans`, was read or given up. A page
 * that was read as part of an attachment counts once it was searched for barcodes.
 */
export const isRead = sql<boolean>`(sheets.withheld is not null or exists (select
  from document_pages where document_pages.sha256 = scans.sha256
  and document_pages.number = sheets.page and document_pages.barcodes is not null))`

interface WhatOfSheets {
  /** False leaves out the words, which are most of what a sheet holds. */
  readonly texts?: boolean
}

/** The sheets of these scans in no order. */
export async function findSheets(
  db: Db,
  scanIds: readonly string[],
  what: WhatOfSheets = {}
): Promise<SheetRow[]> {
  const rows = await selectSheets(db, what)
    .where('scan_id', 'in', [...scanIds])
    .execute()
  return rows.map(toSheetRow)
}

export async function findSheet(
  db: Db,
  scanId: string,
  page: number
): Promise<SheetRow | undefined> {
  const row = await selectSheets(db)
    .where('scan_id', '=', scanId)
    .where('page', '=', page)
    .executeTakeFirst()
  return row && toSheetRow(row)
}

/** The page of a sheet with its words; one without content if it was not read. */
export async function pageOf(db: Db, { sha256, page, withheld }: SheetRow): Promise<StoredPage> {
  if (withheld !== null) return unread(page, withheld)
  const [stored] = await readStoredPages(db, sha256, { from: page, to: page })
  return stored ?? unread(page, 'The page was not read.')
}

function selectSheets(db: Db, { texts = true }: WhatOfSheets = {}) {
  return db
    .selectFrom('sheets')
    .innerJoin('scans', 'scans.id', 'sheets.scan_id')
    .leftJoin('document_pages', (join) =>
      join
        .onRef('document_pages.sha256', '=', 'scans.sha256')
        .onRef('document_pages.number', '=', 'sheets.page')
        .on('document_pages.barcodes', 'is not', null)
    )
    .select([
      'scan_id',
      'page',
      'kind',
      'starts',
      'turned',
      'lot',
      'thumbnail_sha256',
      'scans.sha256',
      'sheets.withheld',
      'document_pages.withheld as page_withheld',
      'confidence',
      'blank',
      'document_pages.barcodes',
      'image',
      'image_type',
      sql<string | null>`case when ${texts}::boolean then text end`.as('text')
    ])
}

type Joined = Awaited<ReturnType<ReturnType<typeof selectSheets>['execute']>>[number]

function toSheetRow({
  page_withheld: pageWithheld,
  confidence,
  blank,
  barcodes,
  image,
  image_type: imageType,
  text,
  ...own
}: Joined): SheetRow {
  if (own.withheld !== null)
    return { ...own, read: { text: '', confidence: 0, blank: false, withheld: own.withheld } }
  if (!barcodes) return { ...own, read: undefined }
  return {
    ...own,
    read: {
      text: text ?? '',
      confidence: confidence!,
      blank: blank!,
      barcodes,
      ...(pageWithheld === null ? {} : { withheld: pageWithheld }),
      ...(image && imageType ? { image: { sha256: image, mediaType: imageType } } : {})
    }
  }
}
