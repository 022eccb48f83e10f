/**
 * Trays of paper, by the tables and by the ledger, both ways: batches, their scans, and which sheet
 * of the lot each letter is.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { findProblems } from './problems.ts'

const views = sql`
  with logged as (
    select data ->> 'batch' as batch, actor, data from events where kind = 'batch.logged'
  ), drawn as (
    select distinct on (data ->> 'batch') data ->> 'batch' as batch, data from events
      where kind = 'batch.drawn' order by data ->> 'batch', id
  ), runs as (
    select batch, array_agg(ordinal order by ordinal) as ordinals from drawn,
      jsonb_array_elements(data -> 'ordinals') as run,
      generate_series((run ->> 0)::bigint, (run ->> 1)::bigint) as ordinal group by batch
  ), parted as (
    select (scan #>> '{}')::uuid as scan, data ->> 'into' as batch, id from events,
      jsonb_array_elements(data -> 'scans') as scan where kind = 'batch.parted'
  ), added as (
    select id, (data ->> 'scan')::uuid as scan, data, actor from events
      where kind = 'batch.scan-added'
  ), placed as (
    select added.*, coalesce((select batch from parted where parted.scan = added.scan
      order by parted.id desc limit 1), data ->> 'batch') as batch from added
  ), letter as (
    select contact_id, data ->> 'batch' as batch, (data ->> 'lot')::int as lot from events
      where kind = 'contact.accepted' and data ? 'batch' and data ? 'lot'
  ), lots as (
    select batch_id, count(*) as sheets, count(distinct lot) as numbers, min(lot) as first,
      max(lot) as last from sheets join scans on scans.id = scan_id where lot is not null
      group by batch_id
  )`

const faults = {
  loggingDiffers: sql`
    select 'batch ' || batches.id ||
      ' was logged at another time, or by somebody else, or has another seal than the ledger recorded' as problem
      from batches join logged on logged.batch = batches.id
    where actor is distinct from logged_by or (data ->> 'loggedAt')::timestamptz
      is distinct from logged_at
      or data ->> 'seal' is distinct from encode(sha256(seed), 'hex')`,
  numbersDiffer: sql`
    select 'batch ' || batches.id || ' has other numbers than its lot gave it' from batches
      left join drawn on drawn.batch = batches.id left join runs on runs.batch = batches.id
    where coalesce(runs.ordinals, case when drawn.batch is not null then '{}'::bigint[] end)
      is distinct from batches.ordinals`,
  stateDiffers: sql`
    select 'batch ' || batches.id || ' is ' || state || ', but the ledger says ' || case
      when drawn.batch is null then 'that no lot was drawn' else 'that its lot was drawn' end
      from batches left join drawn on drawn.batch = batches.id
    where (state = 'released' and drawn.batch is null) or (state <> 'released' and exists (select
      from events where kind = 'batch.released' and data ->> 'batch' = batches.id))
      or (state = 'scanning' and drawn.batch is not null)`,
  lotDiffers: sql`
    select 'the sheets of batch ' || drawn.batch || ' have other numbers in its lot than were drawn'
      from drawn left join lots on lots.batch_id = drawn.batch
    where coalesce(lots.sheets, 0) is distinct from (data ->> 'sheets')::int
      or lots.numbers is distinct from lots.sheets or lots.first <> 0
      or lots.last <> lots.sheets - 1`,
  lotNotDrawn: sql`
    select 'a sheet of batch ' || lots.batch_id || ' has a number in a lot that was not drawn'
      from lots where not exists (select from drawn where drawn.batch = lots.batch_id)`,
  scanUnknown: sql`
    select 'scan ' || scans.id || ' is in the tables and not in the ledger' from scans where not
      exists (select from placed where placed.scan = scans.id)`,
  scanDiffers: sql`
    select 'scan ' || scans.id ||
      ' belongs to another batch, has another length, or was added by somebody else than the ledger recorded'
      from scans join placed on placed.scan = scans.id
    where placed.batch is distinct from batch_id or (data ->> 'bytes')::bigint
      is distinct from bytes or actor is distinct from added_by`,
  letterGone: sql`
    select 'contact ' || letter.contact_id || ' is a letter of batch ' || letter.batch ||
      ', and that letter is gone or another' from letter
    where not exists (select from letters join sheets using (scan_id, page)
      where coalesce(letters.contact_id, letter.contact_id) = letter.contact_id
      and letters.batch_id = letter.batch and sheets.lot = letter.lot)`,
  letterInvented: sql`
    select 'letter ' || letters.id || ' is at a contact that is no letter by the ledger'
      from letters where contact_id is not null and not exists (select from letter
      where letter.contact_id = letters.contact_id and letter.batch = batch_id)`
}

/**
 * A letter without its contact yet is on its way: its contact is accepted first, and found again
 * after a kill in between.
 */
export function checkTrays(db: Db, limit: number): Promise<string[]> {
  return findProblems(db, { views, faults }, limit)
}
