/**
 * A worker's part in a batch: reads scans as they come, sorts when all are in, and releases it if
 * nothing needs a person. Safe to run again.
 */
import { sql } from 'kysely'
import { unlessLocked } from '../../platform/db/advisory-locks.ts'
import { ocrLanguages } from '../documents/languages.ts'
import { asEvenhandError } from '../../platform/errors.ts'
import { isLastAttempt } from '../../platform/limits/retry-policy.ts'
import type { MailroomRuntime } from './runtime.ts'
import { appendEvents } from '../ledger/append.ts'
import { countAttempt, isDue, isOutage, scanRetries } from './retry.ts'
import { followLetters } from './follow-letters.ts'
import { lockBatch, layOutBatch, type ScanRow, type SortRules } from './lay-out-batch.ts'
import { findWaiting, readScan, withholdScan } from './read-scans.ts'
import { beginRelease, makeContacts } from './release.ts'
import { addHoldReasons } from './hold-reasons.ts'
import { reconcileLetters } from './reconcile-letters.ts'

export function rulesOf({ agency, secret }: Pick<MailroomRuntime, 'agency' | 'secret'>): SortRules {
  return { agency: agency(), secret: secret('separator') }
}

/**
 * Works on a batch until nothing is left to do. Does nothing if another process is working on it.
 */
export async function processBatch(runtime: MailroomRuntime, batchId: string): Promise<void> {
  await unlessLocked(runtime.db, { space: 'batch', key: batchId }, async () => {
    await readAll(runtime, batchId)
    await judge(runtime, batchId)
    await makeContacts(runtime, batchId, rulesOf(runtime))
    await followLetters(runtime, batchId)
  })
}

/** Scans whose pages are being read elsewhere are left to a later round. */
async function readAll(runtime: MailroomRuntime, batchId: string): Promise<void> {
  const left: string[] = []
  for (;;) {
    const scan = await runtime.db
      .selectFrom('scans')
      .selectAll()
      .where('batch_id', '=', batchId)
      .where('state', 'in', ['stored', 'reading'])
      .where('id', 'not in', left)
      .where(isDue)
      .orderBy('seq')
      .executeTakeFirst()
    if (!scan) return
    if (!(await readOrPutOff(runtime, scan))) left.push(scan.id)
  }
}

async function readOrPutOff(runtime: MailroomRuntime, scan: ScanRow): Promise<boolean> {
  const { db, blobs, queues, agency, settings } = runtime
  const languages = ocrLanguages(agency().departments.agency.languages)
  try {
    if (!(await readScan({ db, blobs, languages, engine: settings.OCR_ENGINE }, scan))) return false
    queues.enqueue('mailroom', await findWaiting(db, scan))
  } catch (error) {
    if (isOutage(error)) throw error
    await putOff(runtime, scan, error)
  }
  return true
}

/**
 * Leaves a scan that failed for later and reads the others first. After the last attempt the scan
 * is withheld, which the page count includes, and the batch waits for a person.
 */
async function putOff({ db, log }: MailroomRuntime, scan: ScanRow, error: unknown): Promise<void> {
  const attempts = await countAttempt(db, 'scans', scan.id)
  const { code, message } = asEvenhandError(error)
  log.warn(
    { err: error, batch: scan.batch_id, scan: scan.id, code, attempts },
    'a scan could not be read'
  )
  if (!isLastAttempt(scanRetries, attempts)) return
  await addHoldReasons(db, scan.batch_id, [
    `${scan.name} could not be read in ${scanRetries.attempts} attempts: ${message}`
  ])
  await withholdScan(db, scan, `Reading it failed ${scanRetries.attempts} times.`)
}

/**
 * Makes letters of what was read. Once scanning is finished, decides whether a person must look.
 */
async function judge(runtime: MailroomRuntime, batchId: string): Promise<void> {
  const rules = rulesOf(runtime)
  await runtime.db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by) return
    const sorted = await layOutBatch(trx, batch, rules)
    await reconcileLetters(trx, sorted)
    if (batch.state !== 'reading' || !sorted.read) return
    if (sorted.problems.length === 0) {
      await beginRelease(trx, batchId, rules, 'system:mailroom')
      return
    }
    await trx
      .updateTable('batches')
      .set({ state: 'held', problems: [...sorted.problems], updated_at: sql`now()` })
      .where('id', '=', batchId)
      .execute()
    await appendEvents(trx, [
      {
        kind: 'batch.held',
        actor: 'system:mailroom',
        data: { batch: batchId, problems: sorted.problems.length, account: sorted.pageCount }
      }
    ])
  })
}

/**
 * Must be the same text as in the index letters_unfinished, or PostgreSQL does not use the index.
 */
const isUnfinished = sql<boolean>`(live and (contact_id is null or made_of is null
    or left_case is not null)) or (not live and contact_id is not null and joined_to is not null
    and left_case is null and unfollowed is null)`

/**
 * Batches with work that no worker seems to be doing: scans to read, sorting, an interrupted
 * release.
 */
export async function findForgotten(
  { db }: Pick<MailroomRuntime, 'db'>,
  olderThanSeconds: number
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from batches where state <> 'released'
      and updated_at < now() - make_interval(secs => ${olderThanSeconds})
      and (state = 'reading' or release_by is not null or exists (select from scans
        where batch_id = batches.id and scans.state in ('stored', 'reading')))
    union
    select id from batches where state = 'released'
      and updated_at < now() - make_interval(secs => ${olderThanSeconds})
      and id in (select batch_id from letters where ${isUnfinished})
    order by id limit 1000`.execute(db)
  return rows.map(({ id }) => id)
}
