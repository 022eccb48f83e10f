/**
 * Release: every letter becomes one contact, with the batch's stamp and the ordinal drawn for it.
 * Safe to run again after a kill: each contact is made once.
 */
import { sql } from 'kysely'
import { isLastAttempt } from '../../platform/limits/retry-policy.ts'
import type { RawContact } from '../intake/channel.ts'
import type { Db } from '../../platform/db/database.ts'
import { Withheld } from '../documents/pool.ts'
import { asEvenhandError, EvenhandError } from '../../platform/errors.ts'
import type { MailroomRuntime } from './runtime.ts'
import { appendEvents } from '../ledger/append.ts'
import { optionalReason } from '../line/reasons.ts'
import { countAttempt, isDue, isOutage, scanRetries } from './retry.ts'
import { storePageText } from './store-page-text.ts'
import {
  letterAt,
  lockBatch,
  layOutBatch,
  type BatchRow,
  type LaidSheet,
  type LetterRow,
  type Sorted,
  type SortRules
} from './lay-out-batch.ts'
import { drawRanks, toRuns } from './random-order.ts'
import { madeOf, makeLetterFile, type LetterFile } from './letter-file.ts'
import { refreshContact } from './refresh-contact.ts'
import { reconcileLetters } from './reconcile-letters.ts'

export const POSTAL_SOURCE = 'mailroom'

/**
 * Begins the release: the letters are fixed and the lot is drawn. `makeContacts` then makes the
 * contacts, here or in a worker.
 * @throws BATCH_UNKNOWN, BATCH_UNREAD, BATCH_UNBALANCED if something is wrong and no reason is
 * given
 */
export async function beginRelease(
  trx: Db,
  batchId: string,
  rules: SortRules,
  actor: string,
  reason = ''
): Promise<Sorted> {
  const batch = await lockBatch(trx, batchId)
  const sorted = await layOutBatch(trx, batch, rules)
  if (batch.release_by) return sorted
  if (!sorted.read || batch.state === 'scanning') throw new EvenhandError('BATCH_UNREAD')
  const why = optionalReason(reason)
  if (sorted.problems.length > 0 && why === '')
    throw new EvenhandError('BATCH_UNBALANCED', `${sorted.problems.length} open`)
  await reconcileLetters(trx, sorted)
  await trx
    .updateTable('batches')
    .set({
      release_by: actor,
      release_reason: why || null,
      problems: [...sorted.problems],
      updated_at: sql`now()`
    })
    .where('id', '=', batchId)
    .execute()
  await drawLot(trx, batch, sorted, actor)
  return sorted
}

/**
 * Gives every sheet a number and draws as many ordinals for the batch. The seed is published only
 * now, because with it one could arrange the stack.
 */
async function drawLot(
  trx: Db,
  batch: BatchRow,
  { sheets, problems }: Sorted,
  actor: string
): Promise<void> {
  const { rows } = await sql<{
    ordinal: string
  }>`select nextval('arrivals') as ordinal from generate_series(1, ${sheets.length}::int)`.execute(
    trx
  )
  const ordinals = rows.map(({ ordinal }) => Number(ordinal)).sort((left, right) => left - right)
  await trx
    .updateTable('batches')
    .set({ ordinals: ordinals.map(String) })
    .where('id', '=', batch.id)
    .execute()
  await sql`
    update sheets set lot = given.lot
      from unnest(${sheets.map(({ row }) => row.scan_id)}::uuid[],
      ${sheets.map(({ row }) => row.page)}::int[],
      ${sheets.map((_, index) => index)}::int[]) as given (scan, page, lot)
    where sheets.scan_id = given.scan and sheets.page = given.page`.execute(trx)
  await appendEvents(trx, [
    {
      kind: 'batch.drawn',
      actor,
      data: {
        batch: batch.id,
        seed: batch.seed.toString('hex'),
        sheets: sheets.length,
        ordinals: toRuns(ordinals),
        problems: problems.length
      }
    }
  ])
}

/**
 * Makes the contacts that are missing, and makes changed documents again after a correction.
 * Running it twice changes nothing.
 */
export async function makeContacts(
  runtime: MailroomRuntime,
  batchId: string,
  rules: SortRules
): Promise<void> {
  const { db } = runtime
  const batch = await db
    .selectFrom('batches')
    .selectAll()
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow()
  if (!batch.release_by || !batch.ordinals) return
  const sorted = await layOutBatch(db, batch, rules)
  const ranks = drawRanks(batch.seed, batch.ordinals.length)
  for (const [index, sheets] of sorted.contents.entries()) {
    const letter = letterAt(sorted.letters, sheets[0]!.row)
    if (letter) await tryContact(runtime, sorted, { letter, number: index + 1, sheets, ranks })
  }
  await finishRelease(runtime, batchId, rules)
}

interface Making {
  readonly letter: LetterRow
  readonly number: number
  readonly sheets: readonly LaidSheet[]
  readonly ranks: readonly number[]
}

/** An error in one letter does not stop the others. The letter is tried again after a while. */
async function tryContact(runtime: MailroomRuntime, sorted: Sorted, making: Making): Promise<void> {
  const { db, log } = runtime
  const { id, tried_at: triedAt } = making.letter
  if (
    triedAt &&
    !(await db
      .selectFrom('letters')
      .select('id')
      .where('id', '=', id)
      .where(isDue)
      .executeTakeFirst())
  )
    return
  try {
    await makeContact(runtime, sorted, making)
  } catch (error) {
    if (isOutage(error)) throw error
    const attempts = await countAttempt(db, 'letters', id)
    log.warn(
      {
        err: error,
        batch: sorted.batch.id,
        letter: id,
        code: asEvenhandError(error).code,
        attempts
      },
      'a letter could not be made'
    )
  }
}

async function makeContact(
  runtime: MailroomRuntime,
  sorted: Sorted,
  { letter, number, sheets, ranks }: Making
): Promise<void> {
  const { db, acceptor } = runtime
  const wanted = sheets.map(({ row }) => `${row.scan_id}/${row.page}/${row.turned}`).join(' ')
  const made = letter.made_of
    ?.map(({ scan, page, turned }) => `${scan}/${page}/${turned}`)
    .join(' ')
  if (letter.contact_id && made === wanted) return
  const file = isLastAttempt(scanRetries, letter.attempts)
    ? listOf(sorted, sheets)
    : await fileOf(runtime, sorted, sheets)
  await storePageText(db, file)
  const lot = sheets[0]!.row.lot
  if (letter.contact_id) {
    if (!(await refreshContact(runtime, letter, file, evidenceOf(sorted, letter, number, sheets))))
      return
  } else if (lot !== null) {
    const ordinal = Number(sorted.batch.ordinals![ranks[lot]!])
    const { contactId } = await acceptor.acceptLetter(toRaw(sorted, letter, number, sheets, file), {
      batch: sorted.batch.id,
      lot,
      ordinal
    })
    await db
      .updateTable('letters')
      .set({ contact_id: contactId })
      .where('id', '=', letter.id)
      .execute()
  }
  await db
    .updateTable('letters')
    .set({ made_of: JSON.stringify(file.madeOf) })
    .where('id', '=', letter.id)
    .execute()
}

/**
 * If no PDF can be made of its pages, the letter becomes a contact with a list of its pages, for a
 * person.
 */
async function fileOf(
  { db, blobs }: MailroomRuntime,
  sorted: Sorted,
  sheets: readonly LaidSheet[]
): Promise<LetterFile> {
  try {
    return await makeLetterFile(db, blobs, sorted.scans, sheets)
  } catch (error) {
    if (!(error instanceof Withheld)) throw error
    return listOf(sorted, sheets)
  }
}

function listOf({ scans }: Sorted, sheets: readonly LaidSheet[]): LetterFile {
  const list = sheets.map(({ row }) => ({
    scan: scans.find(({ id }) => id === row.scan_id)?.sha256,
    page: row.page
  }))
  return {
    bytes: Buffer.from(JSON.stringify(list)),
    mediaType: 'application/json',
    madeOf: madeOf(sheets),
    pages: undefined
  }
}

function toRaw(
  sorted: Sorted,
  letter: LetterRow,
  number: number,
  sheets: readonly LaidSheet[],
  file: LetterFile
): RawContact & { externalId: string } {
  return {
    channel: 'postal',
    source: POSTAL_SOURCE,
    externalId: letter.id,
    bytes: file.bytes,
    mediaType: file.mediaType,
    evidence: evidenceOf(sorted, letter, number, sheets)
  }
}

/**
 * In which original, and where in it, each page is, and what staff saw on the paper. None of it
 * affects the order.
 */
function evidenceOf(
  { batch, scans }: Sorted,
  letter: LetterRow,
  number: number,
  sheets: readonly LaidSheet[]
): Record<string, unknown> {
  const pages = sheets.map(({ row }) => ({
    scan: scans.find(({ id }) => id === row.scan_id)!.sha256,
    page: row.page,
    ...(row.turned ? { turned: row.turned } : {})
  }))
  const seen = {
    senderName: letter.sender_name,
    senderAddress: letter.sender_address,
    senderEmail: letter.sender_email,
    senderPhone: letter.sender_phone,
    senderKeyedBy:
      letter.sender_name || letter.sender_address || letter.sender_email || letter.sender_phone
        ? 'mailroom'
        : null,
    postmark: letter.postmark,
    legalReceipt: letter.legal_receipt,
    trackingNumber: letter.tracking_number,
    location: letter.location
  }
  return {
    batch: batch.id,
    letter: number,
    letterId: letter.id,
    pages,
    ...Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== null))
  }
}

async function finishRelease(
  { db }: MailroomRuntime,
  batchId: string,
  rules: SortRules
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.state === 'released') return
    const open = await trx
      .selectFrom('letters')
      .select('id')
      .where('batch_id', '=', batchId)
      .where('live', '=', true)
      .where('contact_id', 'is', null)
      .executeTakeFirst()
    if (open) return
    await trx
      .updateTable('batches')
      .set({ state: 'released', released_at: sql`clock_timestamp()`, updated_at: sql`now()` })
      .where('id', '=', batchId)
      .execute()
    const { pageCount, contents } = await layOutBatch(trx, { ...batch, state: 'released' }, rules)
    await appendEvents(trx, [
      {
        kind: 'batch.released',
        actor: batch.release_by!,
        data: {
          batch: batchId,
          letters: contents.length,
          account: pageCount,
          ...(batch.release_reason ? { reason: batch.release_reason } : {})
        }
      }
    ])
  })
}
