/** What was read of documents, in the database: by the hash of their bytes, page by page. Every write may be repeated. */
import { sql, type Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { storableText, storableValue } from '../envelope.ts'
import type { DocumentKind } from './media-type.ts'
import type { Barcode, Page, PageImage } from './types.ts'
import { packWords, unpackWords } from './words.ts'

/** Raised when the reader becomes so much better that stored documents are worth reading again. */
export const READER_VERSION = 1

/** A document to be read; its bytes are among the blobs. */
export interface AskedDocument {
  readonly sha256: string
  readonly bytes: number
  /** Also look for barcodes: of scans, not of what residents attach. */
  readonly barcodes?: boolean
}

export interface DocumentRecord {
  readonly sha256: string
  readonly bytes: number
  /** By its bytes; undefined until it was opened, as is `pages`. */
  readonly mediaType: string | undefined
  readonly kind: DocumentKind | undefined
  readonly pages: number | undefined
  readonly pagesRead: number
  readonly barcodes: boolean
  /** Undefined while it waits or is being read. */
  readonly outcome: 'read' | 'withheld' | undefined
  /** Why nothing could be read, or what is missing. */
  readonly reason: string | undefined
  /** Blob of the copy with a text layer; its own hash where the original has one throughout. */
  readonly searchablePdf: string | undefined
  readonly attempts: number
}

export interface StoredImage {
  readonly sha256: string
  readonly mediaType: PageImage['mediaType']
}

export interface StoredPage extends Page {
  /** Blob of the page's picture, upright. */
  readonly image?: StoredImage
}

/** A document whose pages are known already, such as a letter made of pages of a scan. */
export interface WholeDocument extends AskedDocument {
  readonly mediaType: string
  readonly kind: DocumentKind
  readonly outcome: 'read' | 'withheld'
  readonly reason?: string
  readonly searchablePdf?: string
  readonly pages: readonly StoredPage[]
}

/** Notes documents that are to be read; one that was read without barcodes is read again where they are asked for. */
export async function askForDocuments(db: Db, documents: readonly AskedDocument[]): Promise<void> {
  if (documents.length === 0) return
  await sql`
    insert into documents (sha256, bytes, barcodes, reader_version)
    select distinct on (sha256) sha256, bytes, barcodes, ${READER_VERSION}::int
    from unnest(${documents.map(({ sha256 }) => sha256)}::text[], ${documents.map(({ bytes }) => bytes)}::bigint[], ${documents.map(({ barcodes }) => barcodes ?? false)}::boolean[]) as given (sha256, bytes, barcodes)
    order by sha256, barcodes desc
    on conflict (sha256) do update set barcodes = true, outcome = null, updated_at = now()
    where excluded.barcodes and not documents.barcodes`.execute(db)
}

/** Undefined for a document nobody asked for. */
export async function findDocument(db: Db, sha256: string): Promise<DocumentRecord | undefined> {
  return (await findDocuments(db, [sha256])).get(sha256)
}

export async function findDocuments(db: Db, hashes: readonly string[]): Promise<Map<string, DocumentRecord>> {
  if (hashes.length === 0) return new Map()
  const rows = await db.selectFrom('documents').selectAll().select((row) => row.selectFrom('document_pages').whereRef('document_pages.sha256', '=', 'documents.sha256')
    .where((page) => page.or([page('documents.barcodes', '=', false), page('document_pages.barcodes', 'is not', null)])).select(({ fn }) => fn.countAll<string>().as('count')).as('pages_read'))
    .where('sha256', 'in', [...hashes]).execute()
  return new Map(rows.map((row) => [row.sha256, toRecord(row, Number(row.pages_read ?? 0))]))
}

function toRecord(row: Selectable<Tables['documents']>, pagesRead: number): DocumentRecord {
  return {
    sha256: row.sha256, bytes: Number(row.bytes), mediaType: row.media_type ?? undefined, kind: (row.kind ?? undefined) as DocumentKind | undefined, pages: row.pages ?? undefined,
    pagesRead, barcodes: row.barcodes, outcome: row.outcome ?? undefined, reason: row.reason ?? undefined, searchablePdf: row.searchable_pdf ?? undefined, attempts: row.attempts
  }
}

export interface PageRange {
  readonly from?: number
  readonly to?: number
  /** False leaves `words` empty: they are most of a page's bytes. @default true */
  readonly words?: boolean
}

/** Stored pages by number, those that are there so far. */
export async function readStoredPages(db: Db, sha256: string, { from = 1, to = 2 ** 31 - 1, words = true }: PageRange = {}): Promise<StoredPage[]> {
  const rows = await db.selectFrom('document_pages').select(['number', 'text', 'confidence', 'rotation', 'skew', 'blank', 'barcodes', 'source', 'width_px', 'height_px', 'dpi', 'withheld', 'image', 'image_type'])
    .$if(words, (query) => query.select('words')).where('sha256', '=', sha256).where('number', '>=', from).where('number', '<=', to).orderBy('number').execute()
  return rows.map((row): StoredPage => ({
    number: row.number, text: row.text, confidence: row.confidence, rotation: row.rotation, skew: row.skew, blank: row.blank, words: row.words ? unpackWords(row.words) : [], source: row.source,
    widthPx: row.width_px, heightPx: row.height_px, dpi: row.dpi, ...(row.barcodes ? { barcodes: row.barcodes } : {}), ...(row.withheld === null ? {} : { withheld: row.withheld }),
    ...(row.image && row.image_type ? { image: { sha256: row.image, mediaType: row.image_type } } : {})
  }))
}

/** Keeps one page that was read. A page that is there stays as it is, unless only the new one was searched for barcodes. */
export async function storePage(db: Db, sha256: string, page: StoredPage): Promise<void> {
  await storePages(db, sha256, [page])
}

/** Keeps a document with all its pages at once. */
export async function storeDocument(db: Db, document: WholeDocument): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await askForDocuments(trx, [document])
    await noteOpened(trx, document.sha256, { mediaType: document.mediaType, kind: document.kind, pages: document.pages.length })
    await storePages(trx, document.sha256, document.pages)
    await noteFinished(trx, document.sha256, document)
  })
}

/** What opening it told. */
export async function noteOpened(db: Db, sha256: string, opened: { readonly mediaType: string; readonly kind: DocumentKind; readonly pages: number }): Promise<void> {
  await db.updateTable('documents').set({ media_type: opened.mediaType, kind: opened.kind, pages: opened.pages, updated_at: sql`now()` }).where('sha256', '=', sha256).execute()
}

/** How reading it ended. */
export async function noteFinished(db: Db, sha256: string, end: { readonly outcome: 'read' | 'withheld'; readonly reason?: string | undefined; readonly searchablePdf?: string | undefined }): Promise<void> {
  await db.updateTable('documents').set({
    outcome: end.outcome, reason: end.reason ?? null, searchable_pdf: end.searchablePdf ?? null, reader_version: READER_VERSION, read_at: sql`now()`, updated_at: sql`now()`
  }).where('sha256', '=', sha256).execute()
}

/** Numbers of the pages that are still to be read, in order; of a document that is searched for barcodes, those not searched yet. */
export async function findMissingPages(db: Db, sha256: string, pages: number): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select number from generate_series(1, ${pages}::int) as all_pages (number)
    where not exists (select from document_pages join documents using (sha256) where document_pages.sha256 = ${sha256} and document_pages.number = all_pages.number
      and (document_pages.barcodes is not null or not documents.barcodes)) order by number`.execute(db)
  return rows.map(({ number }) => number)
}

/** How many stored pages could not be read, and why the first of them. */
export async function summarisePages(db: Db, sha256: string): Promise<{ withheld: number; firstReason: string | undefined }> {
  const { rows: [row] } = await sql<{ withheld: number; first: string | null }>`
    select count(*)::int as withheld, (array_agg(withheld order by number))[1] as first from document_pages where sha256 = ${sha256} and withheld is not null`.execute(db)
  return { withheld: row!.withheld, firstReason: row!.first ?? undefined }
}

/** Counts a failure that is not the document's doing; answers how many there were. */
export async function countAttempt(db: Db, sha256: string): Promise<number> {
  const { attempts } = await db.updateTable('documents').set((row) => ({ attempts: row('attempts', '+', 1), updated_at: sql<Date>`now()` })).where('sha256', '=', sha256).returning('attempts').executeTakeFirstOrThrow()
  return attempts
}

const PAGES_AT_ONCE = 50

async function storePages(db: Db, sha256: string, pages: readonly StoredPage[]): Promise<void> {
  for (let from = 0; from < pages.length; from += PAGES_AT_ONCE) {
    await db.insertInto('document_pages').values(pages.slice(from, from + PAGES_AT_ONCE).map((page) => toRow(sha256, page))).onConflict((conflict) => conflict.columns(['sha256', 'number'])
      .doUpdateSet({ barcodes: sql`excluded.barcodes` }).where('document_pages.barcodes', 'is', null).where(sql<boolean>`excluded.barcodes is not null`)).execute()
  }
  await db.updateTable('documents').set({ updated_at: sql`now()` }).where('sha256', '=', sha256).execute()
}

function toRow(sha256: string, page: StoredPage) {
  return {
    sha256, number: page.number, text: storableText(page.text), confidence: page.confidence, rotation: page.rotation, skew: page.skew, blank: page.blank, words: packWords(page.words),
    barcodes: page.barcodes ? JSON.stringify(storableValue(page.barcodes) as Barcode[]) : null, source: page.source, width_px: page.widthPx, height_px: page.heightPx, dpi: page.dpi,
    withheld: page.withheld ?? null, image: page.image?.sha256 ?? null, image_type: page.image?.mediaType ?? null
  }
}
