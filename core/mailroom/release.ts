/** Release: every letter becomes one contact, at the batch's stamp and the place its lot drew. Killed and run again, each once. */
import { sql } from 'kysely'
import type { RawContact } from '../channel.ts'
import type { Db } from '../db/database.ts'
import { Withheld } from '../documents/pool.ts'
import { asEvenhandError, EvenhandError } from '../errors.ts'
import type { Ground } from '../ground.ts'
import { appendEvents } from '../ledger.ts'
import { optionalReason } from '../line/reasons.ts'
import { countAttempt, isDue, isOutage, MAX_ATTEMPTS } from './attempts.ts'
import { keepReading } from './keep-reading.ts'
import { letterAt, lockBatch, sortBatch, type BatchRow, type LaidSheet, type LetterRow, type Sorted, type SortRules } from './load.ts'
import { drawRanks, toRuns } from './lot.ts'
import { madeOf, makeLetterFile, type LetterFile } from './letter-file.ts'
import { refreshContact } from './refresh-contact.ts'
import { syncLetters } from './sync-letters.ts'

export const POSTAL_SOURCE = 'mailroom'

/**
 * Begins the release: letters are fixed, the lot is drawn. The contacts are made by `makeContacts`, here or by a worker.
 * @throws BATCH_UNKNOWN, BATCH_UNREAD, BATCH_UNBALANCED where something is amiss and no reason given
 */
export async function beginRelease(trx: Db, batchId: string, rules: SortRules, actor: string, reason = ''): Promise<Sorted> {
  const batch = await lockBatch(trx, batchId)
  const sorted = await sortBatch(trx, batch, rules)
  if (batch.release_by) return sorted
  if (!sorted.read || batch.state === 'scanning') throw new EvenhandError('BATCH_UNREAD')
  const why = optionalReason(reason)
  if (sorted.problems.length > 0 && why === '') throw new EvenhandError('BATCH_UNBALANCED', `${sorted.problems.length} open`)
  await syncLetters(trx, sorted)
  await trx.updateTable('batches').set({ release_by: actor, release_reason: why || null, problems: [...sorted.problems], updated_at: sql`now()` }).where('id', '=', batchId).execute()
  await drawLot(trx, batch, sorted, actor)
  return sorted
}

/** Every sheet gets a number, the batch as many ordinals. The seed is shown now: who knows it earlier could arrange the stack by it. */
async function drawLot(trx: Db, batch: BatchRow, { sheets, problems }: Sorted, actor: string): Promise<void> {
  const { rows } = await sql<{ ordinal: string }>`select nextval('arrivals') as ordinal from generate_series(1, ${sheets.length}::int)`.execute(trx)
  const ordinals = rows.map(({ ordinal }) => Number(ordinal)).sort((left, right) => left - right)
  await trx.updateTable('batches').set({ ordinals: ordinals.map(String) }).where('id', '=', batch.id).execute()
  await sql`
    update sheets set lot = given.lot from unnest(${sheets.map(({ row }) => row.scan_id)}::uuid[], ${sheets.map(({ row }) => row.page)}::int[], ${sheets.map((_, index) => index)}::int[]) as given (scan, page, lot)
    where sheets.scan_id = given.scan and sheets.page = given.page`.execute(trx)
  await appendEvents(trx, [{ kind: 'batch.drawn', actor, data: { batch: batch.id, seed: batch.seed.toString('hex'), sheets: sheets.length, ordinals: toRuns(ordinals), problems: problems.length } }])
}

/** Makes the contacts that are missing, and makes documents again that a correction has changed. Running it twice changes nothing. */
export async function makeContacts(ground: Ground, batchId: string, rules: SortRules): Promise<void> {
  const { db } = ground
  const batch = await db.selectFrom('batches').selectAll().where('id', '=', batchId).executeTakeFirstOrThrow()
  if (!batch.release_by || !batch.ordinals) return
  const sorted = await sortBatch(db, batch, rules)
  const ranks = drawRanks(batch.seed, batch.ordinals.length)
  for (const [index, sheets] of sorted.contents.entries()) {
    const letter = letterAt(sorted.letters, sheets[0]!.row)
    if (letter) await tryContact(ground, sorted, { letter, number: index + 1, sheets, ranks })
  }
  await finishRelease(ground, batchId, rules)
}

interface Making {
  readonly letter: LetterRow
  readonly number: number
  readonly sheets: readonly LaidSheet[]
  readonly ranks: readonly number[]
}

/** What is wrong with one letter keeps none of the others: it is tried again after a while. */
async function tryContact(ground: Ground, sorted: Sorted, making: Making): Promise<void> {
  const { db, log } = ground
  const { id, tried_at: triedAt } = making.letter
  if (triedAt && !await db.selectFrom('letters').select('id').where('id', '=', id).where(isDue).executeTakeFirst()) return
  try {
    await makeContact(ground, sorted, making)
  } catch (error) {
    if (isOutage(error)) throw error
    const attempts = await countAttempt(db, 'letters', id)
    log.warn({ err: error, batch: sorted.batch.id, letter: id, code: asEvenhandError(error).code, attempts }, 'a letter could not be made')
  }
}

async function makeContact(ground: Ground, sorted: Sorted, { letter, number, sheets, ranks }: Making): Promise<void> {
  const { db, intake } = ground
  const wanted = sheets.map(({ row }) => `${row.scan_id}/${row.page}/${row.turned}`).join(' ')
  const made = letter.made_of?.map(({ scan, page, turned }) => `${scan}/${page}/${turned}`).join(' ')
  if (letter.contact_id && made === wanted) return
  const file = letter.attempts < MAX_ATTEMPTS ? await fileOf(ground, sorted, sheets) : listOf(sorted, sheets)
  await keepReading(db, file)
  const lot = sheets[0]!.row.lot
  if (letter.contact_id) {
    if (!await refreshContact(ground, letter, file, evidenceOf(sorted, letter, number, sheets))) return
  } else if (lot !== null) {
    const ordinal = Number(sorted.batch.ordinals![ranks[lot]!])
    const { contactId } = await intake.acceptLetter(toRaw(sorted, letter, number, sheets, file), { batch: sorted.batch.id, lot, ordinal })
    await db.updateTable('letters').set({ contact_id: contactId }).where('id', '=', letter.id).execute()
  }
  await db.updateTable('letters').set({ made_of: JSON.stringify(file.madeOf) }).where('id', '=', letter.id).execute()
}

/** Where no document can be made of its pages, the letter still goes on: as a list of them, for a person. */
async function fileOf({ db, blobs }: Ground, sorted: Sorted, sheets: readonly LaidSheet[]): Promise<LetterFile> {
  try {
    return await makeLetterFile(db, blobs, sorted.scans, sheets)
  } catch (error) {
    if (!(error instanceof Withheld)) throw error
    return listOf(sorted, sheets)
  }
}

function listOf({ scans }: Sorted, sheets: readonly LaidSheet[]): LetterFile {
  const list = sheets.map(({ row }) => ({ scan: scans.find(({ id }) => id === row.scan_id)?.sha256, page: row.page }))
  return { bytes: Buffer.from(JSON.stringify(list)), mediaType: 'application/json', madeOf: madeOf(sheets), pages: undefined }
}

function toRaw(sorted: Sorted, letter: LetterRow, number: number, sheets: readonly LaidSheet[], file: LetterFile): RawContact & { externalId: string } {
  return { channel: 'postal', source: POSTAL_SOURCE, externalId: letter.id, bytes: file.bytes, mediaType: file.mediaType, evidence: evidenceOf(sorted, letter, number, sheets) }
}

/** Where each page lies in which original, and what was seen on the paper. None of it orders anything. */
function evidenceOf({ batch, scans }: Sorted, letter: LetterRow, number: number, sheets: readonly LaidSheet[]): Record<string, unknown> {
  const pages = sheets.map(({ row }) => ({ scan: scans.find(({ id }) => id === row.scan_id)!.sha256, page: row.page, ...(row.turned ? { turned: row.turned } : {}) }))
  const seen = {
    senderName: letter.sender_name, senderAddress: letter.sender_address, postmark: letter.postmark, legalReceipt: letter.legal_receipt, trackingNumber: letter.tracking_number, location: letter.location
  }
  return { batch: batch.id, letter: number, letterId: letter.id, pages, ...Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== null)) }
}

async function finishRelease({ db }: Ground, batchId: string, rules: SortRules): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.state === 'released') return
    const open = await trx.selectFrom('letters').select('id').where('batch_id', '=', batchId).where('live', '=', true).where('contact_id', 'is', null).executeTakeFirst()
    if (open) return
    await trx.updateTable('batches').set({ state: 'released', released_at: sql`clock_timestamp()`, updated_at: sql`now()` }).where('id', '=', batchId).execute()
    const { account, contents } = await sortBatch(trx, { ...batch, state: 'released' }, rules)
    await appendEvents(trx, [{ kind: 'batch.released', actor: batch.release_by!, data: { batch: batchId, letters: contents.length, account, ...(batch.release_reason ? { reason: batch.release_reason } : {}) } }])
  })
}
