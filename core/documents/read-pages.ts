/**
 * Reads the pages of a document for a room that wants nothing else of it: the mailroom, of scans.
 * Pages that are there are not read again, whoever had them read.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import type { DocumentOutcome } from './outcome.ts'
import { sharedPool, sharedSlots } from './read.ts'
import { openDocument, readSlice, type OpenedDocument, type SliceOptions } from './slice.ts'
import {
  askForDocuments,
  findDocument,
  findMissingPages,
  judgePages,
  notePagesRead,
  type AskedDocument,
  type DocumentRecord
} from './store.ts'
import { filesInside } from './withheld.ts'

export interface PagesReading extends Pick<SliceOptions, 'languages' | 'engine' | 'onPage'> {
  readonly db: Db
  readonly blobs: Blobs
  /** Hears how many pages there are before the first is read. */
  readonly onOpen: (pages: number) => Promise<void>
}

export interface PagesRead extends DocumentOutcome {
  /** Undefined if it could not be opened. */
  readonly pages: number | undefined
}

/**
 * Notes within a transaction that the pages of a document are wanted with their barcodes. The
 * document is locked until its end. True if the documents stage reads it for a contact, and with it
 * its pages.
 */
export async function askForPages(
  trx: Db,
  document: Pick<AskedDocument, 'sha256' | 'bytes'>
): Promise<boolean> {
  await askForDocuments(trx, [{ ...document, barcodes: true, pagesOnly: true }])
  const { pages_only: pagesOnly, outcome } = await trx
    .selectFrom('documents')
    .select(['pages_only', 'outcome'])
    .where('sha256', '=', document.sha256)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return !pagesOnly && outcome === null
}

/**
 * Reads what is missing of the pages of a document that was asked for. Undefined if the documents
 * stage took over, because all of it is wanted now.
 * @throws what the database, the disk or `onOpen` and `onPage` throw
 */
export async function readPages(
  reading: PagesReading,
  sha256: string
): Promise<PagesRead | undefined> {
  const record = (await findDocument(reading.db, sha256))!
  if (await isDone(reading.db, record)) {
    await reading.onOpen(record.pages!)
    return { pages: record.pages, ...(await outcomeOf(reading.db, record)) }
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-pages-'))
  try {
    return await readIn(reading, record, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function isDone(db: Db, { outcome, pages, sha256 }: DocumentRecord): Promise<boolean> {
  if (outcome === undefined || pages === undefined) return false
  return (await findMissingPages(db, sha256, pages)).length === 0
}

async function readIn(
  { db, blobs, onOpen, ...options }: PagesReading,
  record: DocumentRecord,
  folder: string
): Promise<PagesRead | undefined> {
  const runtime = { db, blobs, pool: sharedPool(), slots: sharedSlots() }
  const { sha256 } = record
  const file = await blobs.fileOf(sha256, folder)
  const known = await openDocument(runtime, sha256, file)
  if (!known) {
    const { reason } = (await findDocument(db, sha256))!
    return { pages: undefined, outcome: 'withheld', ...(reason ? { reason } : {}) }
  }
  const { pages } = known.opened
  await onOpen(pages)
  const goesOn = async () => !(await isTaken(db, sha256))
  if (!(await readSlice(runtime, record, known, { file, folder }, { ...options, goesOn })))
    return undefined
  const end = await outcomeOf(db, { ...record, outcome: undefined }, known)
  await notePagesRead(db, sha256, end)
  return { pages, ...end }
}

/** Whether the documents stage reads it now. */
async function isTaken(db: Db, sha256: string): Promise<boolean> {
  const record = await findDocument(db, sha256)
  return record !== undefined && !record.pagesOnly && record.outcome === undefined
}

async function outcomeOf(
  db: Db,
  { sha256, pagesOnly, outcome, reason }: DocumentRecord,
  known?: OpenedDocument
): Promise<DocumentOutcome> {
  if (pagesOnly && outcome) return { outcome, ...(reason ? { reason } : {}) }
  const judged = await judgePages(db, sha256)
  const inside = known?.opened.files ?? (await countInside(db, sha256))
  const reasons = [
    ...(judged.reason ? [judged.reason] : []),
    ...(inside > 0 ? [filesInside(inside)] : [])
  ]
  return {
    outcome: judged.outcome,
    ...(reasons.length > 0 ? { reason: reasons.join(' ') } : {})
  }
}

async function countInside(db: Db, sha256: string): Promise<number> {
  const { count } = await db
    .selectFrom('document_files')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('parent', '=', sha256)
    .executeTakeFirstOrThrow()
  return Number(count)
}
