/** What the mailroom's pages show. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import {
  letterAt,
  layOutBatch,
  sortBatches,
  type LaidSheet,
  type LetterRow,
  type ScanRow,
  type Sorted,
  type SortRules
} from './lay-out-batch.ts'
import { isRead } from './sheet-rows.ts'
import type { Batch, BatchState, BatchView, Enclosure, Letter, Scan, Sheet } from './types.ts'

const LISTED = 100

/** Latest first. */
export async function listBatches(
  db: Db,
  rules: SortRules,
  { state, limit = LISTED }: { readonly state?: BatchState; readonly limit?: number } = {}
): Promise<Batch[]> {
  const query = db
    .selectFrom('batches')
    .selectAll()
    .orderBy('logged_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  const batches = await (state ? query.where('state', '=', state) : query).execute()
  return (await sortBatches(db, batches, rules, { texts: false })).map(toBatch)
}

export async function viewBatch(
  db: Db,
  rules: SortRules,
  batchId: string
): Promise<BatchView | undefined> {
  const batch = await db
    .selectFrom('batches')
    .selectAll()
    .where('id', '=', batchId)
    .executeTakeFirst()
  if (!batch) return undefined
  const sorted = await layOutBatch(db, batch, rules)
  return {
    batch: toBatch(sorted),
    scans: sorted.scans.map(toScan),
    sheets: sorted.sheets.map(toSheet),
    letters: await toLetters(db, sorted)
  }
}

export function toBatch({
  batch,
  pageCount,
  problems,
  contents,
  scans,
  sheets,
  late
}: Sorted): Batch {
  return {
    id: batch.id,
    receivedAt: batch.received_at,
    loggedAt: batch.logged_at,
    loggedBy: batch.logged_by,
    note: batch.note ?? undefined,
    expected: batch.expected ?? undefined,
    state: batch.state,
    problems: batch.state === 'held' ? problems : [...batch.hold_reasons],
    pageCount,
    letters: contents.length,
    late,
    printed: batch.printed,
    pagesRead: sheets.filter(({ row }) => row.read !== undefined).length,
    pagesTotal: scans.reduce((sum, { pages }) => sum + (pages ?? 0), 0)
  }
}

export function toScan(row: ScanRow): Scan {
  return {
    id: row.id,
    name: row.name,
    sha256: row.sha256,
    mediaType: row.media_type,
    bytes: Number(row.bytes),
    pages: row.pages ?? undefined,
    state: row.state,
    side: row.side,
    reason: row.reason ?? undefined
  }
}

function toSheet({ position, kind, startedBy, letter, row }: LaidSheet): Sheet {
  return {
    position,
    scanId: row.scan_id,
    pageInScan: row.page,
    kind,
    starts: startedBy !== undefined,
    startedBy,
    letter,
    turned: row.turned,
    confidence: row.read?.confidence ?? 0,
    text: row.read?.text ?? '',
    read: row.read !== undefined,
    withheld: row.read?.withheld
  }
}

async function toLetters(db: Db, { letters, contents, sheets }: Sorted): Promise<Letter[]> {
  const shown = contents.flatMap((content, index) => {
    const row = letterAt(letters, content[0]!.row)
    return row ? [{ row, number: index + 1, content }] : []
  })
  const ids = shown.map(({ row }) => row.id)
  if (ids.length === 0) return []
  const { rows: receipts } = await sql<{ id: string; receipt: string }>`
    select letters.id, contacts.receipt from letters
      join contacts on contacts.id = letters.contact_id
      where letters.id = any(${ids}::uuid[])`.execute(db)
  const enclosures = await db
    .selectFrom('enclosures')
    .selectAll()
    .where('letter_id', 'in', ids)
    .orderBy('logged_at')
    .orderBy('id')
    .execute()
  const receiptOf = new Map(receipts.map(({ id, receipt }) => [id, receipt]))
  return shown.map(({ row, number, content }) => ({
    id: row.id,
    number,
    positions: content.map(({ position }) => position),
    contactId: row.contact_id ?? undefined,
    receipt: receiptOf.get(row.id),
    ...detailsOf(row),
    envelopeAt: sheets.find(
      (sheet) => sheet.row.scan_id === row.envelope_scan && sheet.row.page === row.envelope_page
    )?.position,
    enclosures: enclosures.filter(({ letter_id }) => letter_id === row.id).map(toEnclosure)
  }))
}

function detailsOf(row: LetterRow) {
  return {
    senderName: row.sender_name ?? undefined,
    senderAddress: row.sender_address ?? undefined,
    senderEmail: row.sender_email ?? undefined,
    senderPhone: row.sender_phone ?? undefined,
    postmark: row.postmark ?? undefined,
    legalReceipt: row.legal_receipt ?? undefined,
    trackingNumber: row.tracking_number ?? undefined,
    location: row.location ?? undefined,
    disposition: row.disposition ?? undefined
  }
}

function toEnclosure(row: {
  id: string
  what: string
  logged_by: string
  logged_at: Date
  confirmed_by: string | null
  confirmed_at: Date | null
}): Enclosure {
  return {
    id: row.id,
    what: row.what,
    loggedBy: row.logged_by,
    loggedAt: row.logged_at,
    confirmedBy: row.confirmed_by ?? undefined,
    confirmedAt: row.confirmed_at ?? undefined
  }
}

export interface BatchProgress {
  readonly state: BatchState
  readonly pagesRead: number
  /** Of the scans opened so far. */
  readonly pagesTotal: number
}

/** How far a batch is, without loading the texts read. Undefined if there is no such batch. */
export async function batchProgress(db: Db, batchId: string): Promise<BatchProgress | undefined> {
  const { rows } = await sql<{ state: BatchState; read: number; total: number }>`
    select state, (select count(*)::int from sheets join scans on scans.id = sheets.scan_id
      where batch_id = batches.id and ${isRead}) as read,
      (select coalesce(sum(pages), 0)::int from scans where batch_id = batches.id) as total
        from batches where id = ${batchId}`.execute(db)
  return rows[0] && { state: rows[0].state, pagesRead: rows[0].read, pagesTotal: rows[0].total }
}
