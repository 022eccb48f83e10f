/** What a person says about the sheets of a batch. The machine's finding stays beside it, so that everything can be taken back. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { Turn } from '../db/tables.ts'
import { EvenhandError } from '../errors.ts'
import type { Ground } from '../ground.ts'
import { appendEvents, type LedgerEvent } from '../ledger.ts'
import { requireReason } from '../line/reasons.ts'
import { letterAt, lockBatch, sortBatch, type BatchRow, type LaidSheet, type SheetRow, type Sorted, type SortRules } from './load.ts'
import { madeOf } from './letter-file.ts'
import { syncLetters } from './sync-letters.ts'
import type { Scan, SheetKind } from './types.ts'
import { rulesOf } from './work.ts'

interface Change {
  readonly position: number
  readonly actor: string
  /** Changes the sheet's row and answers with the event, or with nothing where it is so already. */
  readonly apply: (trx: Db, sheet: LaidSheet) => Promise<Omit<LedgerEvent, 'actor'> | undefined>
}

/** @throws BATCH_UNKNOWN, BATCH_UNREAD, BATCH_BUSY */
async function correct(ground: Ground, batchId: string, { position, actor, apply }: Change): Promise<BatchRow> {
  const rules = rulesOf(ground)
  return ground.db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by && batch.state !== 'released') throw new EvenhandError('BATCH_BUSY')
    const before = await sortBatch(trx, batch, rules)
    const sheet = before.sheets[position - 1]
    if (!sheet) throw new EvenhandError('BATCH_UNKNOWN')
    if (!before.read) throw new EvenhandError('BATCH_UNREAD')
    const event = await apply(trx, sheet)
    if (!event) return batch
    await appendEvents(trx, [{ ...event, actor, data: { batch: batchId, scan: sheet.row.scan_id, page: sheet.row.page, ...event.data } }])
    await resort(trx, batch, before, rules, actor)
    return batch
  })
}

/** Letters follow the sheets; after release, documents that changed are made again and joined letters remember where they went. */
async function resort(trx: Db, batch: BatchRow, before: Sorted, rules: SortRules, actor: string): Promise<void> {
  const changed = await sortBatch(trx, batch, rules)
  await syncLetters(trx, changed)
  await trx.updateTable('batches').set({ problems: [...changed.problems], updated_at: sql`now()` }).where('id', '=', batch.id).execute()
  if (batch.state !== 'released') return
  const after = await sortBatch(trx, batch, rules)
  for (const sheets of after.contents) {
    const letter = letterAt(after.letters, sheets[0]!.row)!
    if (letter.made_of && JSON.stringify(letter.made_of.map(key)) !== JSON.stringify(madeOf(sheets).map(key))) await trx.updateTable('letters').set({ made_of: null, attempts: 0, tried_at: null }).where('id', '=', letter.id).execute()
  }
  for (const gone of after.letters.filter(({ id, live }) => !live && before.letters.some((was) => was.id === id && was.live))) {
    const into = after.contents.find((sheets) => sheets.some(({ row }) => row.scan_id === gone.scan_id && row.page === gone.page))
    const earlier = into && letterAt(after.letters, into[0]!.row)
    if (!earlier) continue
    await trx.updateTable('letters').set({ joined_to: earlier.id, joined_by: actor, unfollowed: null }).where('id', '=', gone.id).execute()
    await appendEvents(trx, [{ kind: 'letter.joined', actor, ...(gone.contact_id ? { contactId: gone.contact_id } : {}), data: { batch: batch.id, letter: gone.id, into: earlier.id } }])
  }
}

function key({ scan, page, turned }: { scan: string; page: number; turned: number }): string {
  return `${scan}/${page}/${turned}`
}

function update(trx: Db, row: SheetRow, values: { kind?: SheetKind; starts?: boolean; turned?: Turn }): Promise<unknown> {
  return trx.updateTable('sheets').set(values).where('scan_id', '=', row.scan_id).where('page', '=', row.page).execute()
}

/** @throws also REASON_REQUIRED, BAD_REQUEST where the first letter is to begin nowhere, or a separator is to begin one */
export async function setStart(ground: Ground, batchId: string, position: number, starts: boolean, actor: string, reason: string): Promise<BatchRow> {
  const why = requireReason(reason)
  return correct(ground, batchId, {
    position, actor,
    async apply(trx, { row, kind, startedBy, letter }) {
      if (kind === 'separator') throw new EvenhandError('BAD_REQUEST', 'a separator sheet begins no letter; the sheet behind it does')
      if (!starts && letter === 1 && startedBy) throw new EvenhandError('BAD_REQUEST', 'there is no letter before the first one')
      if ((startedBy !== undefined) === starts && row.starts === starts) return undefined
      await update(trx, row, { starts, ...(starts && kind === 'blank' ? { kind: 'page' as const } : {}) })
      return { kind: 'letter.split', data: { starts, reason: why } }
    }
  })
}

/** @throws also REASON_REQUIRED */
export async function setKind(ground: Ground, batchId: string, position: number, kind: SheetKind, actor: string, reason: string): Promise<BatchRow> {
  const why = requireReason(reason)
  return correct(ground, batchId, {
    position, actor,
    async apply(trx, { row }) {
      if (row.kind === kind) return undefined
      await update(trx, row, { kind })
      return { kind: 'sheet.kind-set', data: { kind, reason: why } }
    }
  })
}

export function turn(ground: Ground, batchId: string, position: number, degrees: Turn, actor: string): Promise<BatchRow> {
  return correct(ground, batchId, {
    position, actor,
    async apply(trx, { row }) {
      if (row.turned === degrees) return undefined
      await update(trx, row, { turned: degrees })
      return { kind: 'sheet.turned', data: { degrees } }
    }
  })
}

/** @throws BATCH_UNKNOWN, BATCH_RELEASED: contacts were made of the sheets as they lay */
export async function setSides(ground: Ground, batchId: string, scanId: string, side: Scan['side'], actor: string): Promise<void> {
  const rules = rulesOf(ground)
  await ground.db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by) throw new EvenhandError('BATCH_RELEASED')
    const before = await sortBatch(trx, batch, rules)
    const scan = before.scans.find(({ id }) => id === scanId)
    if (!scan) throw new EvenhandError('BATCH_UNKNOWN')
    if (scan.side === side) return
    await trx.updateTable('scans').set({ side }).where('id', '=', scanId).execute()
    await appendEvents(trx, [{ kind: 'scan.side-set', actor, data: { batch: batchId, scan: scanId, side } }])
    await resort(trx, batch, before, rules, actor)
  })
}
