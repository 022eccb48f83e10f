/** Loads a batch and works out where its sheets lie, how they split and whether the pages balance. */
import { sql, type Selectable } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Db } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { EvenhandError } from '../errors.ts'
import { accountFor, differenceIn } from './account.ts'
import { arrange } from './arrange.ts'
import { split, type Placed, type SplitRules } from './split.ts'
import type { PageAccount } from './types.ts'

export type BatchRow = Selectable<Tables['batches']>
export type ScanRow = Selectable<Tables['scans']>
export type SheetRow = Omit<Selectable<Tables['sheets']>, 'words'>
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
  /** Letters by number − 1: their sheets in order. */
  readonly contents: readonly (readonly LaidSheet[])[]
  readonly account: PageAccount
  readonly problems: readonly string[]
  /** Every scan was opened and every sheet of it read. */
  readonly read: boolean
}

/** What the rules need of the agency and of this installation. */
export interface SortRules {
  readonly agency: Agency
  readonly secret: Uint8Array
}

export function splitRules({ agency, secret }: SortRules): SplitRules {
  const { sheets, archiveNumbers, tags } = agency.mailroom.separators
  return { secret, sheets, numberPrefix: archiveNumbers, mark: tags === undefined ? undefined : new RegExp(tags) }
}

/** Locks a batch for a change. @throws BATCH_UNKNOWN */
export async function lockBatch(trx: Db, batchId: string): Promise<BatchRow> {
  const batch = await trx.selectFrom('batches').selectAll().where('id', '=', batchId).forUpdate().executeTakeFirst()
  if (!batch) throw new EvenhandError('BATCH_UNKNOWN')
  return batch
}

export const sheetColumns = ['scan_id', 'page', 'kind', 'starts', 'turned', 'lot', 'result', 'image_sha256', 'image_type', 'thumbnail_sha256'] as const

interface SortOptions {
  /** Without them where only the state is asked for: they are most of a batch's bytes. @default true */
  readonly texts?: boolean
}

/** Everything about a batch as it stands. */
export async function sortBatch(db: Db, batch: BatchRow, rules: SortRules): Promise<Sorted> {
  return (await sortBatches(db, [batch], rules))[0]!
}

/** The same for many at once, in their order. */
export async function sortBatches(db: Db, batches: readonly BatchRow[], rules: SortRules, { texts = true }: SortOptions = {}): Promise<Sorted[]> {
  const ids = batches.map(({ id }) => id)
  if (ids.length === 0) return []
  const scans = await db.selectFrom('scans').selectAll().where('batch_id', 'in', ids).orderBy('seq').execute()
  const rows = scans.length === 0 ? [] : await db.selectFrom('sheets').select(sheetColumns).$if(!texts, (query) => query.select(sql<SheetRow['result']>`result - 'text'`.as('result')))
    .where('scan_id', 'in', scans.map(({ id }) => id)).execute()
  const letters = await db.selectFrom('letters').selectAll()
    .select([sql<string | null>`postmark::text`.as('postmark'), sql<string | null>`legal_receipt::text`.as('legal_receipt')])
    .where('batch_id', 'in', ids).orderBy('id').execute()
  const repeats = await repeatedBytes(db, ids)
  const [scansOf, rowsOf, lettersOf, repeatsOf] = [Map.groupBy(scans, (scan) => scan.batch_id), Map.groupBy(rows, (row) => row.scan_id), Map.groupBy(letters, (letter) => letter.batch_id), Map.groupBy(repeats, (repeat) => repeat.batchId)]
  return batches.map((batch) => {
    const own = scansOf.get(batch.id) ?? []
    return sortRows({
      batch, scans: own, rows: own.flatMap(({ id }) => rowsOf.get(id) ?? []), letters: lettersOf.get(batch.id) ?? [], repeats: (repeatsOf.get(batch.id) ?? []).map(({ sentence }) => sentence)
    }, splitRules(rules))
  })
}

interface Rows {
  readonly batch: BatchRow
  readonly scans: readonly ScanRow[]
  readonly rows: readonly SheetRow[]
  readonly letters: readonly LetterRow[]
  readonly repeats: readonly string[]
}

function sortRows({ batch, scans, rows, letters, repeats }: Rows, rules: SplitRules): Sorted {
  const byPlace = new Map(rows.map((row) => [`${row.scan_id}/${row.page}`, row]))
  const laid = arrange(scans.map((scan) => ({ id: scan.id, name: scan.name, side: scan.side, pages: scan.pages ?? 0 })))
  const there = laid.sheets.flatMap((lying) => {
    const row = byPlace.get(`${lying.scanId}/${lying.page}`)
    return row ? [{ ...lying, row }] : []
  })
  const parted = split(there.map(({ opens, row }) => ({
    opens, blank: row.result?.blank ?? false, withheld: row.result?.withheld !== undefined, codes: row.result?.barcodes?.map(({ text }) => text) ?? [],
    kindSet: row.kind ?? undefined, startsSet: row.starts ?? undefined
  })), { id: batch.id, expected: batch.expected ?? undefined, printed: batch.printed }, rules)
  const sheets = there.map(({ row }, index) => ({ ...parted.sheets[index]!, position: index + 1, row }))
  const opened = scans.reduce((sum, { pages }) => sum + (pages ?? 0), 0)
  const account = accountFor(opened, sheets.map((sheet) => ({ ...sheet, withheld: sheet.row.result?.withheld !== undefined })), madeCount(batch, letters))
  const difference = differenceIn(account)
  return {
    batch, scans, letters, sheets, account, contents: group(sheets),
    problems: [...batch.remarks, ...repeats, ...laid.problems, ...parted.problems, ...(difference ? [difference] : [])],
    read: scans.every(({ state }) => state === 'read' || state === 'withheld') && there.every(({ row }) => row.result !== null)
  }
}

/** Once released: sheets that are in documents, counted from what was made. */
function madeCount(batch: BatchRow, letters: readonly LetterRow[]): number | undefined {
  if (batch.state !== 'released') return undefined
  return letters.filter(({ live }) => live).reduce((sum, { made_of }) => sum + (made_of?.length ?? 0), 0)
}

function group(sheets: readonly LaidSheet[]): LaidSheet[][] {
  const letters: LaidSheet[][] = []
  for (const sheet of sheets) if (sheet.letter !== undefined) (letters[sheet.letter - 1] ??= []).push(sheet)
  return letters
}

/** The same bytes in two files are most likely one file handed in twice; only a person can tell. */
async function repeatedBytes(db: Db, batchIds: readonly string[]): Promise<{ batchId: string; sentence: string }[]> {
  const { rows } = await sql<{ name: string; batch: string; other: string; other_batch: string }>`
    select distinct on (mine.seq) mine.name, mine.batch_id as batch, other.name as other, other.batch_id as other_batch from scans as mine
    join scans as other on other.sha256 = mine.sha256 and other.seq < mine.seq
    where mine.batch_id = any(${batchIds}::text[]) order by mine.seq, other.seq`.execute(db)
  return rows.map(({ name, batch, other, other_batch }) => ({ batchId: batch, sentence: `${name} has the same bytes as ${other}${other_batch === batch ? '' : ` of batch ${other_batch}`}: it may have been handed in twice.` }))
}

/** The letter row of a sheet that begins one. */
export function letterAt(letters: readonly LetterRow[], first: SheetRow): LetterRow | undefined {
  return letters.find(({ scan_id, page }) => scan_id === first.scan_id && page === first.page)
}
