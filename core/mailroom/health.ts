/** Figures on the mailroom's batches, for administrators. Nothing here changes anything. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/**
 * Batches that a worker should be working on, but with no progress for the given time: being read,
 * being released, or with letters whose document is missing.
 */
export async function countStuckBatches(
  db: Db,
  forSeconds: number
): Promise<{ stuck: number; since: number }> {
  const { rows } = await sql<{ stuck: number; since: number }>`
    select count(*)::int as stuck, coalesce(extract(epoch
      from clock_timestamp() - min(updated_at)), 0)::float8 * 1000 as since from batches
    where updated_at < now() - make_interval(secs => ${forSeconds}) and (
      state <> 'released' and (state = 'reading' or release_by is not null or exists (select
        from scans where batch_id = batches.id and scans.state in ('stored', 'reading')))
      or state = 'released' and id in (select batch_id from letters where live
        and made_of is null))`.execute(db)
  return rows[0]!
}

/** Batches held, and batches logged over a day ago and not ended; ages in milliseconds. */
export async function countWaitingBatches(
  db: Db
): Promise<{ held: number; oldest: number; open: number; longest: number }> {
  const { rows } = await sql<{ held: number; oldest: number; open: number; longest: number }>`
    select count(*) filter (where state = 'held')::int as held, coalesce(extract(epoch
      from clock_timestamp() - min(received_at) filter (where state = 'held')),
      0)::float8 * 1000 as oldest,
      count(*) filter (where state = 'scanning'
        and logged_at < now() - interval '1 day')::int as open, coalesce(extract(epoch
        from clock_timestamp() - min(received_at) filter (where state = 'scanning')),
        0)::float8 * 1000 as longest
    from batches where state <> 'released'`.execute(db)
  return rows[0]!
}
