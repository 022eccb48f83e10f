/**
 * Loads a batch and works out the order of its sheets, how they split into letters, and whether the
 * page count balances.
 */
import { sql, type Selectable } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Db } from '../../platform/db/database.ts'
import type { Tables } from '../../platform/db/tables.ts'
import { separatingCodes } from '../documents/separators.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { countPages, differenceIn } from './page-count.ts'
import { arrange } from './arrange.ts'
import { lateScans, sentenceOfLate } from './late.ts'
import { findSheets, type SheetRow } from './sheet-rows.ts'
import { split, type Placed, type SplitRules } from './split.ts'
import type { PageCount } from './types.ts'

export type BatchRow = Selectable<Tables['batches']>
export type ScanRow = Selectable<Tables['scans']>
export type LetterRow = Selectable<Tables['letters']>

export interface LaidSheet extends Placed {
  readonly position: number
  readonly row: SheetRow
}

export interface Sorted {
  readonly batch: BatchRow
  readonly scans: readonly ScanRow[]
  readonly letters: readonly LetterRow[]
  readonly sheets: readonly LaidSheet[]
  /** Sheets of each letter in order; the index is the letter's number − 1. */
  readonly contents: readonly (readonly LaidSheet[])[]
  readonly pageCount: PageCount
  readonly problems: readonly string[]
  /** Number of scans that came too long after the stamp. */
  readonly late: number
  /** True if every scan was opened and every sheet of it read. */
  readonly read: boolean
}

/** The settings of the agency and of this installation that sorting needs. */
export interface SortRules {
  readonly agency: Agency
  readonly secret: Uint8Array
}

export function splitRules({ agency, secret }: SortRules): SplitRules {
  const { sheets, archiveNumbers, tags } = agency.mailroom.separators
  return {
    secret,
    sheets,
    numberPrefix: archiveNumbers,
    mark: tags === undefined ? undefined : new RegExp(tags)
  }
}

/** Locks a batch for a change. @throws BATCH_UNKNOWN */
export async function lockBatch(trx: Db, batchId: string): Promise<BatchRow> {
  const batch = await trx
    .selectFrom('batches')
    .selectAll()
    .where('id', '=', batchId)
    .forUpdate()
    .executeTakeFirst()
  if (!batch) throw new EvenhandError('BATCH_UNKNOWN')
  return batch
}

interface SortOptions {
  /**
   * Whether to load the texts, which are most of a batch's bytes. Not needed if only the state is
   * asked for. @default true
   */
  readonly texts?: boolean
}

/** Everything about a batch in its present state. */
export async function layOutBatch(db: Db, batch: BatchRow, rules: SortRules): Promise<Sorted> {
  return (await sortBatches(db, [batch], rules))[0]!
}

/** The same for several batches, in their order. */
export async function sortBatches(
  db: Db,
  batches: readonly BatchRow[],
  rules: SortRules,
  { texts = true }: SortOptions = {}
): Promise<Sorted[]> {
  const ids = batches.map(({ id }) => id)
  if (ids.length === 0) return []
  const scans = await db
    .selectFrom('scans')
    .selectAll()
    .where('batch_id', 'in', ids)
    .orderBy('seq')
    .execute()
  const rows = await findSheets(
    db,
    scans.map(({ id }) => id),
    { texts }
  )
  const letters = await db
    .selectFrom('letters')
    .selectAll()
    .select([
      sql<string | null>`postmark::text`.as('postmark'),
      sql<string | null>`legal_receipt::text`.as('legal_receipt')
    ])
    .where('batch_id', 'in', ids)
    .orderBy('id')
    .execute()
  const repeats = await repeatedBytes(db, ids)
  const [scansOf, rowsOf, lettersOf, repeatsOf] = [
    Map.groupBy(scans, (scan) => scan.batch_id),
    Map.groupBy(rows, (row) => row.scan_id),
    Map.groupBy(letters, (letter) => letter.batch_id),
    Map.groupBy(repeats, (repeat) => repeat.batchId)
  ]
  return batches.map((batch) => {
    const own = scansOf.get(batch.id) ?? []
    return sortRows(
      {
        batch,
        lateHours: rules.agency.mailroom.stamp.lateHours,
        scans: own,
        rows: own.flatMap(({ id }) => rowsOf.get(id) ?? []),
        letters: lettersOf.get(batch.id) ?? [],
        repeats: (repeatsOf.get(batch.id) ?? []).map(({ sentence }) => sentence)
      },
      splitRules(rules)
    )
  })
}

interface Rows {
  readonly batch: BatchRow
  readonly scans: readonly ScanRow[]
  readonly rows: readonly SheetRow[]
  readonly letters: readonly LetterRow[]
  readonly repeats: readonly string[]
  readonly lateHours: number
}

function sortRows(
  { batch, scans, rows, letters, repeats, lateHours }: Rows,
  rules: SplitRules
): Sorted {
  const byPlace = new Map(rows.map((row) => [`${row.scan_id}/${row.page}`, row]))
  const laid = arrange(
    scans.map((scan) => ({ id: scan.id, name: scan.name, side: scan.side, pages: scan.pages ?? 0 }))
  )
  const there = laid.sheets.flatMap((lying) => {
    const row = byPlace.get(`${lying.scanId}/${lying.page}`)
    return row ? [{ ...lying, row }] : []
  })
  const parted = split(
    there.map(({ opens, row }) => ({
      opens,
      blank: row.read?.blank ?? false,
      withheld: row.read?.withheld !== undefined,
      codes: separatingCodes(row.read?.barcodes ?? []).map(({ text }) => text),
      kindSet: row.kind ?? undefined,
      startsSet: row.starts ?? undefined
    })),
    { id: batch.id, expected: batch.expected ?? undefined, printed: batch.printed },
    rules
  )
  const sheets = there.map(({ row }, index) => ({
    ...parted.sheets[index]!,
    position: index + 1,
    row
  }))
  const opened = scans.reduce((sum, { pages }) => sum + (pages ?? 0), 0)
  const pageCount = countPages(
    opened,
    sheets.map((sheet) => ({ ...sheet, withheld: sheet.row.read?.withheld !== undefined })),
    madeCount(batch, letters)
  )
  const difference = differenceIn(pageCount)
  return {
    batch,
    scans,
    letters,
    sheets,
    pageCount,
    late: lateScans(batch, scans, lateHours).length,
    contents: group(sheets),
    problems: [
      ...batch.hold_reasons,
      ...sentenceOfLate(batch, scans, lateHours),
      ...repeats,
      ...laid.problems,
      ...parted.problems,
      ...(difference ? [difference] : [])
    ],
    read:
      scans.every(({ state }) => state === 'read' || state === 'withheld') &&
      there.every(({ row }) => row.read !== undefined)
  }
}

/** After release: sheets that went into documents, counted from the documents made. */
function madeCount(batch: BatchRow, letters: readonly LetterRow[]): number | undefined {
  if (batch.state !== 'released') return undefined
  return letters
    .filter(({ live }) => live)
    .reduce((sum, { made_of }) => sum + (made_of?.length ?? 0), 0)
}

function group(sheets: readonly LaidSheet[]): LaidSheet[][] {
  const letters: LaidSheet[][] = []
  for (const sheet of sheets)
    if (sheet.letter !== undefined) (letters[sheet.letter - 1] ??= []).push(sheet)
  return letters
}

/**
 * If two files have the same bytes, one file was most likely added twice. Only a person can tell.
 */
async function repeatedBytes(
  db: Db,
  batchIds: readonly string[]
): Promise<{ batchId: string; sentence: string }[]> {
  const { rows } = await sql<{ name: string; batch: string; other: string; other_batch: string }>`
    select distinct on (mine.seq) mine.name, mine.batch_id as batch, other.name as other,
      other.batch_id as other_batch from scans as mine
    join scans as other on other.sha256 = mine.sha256 and other.seq < mine.seq
    where mine.batch_id = any(${batchIds}::text[]) order by mine.seq, other.seq`.execute(db)
  return rows.map(({ name, batch, other, other_batch }) => ({
    batchId: batch,
    sentence: `${name} is the same file as ${other}${other_batch === batch ? '' : ` of batch ${other_batch}`}: it may have been handed in twice.`
  }))
}

/** The row of the letter that begins with this sheet. */
export function letterAt(letters: readonly LetterRow[], first: SheetRow): LetterRow | undefined {
  return letters.find(({ scan_id, page }) => scan_id === first.scan_id && page === first.page)
}
