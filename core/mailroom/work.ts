/** What a worker does about a batch: reads scans as they come, sorts when all are in, releases what is clean. Safe to run again. */
import { sql } from 'kysely'
import { ocrLanguages } from '../documents/languages.ts'
import { asEvenhandError } from '../errors.ts'
import type { Ground } from '../ground.ts'
import { appendEvents } from '../ledger.ts'
import { countAttempt, isDue, isOutage, MAX_ATTEMPTS } from './attempts.ts'
import { followLetters } from './follow-letters.ts'
import { lockBatch, sortBatch, type ScanRow, type SortRules } from './load.ts'
import { readScan, withholdScan } from './read-scans.ts'
import { beginRelease, makeContacts } from './release.ts'
import { addRemarks } from './remarks.ts'
import { syncLetters } from './sync-letters.ts'

/** Advisory locks share one space of numbers per database; this one is ours ("EVMR"). */
const LOCK_SPACE = 0x45564d52

export function rulesOf({ agency, secret }: Pick<Ground, 'agency' | 'secret'>): SortRules {
  return { agency: agency(), secret: secret('separator') }
}

/** Works on a batch until nothing is left to do; does nothing while another process works on it. */
export async function workOnBatch(ground: Ground, batchId: string): Promise<void> {
  // A session's lock goes with its connection, so a process that is killed leaves the batch to others at once.
  const client = await ground.database.pool.connect()
  try {
    const { rows: [lock] } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as taken', [LOCK_SPACE, batchId])
    if (lock!.taken) {
      await readAll(ground, batchId)
      await judge(ground, batchId)
      await makeContacts(ground, batchId, rulesOf(ground))
      await followLetters(ground, batchId)
    }
  } finally {
    // A connection that cannot be asked any more is not given back; its lock is gone with it.
    const left = await client.query('select pg_advisory_unlock_all()').then(() => false, () => true)
    client.release(left)
  }
}

async function readAll(ground: Ground, batchId: string): Promise<void> {
  const { db, blobs, agency, settings } = ground
  for (;;) {
    const scan = await db.selectFrom('scans').selectAll().where('batch_id', '=', batchId).where('state', 'in', ['stored', 'reading']).where(isDue).orderBy('seq').executeTakeFirst()
    if (!scan) return
    try {
      await readScan({ db, blobs, languages: ocrLanguages(agency().departments.agency.languages), engine: settings.OCR_ENGINE }, scan)
    } catch (error) {
      if (isOutage(error)) throw error
      await putOff(ground, scan, error)
    }
  }
}

/** Others are read meanwhile. After the last attempt the scan is withheld, which the account counts, and the batch waits for a person. */
async function putOff({ db, log }: Ground, scan: ScanRow, error: unknown): Promise<void> {
  const attempts = await countAttempt(db, 'scans', scan.id)
  const { code, message } = asEvenhandError(error)
  log.warn({ err: error, batch: scan.batch_id, scan: scan.id, code, attempts }, 'a scan could not be read')
  if (attempts < MAX_ATTEMPTS) return
  await addRemarks(db, scan.batch_id, [`${scan.name} could not be read in ${MAX_ATTEMPTS} attempts: ${message}`])
  await withholdScan(db, scan, `Reading it failed ${MAX_ATTEMPTS} times.`)
}

/** Letters of what was read; and, once scanning is finished, whether a person must look. */
async function judge(ground: Ground, batchId: string): Promise<void> {
  const rules = rulesOf(ground)
  await ground.db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId)
    if (batch.release_by) return
    const sorted = await sortBatch(trx, batch, rules)
    await syncLetters(trx, sorted)
    if (batch.state !== 'reading' || !sorted.read) return
    if (sorted.problems.length === 0) { await beginRelease(trx, batchId, rules, 'system:mailroom'); return }
    await trx.updateTable('batches').set({ state: 'held', problems: [...sorted.problems], updated_at: sql`now()` }).where('id', '=', batchId).execute()
    await appendEvents(trx, [{ kind: 'batch.held', actor: 'system:mailroom', data: { batch: batchId, problems: sorted.problems.length, account: sorted.account } }])
  })
}

/** As the index letters_unfinished has it, word for word: else it is not used. */
const isUnfinished = sql<boolean>`(live and (contact_id is null or made_of is null or left_case is not null)) or (not live and contact_id is not null and joined_to is not null and left_case is null and unfollowed is null)`

/** Batches with work that nobody seems to do: scans to read, sorting, a release that was cut off. */
export async function findForgotten({ db }: Pick<Ground, 'db'>, olderThanSeconds: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from batches where state <> 'released' and updated_at < now() - make_interval(secs => ${olderThanSeconds})
      and (state = 'reading' or release_by is not null or exists (select from scans where batch_id = batches.id and scans.state in ('stored', 'reading')))
    union
    select id from batches where state = 'released' and updated_at < now() - make_interval(secs => ${olderThanSeconds}) and id in (select batch_id from letters where ${isUnfinished})
    order by id limit 1000`.execute(db)
  return rows.map(({ id }) => id)
}
