/**
 * What was read of documents, in the database: by the hash of their bytes, page by page. Every
 * write may be repeated.
 */
import { sql, type Selectable } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Tables } from '../../platform/db/tables.ts'
import { storableText, storableValue } from '../../platform/text/storable.ts'
import type { DocumentKind } from './media-type.ts'
import { outcomeOf, type DocumentOutcome } from './outcome.ts'
import type { Barcode, Page, PageImage } from './types.ts'
import { packWords, unpackWords } from './words.ts'

/** Raised when the reader becomes so much better that stored documents are worth reading again. */
export const READER_VERSION = 4

/** A document to be read; its bytes are among the blobs. */
export interface AskedDocument {
  readonly sha256: string
  readonly bytes: number
  /** Also look for barcodes: of scans, not of what residents attach. */
  readonly barcodes?: boolean
  /**
   * Only its pages are wanted, and whoever asks reads them (read-pages.ts): a scan of the mailroom.
   * It gets no searchable copy, and files inside it stay there.
   */
  readonly pagesOnly?: boolean
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
  /** Nobody wants more than its pages; the documents stage leaves it alone. */
  readonly pagesOnly: boolean
  /** Undefined while it waits or is being read. */
  readonly outcome: 'read' | 'withheld' | undefined
  /** Why nothing could be read, or what is missing. */
  readonly reason: string | undefined
  /** Blob of the copy with a text layer; its own hash where the original has one throughout. */
  readonly searchablePdf: string | undefined
  readonly attempts: number
  /** It was read before, by an older reader: what that one read stands until it is read again. */
  readonly readBefore: boolean
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

/**
 * Notes documents that are to be read. One of which only the pages were wanted is open again where
 * all of it is asked for. One that was read without barcodes keeps its outcome where they are asked
 * for: whoever asks has the pages searched.
 */
export async function askForDocuments(db: Db, documents: readonly AskedDocument[]): Promise<void> {
  if (documents.length === 0) return
  await sql`
    insert into documents as known (sha256, bytes, barcodes, pages_only, reader_version)
    select sha256, max(bytes), bool_or(barcodes), bool_and(pages_only), ${READER_VERSION}::int
    from unnest(${documents.map(({ sha256 }) => sha256)}::text[],
      ${documents.map(({ bytes }) => bytes)}::bigint[],
      ${documents.map(({ barcodes }) => barcodes ?? false)}::boolean[],
      ${documents.map(({ pagesOnly }) => pagesOnly ?? false)}::boolean[])
      as given (sha256, bytes, barcodes, pages_only)
    group by sha256 order by sha256
    on conflict (sha256) do update set barcodes = known.barcodes or excluded.barcodes,
      pages_only = known.pages_only and excluded.pages_only,
      outcome = case when known.pages_only and not excluded.pages_only then null
        else known.outcome end, updated_at = now()
    where (excluded.barcodes and not known.barcodes)
      or (known.pages_only and not excluded.pages_only)`.execute(db)
}

/** Undefined for a document nobody asked for. */
export async function findDocument(db: Db, sha256: string): Promise<DocumentRecord | undefined> {
  return (await findDocuments(db, [sha256])).get(sha256)
}

export async function findDocuments(
  db: Db,
  hashes: readonly string[]
): Promise<Map<string, DocumentRecord>> {
  if (hashes.length === 0) return new Map()
  const rows = await db
    .selectFrom('documents')
    .selectAll()
    .select((row) =>
      row
        .selectFrom('document_pages')
        .whereRef('document_pages.sha256', '=', 'documents.sha256')
        .whereRef('document_pages.reader_version', '>=', 'documents.reader_version')
        .where((page) =>
          page.or([
            page('documents.barcodes', '=', false),
            page('document_pages.barcodes', 'is not', null)
          ])
        )
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .as('pages_read')
    )
    .where('sha256', 'in', [...hashes])
    .execute()
  return new Map(rows.map((row) => [row.sha256, toRecord(row, Number(row.pages_read ?? 0))]))
}

function toRecord(row: Selectable<Tables['documents']>, pagesRead: number): DocumentRecord {
  return {
    sha256: row.sha256,
    bytes: Number(row.bytes),
    mediaType: row.media_type ?? undefined,
    kind: (row.kind ?? undefined) as DocumentKind | undefined,
    pages: row.pages ?? undefined,
    pagesRead,
    barcodes: row.barcodes,
    pagesOnly: row.pages_only,
    outcome: row.outcome ?? undefined,
    reason: row.reason ?? undefined,
    searchablePdf: row.searchable_pdf ?? undefined,
    attempts: row.attempts,
    readBefore: row.read_at !== null
  }
}

export interface PageRange {
  readonly from?: number
  readonly to?: number
  /** False leaves `words` empty: they are most of a page's bytes. @default true */
  readonly words?: boolean
}

/** Stored pages by number, those that are there so far. */
export async function readStoredPages(
  db: Db,
  sha256: string,
  { from = 1, to = 2 ** 31 - 1, words = true }: PageRange = {}
): Promise<StoredPage[]> {
  const rows = await db
    .selectFrom('document_pages')
    .select(['number', 'barcodes', ...readColumns])
    .$if(words, (query) => query.select('words'))
    .where('sha256', '=', sha256)
    .where('number', '>=', from)
    .where('number', '<=', to)
    .orderBy('number')
    .execute()
  return rows.map((row): StoredPage => ({
    number: row.number,
    text: row.text,
    confidence: row.confidence,
    rotation: row.rotation,
    skew: row.skew,
    blank: row.blank,
    words: row.words ? unpackWords(row.words) : [],
    source: row.source,
    widthPx: row.width_px,
    heightPx: row.height_px,
    dpi: row.dpi,
    ...(row.barcodes ? { barcodes: row.barcodes } : {}),
    ...(row.withheld === null ? {} : { withheld: row.withheld }),
    ...row.extras,
    ...(row.image && row.image_type
      ? { image: { sha256: row.image, mediaType: row.image_type } }
      : {})
  }))
}

/**
 * Keeps one page that was read. A page that is there stays as it is, unless only the new one was
 * searched for barcodes, or an older reader read it.
 */
export async function storePage(db: Db, sha256: string, page: StoredPage): Promise<void> {
  await storePages(db, sha256, [page])
}

/** Keeps a document with all its pages at once. */
export async function storeDocument(db: Db, document: WholeDocument): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await askForDocuments(trx, [document])
    await noteOpened(trx, document.sha256, {
      mediaType: document.mediaType,
      kind: document.kind,
      pages: document.pages.length
    })
    await storePages(trx, document.sha256, document.pages)
    await noteFinished(trx, document.sha256, document)
  })
}

/** What opening it told. */
export async function noteOpened(
  db: Db,
  sha256: string,
  opened: { readonly mediaType: string; readonly kind: DocumentKind; readonly pages: number }
): Promise<void> {
  await db
    .updateTable('documents')
    .set({
      media_type: opened.mediaType,
      kind: opened.kind,
      pages: opened.pages,
      updated_at: sql`now()`
    })
    .where('sha256', '=', sha256)
    .execute()
}

export interface DocumentEnd {
  readonly outcome: 'read' | 'withheld'
  readonly reason?: string | undefined
  readonly searchablePdf?: string | undefined
}

/** How reading it ended. */
export async function noteFinished(db: Db, sha256: string, end: DocumentEnd): Promise<void> {
  await db
    .updateTable('documents')
    .set({
      outcome: end.outcome,
      reason: end.reason ?? null,
      searchable_pdf: end.searchablePdf ?? null,
      reader_version: READER_VERSION,
      read_at: sql`now()`,
      updated_at: sql`now()`
    })
    .where('sha256', '=', sha256)
    .execute()
}

/**
 * How reading the pages ended of a document of which nobody wants more; of any other the documents
 * stage says it.
 */
export async function notePagesRead(
  db: Db,
  sha256: string,
  { outcome, reason }: DocumentOutcome
): Promise<void> {
  await db
    .updateTable('documents')
    .set({
      outcome,
      reason: reason ?? null,
      reader_version: READER_VERSION,
      read_at: sql`now()`,
      updated_at: sql`now()`
    })
    .where('sha256', '=', sha256)
    .where('pages_only', '=', true)
    .execute()
}

/**
 * Numbers of the pages that are still to be read, or read again, in order; of a document that is
 * searched for barcodes, those not searched yet.
 */
export async function findMissingPages(db: Db, sha256: string, pages: number): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select number from generate_series(1, ${pages}::int) as all_pages (number)
    where not exists (select from document_pages join documents using (sha256)
      where document_pages.sha256 = ${sha256} and document_pages.number = all_pages.number
      and document_pages.reader_version >= documents.reader_version
      and (document_pages.barcodes is not null or not documents.barcodes)) order by number`.execute(
    db
  )
  return rows.map(({ number }) => number)
}

/** How the reading of its stored pages ended. */
export async function judgePages(db: Db, sha256: string): Promise<DocumentOutcome> {
  const rows = await db
    .selectFrom('document_pages')
    .select([
      'number',
      'confidence',
      'blank',
      'withheld',
      sql<string>`left(text, 100)`.as('text'),
      sql<string | null>`extras ->> 'unread'`.as('unread')
    ])
    .where('sha256', '=', sha256)
    .orderBy('number')
    .execute()
  return outcomeOf(
    rows.map(({ withheld, unread, ...page }) => ({
      ...page,
      ...(withheld === null ? {} : { withheld }),
      ...(unread === null ? {} : { unread })
    }))
  )
}

/** Counts a failure that is not the document's doing; answers how many there were. */
export async function countAttempt(db: Db, sha256: string): Promise<number> {
  const { attempts } = await db
    .updateTable('documents')
    .set((row) => ({ attempts: row('attempts', '+', 1), updated_at: sql<Date>`now()` }))
    .where('sha256', '=', sha256)
    .returning('attempts')
    .executeTakeFirstOrThrow()
  return attempts
}

const PAGES_AT_ONCE = 50

async function storePages(db: Db, sha256: string, pages: readonly StoredPage[]): Promise<void> {
  for (let from = 0; from < pages.length; from += PAGES_AT_ONCE) {
    await db
      .insertInto('document_pages')
      .values(pages.slice(from, from + PAGES_AT_ONCE).map((page) => toRow(sha256, page)))
      .onConflict((conflict) =>
        conflict.columns(['sha256', 'number']).doUpdateSet(anew())
          .where(sql<boolean>`${isNewer} or (document_pages.barcodes is null
            and excluded.barcodes is not null)`)
      )
      .execute()
  }
  await db
    .updateTable('documents')
    .set({ updated_at: sql`now()` })
    .where('sha256', '=', sha256)
    .execute()
}

const isNewer = sql`excluded.reader_version > document_pages.reader_version`
/** What is read again; where that failed, what was read before stands. */
const readColumns = [
  'text',
  'confidence',
  'rotation',
  'skew',
  'blank',
  'source',
  'width_px',
  'height_px',
  'dpi',
  'withheld',
  'image',
  'image_type',
  'extras'
] as const

function anew() {
  const isBetter = sql`${isNewer} and (excluded.withheld is null
    or document_pages.withheld is not null)`
  return {
    ...Object.fromEntries(
      [...readColumns, 'words' as const].map((column) => [
        column,
        sql`case when ${isBetter} then excluded.${sql.id(column)}
          else document_pages.${sql.id(column)} end`
      ])
    ),
    barcodes: sql<string>`coalesce(excluded.barcodes, document_pages.barcodes)`,
    reader_version: sql<number>`greatest(excluded.reader_version, document_pages.reader_version)`
  }
}

function toRow(sha256: string, page: StoredPage) {
  return {
    sha256,
    number: page.number,
    text: storableText(page.text),
    confidence: page.confidence,
    rotation: page.rotation,
    skew: page.skew,
    blank: page.blank,
    words: packWords(page.words),
    barcodes: page.barcodes ? JSON.stringify(storableValue(page.barcodes) as Barcode[]) : null,
    source: page.source,
    width_px: page.widthPx,
    height_px: page.heightPx,
    dpi: page.dpi,
    withheld: page.withheld ?? null,
    image: page.image?.sha256 ?? null,
    image_type: page.image?.mediaType ?? null,
    extras: extrasOf(page),
    reader_version: READER_VERSION
  }
}

function extrasOf({ fields, notes, unread, added }: StoredPage): string | null {
  const extras = {
    ...(fields ? { fields } : {}),
    ...(notes ? { notes } : {}),
    ...(unread ? { unread } : {}),
    ...(added ? { added } : {})
  }
  return Object.keys(extras).length > 0 ? JSON.stringify(storableValue(extras)) : null
}
