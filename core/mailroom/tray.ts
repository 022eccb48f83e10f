/** Logging a tray: it sets the received stamp before anything is scanned. */
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { appendEvents } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import { mailroomLimits } from './limits.ts'
import type { BatchRow } from './lay-out-batch.ts'
import { newSeed, sealOf } from './random-order.ts'
import type { NewTray } from './types.ts'

export interface LoggedTray extends NewTray {
  /** Source from which scans of this batch keep coming while it is open, such as `scans/monday`. */
  readonly origin?: string
  /**
   * The contact that brought the scans. Its arrival is the stamp, because custody was taken then.
   */
  readonly contactId?: string
  /**
   * Who is said to have set the stamp, if nobody signed in to do it. `holdReason` then holds the
   * batch for a person.
   */
  readonly claim?: { readonly clerk: string; readonly holdReason: string }
}

const DAY_MS = 86_400_000

/**
 * Logs a tray. A stamp in the past is at most `stamp.backwardDays` back and needs a responsible
 * person; if that person is only claimed, the batch is held. If the origin already has an open
 * batch, or may have only one batch, that one is returned.
 * @throws STAMP_OUT_OF_BOUNDS, REASON_REQUIRED, NOT_ALLOWED, BAD_REQUEST
 */
export function logTray(db: Db, agency: Agency, tray: LoggedTray): Promise<BatchRow> {
  return db.transaction().execute((trx) => logTrayWithin(trx, agency, tray))
}

/** The same in the caller's transaction. @throws as logTray */
export async function logTrayWithin(trx: Db, agency: Agency, tray: LoggedTray): Promise<BatchRow> {
  const {
    rows: [clock]
  } = await sql<{
    now: Date
    text: string
  }>`select clock_timestamp() as now, clock_timestamp()::text as text`.execute(trx)
  const stamp = checkStamp(tray, clock!.now, agency.mailroom.stamp.backwardDays)
  const seed = newSeed()
  const batch = await insertBatch(trx, tray, stamp, seed, agency)
  if (!batch)
    return trx
      .selectFrom('batches')
      .selectAll()
      .where('origin', '=', tray.origin!)
      .orderBy('logged_at', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
  const {
    rows: [times]
  } = await sql<{ received: string; logged: string }>`
    select ${exactTime('received_at')} as received, ${exactTime('logged_at')} as logged
      from batches where id = ${batch.id}`.execute(trx)
  await appendEvents(trx, [
    {
      kind: 'batch.logged',
      actor: tray.actor,
      ...(tray.contactId ? { contactId: tray.contactId } : {}),
      data: {
        batch: batch.id,
        receivedAt: times!.received,
        loggedAt: times!.logged,
        seal: sealOf(seed),
        expected: batch.expected,
        ...(stamp ? { reason: requireReason(tray.reason ?? '') } : {}),
        ...(stamp && tray.claim ? { claimed: tray.claim.clerk } : {})
      }
    }
  ])
  return batch
}

/** Checks a stamp that is not the present time. */
function checkStamp(
  { receivedAt, actor, reason, claim }: LoggedTray,
  now: Date,
  backwardDays: number
): Date | undefined {
  if (!receivedAt) return undefined
  const back = now.getTime() - receivedAt.getTime()
  // An invalid date gives NaN, for which every comparison is false.
  if (!(back >= 0 && back <= backwardDays * DAY_MS))
    throw new EvenhandError('STAMP_OUT_OF_BOUNDS', `at most ${backwardDays} days back`)
  if (!claim && !/^(staff|cli):./.test(actor))
    throw new EvenhandError('NOT_ALLOWED', 'a person must answer for a stamp that is not now')
  requireReason(reason ?? '')
  return receivedAt
}

async function insertBatch(
  trx: Db,
  tray: LoggedTray,
  stamp: Date | undefined,
  seed: Buffer,
  agency: Agency
): Promise<BatchRow | undefined> {
  const { expected } = tray
  if (
    expected !== undefined &&
    !(Number.isInteger(expected) && expected >= 0 && expected <= mailroomLimits.sheets)
  )
    throw new EvenhandError('BAD_REQUEST', 'the count of letters is a whole number up to 10,000')
  const note =
    tray.note === undefined ? null : storableText(tray.note.slice(0, mailroomLimits.note))
  const { rows } = await sql<BatchRow>`
    with clock as (select clock_timestamp() as now)
    insert into batches (id, received_at, logged_at, logged_by, note, expected, origin,
      hold_reasons,
      seed)
    select to_char(now at time zone ${agency.departments.agency.timeZone},
      'YYYYMMDD-') || nextval('batch_numbers'), coalesce((select arrived_at from contacts
      where id = ${tray.contactId ?? null}::uuid), ${stamp ?? null}::timestamptz, now), now,
      ${tray.actor}, ${note}, ${expected ?? null}, ${tray.origin ?? null},
        ${stamp && tray.claim ? [tray.claim.holdReason] : []}::text[], ${seed}
    from clock on conflict do nothing returning *`.execute(trx)
  return rows[0]
}
