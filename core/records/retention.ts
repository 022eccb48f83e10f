/**
 * What is kept for a while only: the index of what says the same, and the counts of replies. A
 * little in each sweep, so that no round is long.
 */
import { sql } from 'kysely'
import { recognitionOf } from '../../config/schema.ts'
import { forgetAccess } from '../access/access-log.ts'
import { forgetProofs } from '../verification/forget.ts'
import type { Db } from '../../platform/db/database.ts'
import { forgetBefore } from '../duplicates/store.ts'
import type { Runtime } from '../runtime.ts'

const DAY_MS = 86_400_000
/**
 * A contact that waited for a person or for its pages looks back from its own arrival; most are
 * settled within a week.
 */
const SPARE_DAYS = 7
/**
 * Of each kind in one round: 500 contacts with their keys take 0.3 to 0.4 s, and a round every 5 s
 * makes 8 million a day.
 */
const AT_ONCE = 500

/**
 * Forgets contacts in the index that no window reaches and counts of replies before yesterday;
 * answers how many rows of both.
 */
export async function forgetOld({ db, agency }: Pick<Runtime, 'db' | 'agency'>): Promise<number> {
  const { duplicateDays } = recognitionOf(agency().departments)
  const compared = await forgetBefore(
    db,
    new Date(Date.now() - (duplicateDays + SPARE_DAYS) * DAY_MS),
    AT_ONCE
  )
  return (
    compared +
    (await forgetReplies(db)) +
    (await forgetFailures(db)) +
    (await forgetCounts(db)) +
    (await forgetProofs(db, AT_ONCE)) +
    (await forgetAccess(db, AT_ONCE))
  )
}

/** A day after the last failure, which is long after the longest pause. */
async function forgetFailures(db: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from sign_in_failures where (account_hash, origin_hash) in (select account_hash,
      origin_hash from sign_in_failures where failed_at < now() - interval '1 day'
      limit ${AT_ONCE})`.execute(db)
  return Number(numAffectedRows ?? 0)
}

async function forgetCounts(db: Db): Promise<number> {
  const { numAffectedRows } =
    await sql`delete from rate_limits where key in (select key from rate_limits
        where expire < ${Date.now()} limit ${AT_ONCE})`.execute(db)
  return Number(numAffectedRows ?? 0)
}

async function forgetReplies(db: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from reply_budget where (day, address_hash) in (select day, address_hash
      from reply_budget where day < current_date - 1 order by day limit ${AT_ONCE})`.execute(db)
  return Number(numAffectedRows ?? 0)
}
