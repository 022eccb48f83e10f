/**
 * Corrections that a person makes to the sheets of a batch. The machine's finding is kept beside
 * each, so that everything can be taken back.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Rotation } from './tables.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { MailroomRuntime } from './runtime.ts'
import { appendEvents, type LedgerEvent } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import {
  letterAt,
  lockBatch,
  layOutBatch,
  type BatchRow,
  type LaidSheet,
  type Sorted,
  type SortRules
} from './lay-out-batch.ts'
import { madeOf } from './letter-file.ts'
import { reconcileLetters } from './reconcile-letters.ts'
import type { SheetRow } from './sheet-rows.ts'
import type { Scan, SheetKind } from './types.ts'
import { rulesOf } from './process-batch.ts'

interface Change {
  readonly position: number
  readonly actor: string
  /** Changes the sheet's row and returns the event, or nothing if the row already says so. */
  readonly apply: (trx: Db, sheet: LaidSheet) => Promise<Omit<LedgerEvent, 'actor'> | undefined>
}

/** @throws BATCH_UNKNOWN, BATCH_UNREAD, BATCH_BUSY */
async function correct(
  runtime: MailroomRuntime,
  batchId: string,
  { position, actor, apply }: Change
): Promise<BatchRow> {
  const rules = rulesOf(runtime)
  return runtime.db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by && batch.state !== 'released') throw new EvenhandError('BATCH_BUSY')
    const before = await layOutBatch(trx, batch, rules)
    const sheet = before.sheets[position - 1]
    if (!sheet) throw new EvenhandError('BATCH_UNKNOWN')
    if (!before.read) throw new EvenhandError('BATCH_UNREAD')
    const event = await apply(trx, sheet)
    if (!event) return batch
    await appendEvents(trx, [
      {
        ...event,
        actor,
        data: { batch: batchId, scan: sheet.row.scan_id, page: sheet.row.page, ...event.data }
      }
    ])
    await resort(trx, batch, before, rules, actor)
    return batch
  })
}

/**
 * Adjusts the letters to the sheets. After release, changed documents are made again, and a joined
 * letter records which letter it went to.
 */
async function resort(
  trx: Db,
  batch: BatchRow,
  before: Sorted,
  rules: SortRules,
  actor: string
): Promise<void> {
  const changed = await layOutBatch(trx, batch, rules)
  await reconcileLetters(trx, changed)
  await trx
    .updateTable('batches')
    .set({ problems: [...changed.problems], updated_at: sql`now()` })
    .where('id', '=', batch.id)
    .execute()
  if (batch.state !== 'released') return
  const after = await layOutBatch(trx, batch, rules)
  for (const sheets of after.contents) {
    const letter = letterAt(after.letters, sheets[0]!.row)!
    if (
      letter.made_of &&
      JSON.stringify(letter.made_of.map(key)) !== JSON.stringify(madeOf(sheets).map(key))
    )
      await trx
        .updateTable('letters')
        .set({ made_of: null, attempts: 0, tried_at: null })
        .where('id', '=', letter.id)
        .execute()
  }
  for (const gone of after.letters.filter(
    ({ id, live }) => !live && before.letters.some((was) => was.id === id && was.live)
  )) {
    const into = after.contents.find((sheets) =>
      sheets.some(({ row }) => row.scan_id === gone.scan_id && row.page === gone.page)
    )
    const earlier = into && letterAt(after.letters, into[0]!.row)
    if (!earlier) continue
    await trx
      .updateTable('letters')
      .set({ joined_to: earlier.id, joined_by: actor, unfollowed: null })
      .where('id', '=', gone.id)
      .execute()
    await appendEvents(trx, [
      {
        kind: 'letter.joined',
        actor,
        ...(gone.contact_id ? { contactId: gone.contact_id } : {}),
        data: { batch: batch.id, letter: gone.id, into: earlier.id }
      }
    ])
  }
}

function key({ scan, page, turned }: { scan: string; page: number; turned: number }): string {
  return `${scan}/${page}/${turned}`
}

function update(
  trx: Db,
  row: SheetRow,
  values: { kind?: SheetKind; starts?: boolean; turned?: Rotation }
): Promise<unknown> {
  return trx
    .updateTable('sheets')
    .set(values)
    .where('scan_id', '=', row.scan_id)
    .where('page', '=', row.page)
    .execute()
}

interface Correction {
  readonly position: number
  readonly actor: string
  readonly reason: string
}

/** @throws also REASON_REQUIRED, and BAD_REQUEST at a separator */
export function beginLetterAt(
  runtime: MailroomRuntime,
  batchId: string,
  correction: Correction
): Promise<BatchRow> {
  return setStart(runtime, batchId, correction, ({ row, kind, startedBy }) => {
    if (startedBy && row.starts) return undefined
    return { starts: true, ...(kind === 'blank' ? { kind: 'page' } : {}) }
  })
}

/** @throws also REASON_REQUIRED, and BAD_REQUEST at a separator and at the first letter */
export function joinToLetterBefore(
  runtime: MailroomRuntime,
  batchId: string,
  correction: Correction
): Promise<BatchRow> {
  return setStart(runtime, batchId, correction, ({ row, startedBy, letter }) => {
    if (letter === 1 && startedBy)
      throw new EvenhandError('BAD_REQUEST', 'there is no letter before the first one')
    return !startedBy && row.starts === false ? undefined : { starts: false }
  })
}

/** Says whether a letter starts at a sheet; `valuesFor` gives nothing if its row says so already. */
async function setStart(
  runtime: MailroomRuntime,
  batchId: string,
  { position, actor, reason }: Correction,
  valuesFor: (sheet: LaidSheet) => { starts: boolean; kind?: SheetKind } | undefined
): Promise<BatchRow> {
  const why = requireReason(reason)
  return correct(runtime, batchId, {
    position,
    actor,
    async apply(trx, sheet) {
      requireNoSeparator(sheet.kind)
      const values = valuesFor(sheet)
      if (!values) return undefined
      await update(trx, sheet.row, values)
      return { kind: 'letter.split', data: { starts: values.starts, reason: why } }
    }
  })
}

function requireNoSeparator(kind: SheetKind): void {
  if (kind === 'separator')
    throw new EvenhandError(
      'BAD_REQUEST',
      'a separator sheet begins no letter; the sheet behind it does'
    )
}

interface SetKind extends Correction {
  readonly kind: SheetKind
}

/** @throws also REASON_REQUIRED */
export async function setKind(
  runtime: MailroomRuntime,
  batchId: string,
  { position, kind, actor, reason }: SetKind
): Promise<BatchRow> {
  const why = requireReason(reason)
  return correct(runtime, batchId, {
    position,
    actor,
    async apply(trx, { row }) {
      if (row.kind === kind) return undefined
      await update(trx, row, { kind })
      return { kind: 'sheet.kind-set', data: { kind, reason: why } }
    }
  })
}

export function rotate(
  runtime: MailroomRuntime,
  batchId: string,
  position: number,
  degrees: Rotation,
  actor: string
): Promise<BatchRow> {
  return correct(runtime, batchId, {
    position,
    actor,
    async apply(trx, { row }) {
      if (row.turned === degrees) return undefined
      await update(trx, row, { turned: degrees })
      return { kind: 'sheet.turned', data: { degrees } }
    }
  })
}

/**
 * @throws BATCH_UNKNOWN, BATCH_RELEASED if contacts have already been made of the sheets in their
 * order
 */
export async function setSides(
  runtime: MailroomRuntime,
  batchId: string,
  scanId: string,
  side: Scan['side'],
  actor: string
): Promise<void> {
  const rules = rulesOf(runtime)
  await runtime.db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by) throw new EvenhandError('BATCH_RELEASED')
    const before = await layOutBatch(trx, batch, rules)
    const scan = before.scans.find(({ id }) => id === scanId)
    if (!scan) throw new EvenhandError('BATCH_UNKNOWN')
    if (scan.side === side) return
    await trx.updateTable('scans').set({ side }).where('id', '=', scanId).execute()
    await appendEvents(trx, [
      { kind: 'scan.side-set', actor, data: { batch: batchId, scan: scanId, side } }
    ])
    await resort(trx, batch, before, rules, actor)
  })
}
