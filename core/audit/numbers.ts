/**
 * Checks the numbering and the hash chain of events. An event that is missing, was changed, or was
 * inserted without a number shows up.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** Runs whose gaps are shown. One manipulation leaves a few. */
const RUNS_SHOWN = 20

export async function checkNumbers(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ run: string; problem: string | null }>`
    with written as (
      select coalesce(run, 0) as run, count(*) as events, coalesce(max(run_number), 0) as last,
        count(distinct run_number) as numbers from events group by 1
    )
    select coalesce(written.run, told.run) as run, case
      when told.run is null then 'the ledger has ' || written.events || ' events of run ' ||
        written.run || ', which was never opened'
      when told.run = 0 and coalesce(written.events,
        0) > told.events then written.events - told.events ||
        ' events were written past the ledger''s numbering'
      when told.run = 0 then told.events - coalesce(written.events,
        0) || ' events of before the numbering are missing'
      when written.last > told.events then 'the ledger has an event ' || written.last || ' of run '
        || told.run || ', which ended with ' || told.events
      when written.events > written.numbers then 'the ledger has numbers of run ' || told.run ||
        ' twice' end as problem
    from written full join ledger_runs as told using (run)
    where coalesce(written.events, 0) <> coalesce(told.events, -1) or (coalesce(told.run, 0) <> 0
      and written.last <> written.events)
    limit ${limit}`.execute(db)
  const gaps = await findGaps(
    db,
    rows
      .filter(({ problem }) => problem === null)
      .slice(0, RUNS_SHOWN)
      .map(({ run }) => run),
    limit
  )
  return [
    ...rows.flatMap(({ problem }) => problem ?? []),
    ...gaps,
    ...(await findChanged(db, limit))
  ]
}

/** The events on either side of a gap show when, and next to whose, the missing events happened. */
async function findGaps(db: Db, runs: readonly string[], limit: number): Promise<string[]> {
  if (runs.length === 0) return []
  const { rows } = await sql<{ problem: string }>`
    with numbered as (
      select run, run_number, id, lag(run_number, 1, 0::bigint) over way as before,
        lag(id) over way as before_id from events where run = any(${runs}::bigint[]) window way
        as (partition by run order by run_number)
      union all
      select run, told.events + 1, null, coalesce((select max(run_number) from events
        where events.run = told.run), 0), (select max(id) from events where events.run = told.run)
        from ledger_runs as told where run = any(${runs}::bigint[])
    )
    select run_number - before - 1 || case when run_number - before = 2 then ' event is'
      else ' events are' end || ' missing from the ledger'
      || coalesce(' after event ' || before_id, '') || coalesce(' before event ' || id,
        '') || ' (run ' || run || ')' as problem
    from numbered where run_number > before + 1 order by run, run_number limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}

/**
 * Finds changed events. Within a run, numbers and ids both rise, and each hash includes the one
 * before; ledger_runs holds the last.
 */
async function findChanged(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with numbered as materialized (
      select id, run, run_number, hash, lag(id) over way as before, lag(run_number, 1,
        0::bigint) over way as before_number, event_hash(lag(hash, 1, '') over way,
        events) as should
      from events where run is not null window way as (partition by run order by run_number)
    )
    select 'event ' || id || ' stands at another place than it was written' as problem
      from numbered where id <= before
    union all
    select 'event ' || id || ' was changed after it was written' from numbered
      where run_number = before_number + 1 and hash is distinct from should
    union all
    select 'event ' || id || ' is not the one that was written last in run ' || run from numbered
      join ledger_runs as told using (run)
    where run_number = told.events and numbered.hash is distinct from told.hash
      limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
