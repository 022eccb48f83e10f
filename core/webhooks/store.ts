/** Reading the ledger in the order of a line, and how far each department has been told. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { newId } from '../../platform/ids.ts'
import { lockForTake } from '../line/locks.ts'
import { placesOf } from '../line/view.ts'
import type { LineEventRow } from './event.ts'

export interface LineClaim {
  readonly claim: string
  readonly turn: string
  readonly attempts: number
  readonly failingSince: Date | null
}

/** Longer than a request may take: whoever holds a claim for longer has died. In seconds. */
const CLAIM_SECONDS = 60

/** A department that has just been given a webhook is told of what happens from now on. */
export async function openLine(db: Db, department: string): Promise<void> {
  const known = await db
    .selectFrom('webhook_lines')
    .select('department')
    .where('department', '=', department)
    .executeTakeFirst()
  if (known) return
  await db.transaction().execute(async (trx) => {
    await lockForTake(trx, department)
    await sql`
      insert into webhook_lines (department, turn) select ${department}, case
        when is_called then last_value else 0 end from turns on conflict do nothing`.execute(trx)
  })
}

/** Departments that have something to be told now. */
export async function findDue(db: Db, departments: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ department: string }>`
    select department from webhook_lines as hook
    where department = any(${departments}::text[]) and state = 'running' and due_at <= now()
      and coalesce(claimed_until < now(), true)
      and (exists (select from events where department = hook.department and turn > hook.turn)
        or exists (select from events where kind = 'case.transferred'
          and data ->> 'from' = hook.department and turn > hook.turn))`.execute(db)
  return rows.map(({ department }) => department)
}

/** One process at a time tells a department; undefined when another does, or it is not time. */
export async function claimLine(db: Db, department: string): Promise<LineClaim | undefined> {
  const claim = newId()
  const {
    rows: [row]
  } = await sql<{ turn: string; attempts: number; failing_since: Date | null }>`
    update webhook_lines set claim = ${claim},
      claimed_until = now() + make_interval(secs => ${CLAIM_SECONDS})
    where department = ${department} and state = 'running' and due_at <= now()
      and coalesce(claimed_until < now(), true)
    returning turn, attempts, failing_since`.execute(db)
  return row && { claim, turn: row.turn, attempts: row.attempts, failingSince: row.failing_since }
}

interface ToRead {
  /** The turn up to which it has been told. */
  readonly after: string
  readonly limit: number
  /** Whether what the resident wrote goes along. */
  readonly withEnvelope: boolean
}

/**
 * The next events of a department's line, in their order. The line's lock is held for the moment of
 * reading: whoever had drawn a turn before has committed, and who draws one later gets a larger
 * one, so that none can appear behind what was read.
 */
export async function readNext(
  db: Db,
  department: string,
  { after, limit, withEnvelope }: ToRead
): Promise<LineEventRow[]> {
  const rows = await db.transaction().execute(async (trx) => {
    await lockForTake(trx, department)
    return selectEvents(
      trx,
      sql`(events.department = ${department} or (events.kind = 'case.transferred'
          and events.data ->> 'from' = ${department})) and events.turn > ${after}
          order by events.turn limit ${limit}`,
      { withEnvelope }
    )
  })
  return withPlaces(db, rows)
}

/** One event by its id, as it would be sent now. */
export async function readEvent(db: Db, eventId: string): Promise<LineEventRow | undefined> {
  const found = await selectEvents(db, sql`events.id = ${eventId}`, { withEnvelope: true })
  return (await withPlaces(db, found))[0]
}

async function selectEvents(
  db: Db,
  where: ReturnType<typeof sql>,
  { withEnvelope }: Pick<ToRead, 'withEnvelope'>
): Promise<LineEventRow[]> {
  const { rows } = await sql<LineEventRow>`
    select events.id, events.turn, events.at, events.kind, events.actor, events.data,
      events.case_id, events.department, cases.receipt, cases.contact_id, cases.arrived_at,
      cases.ordinal, cases.channel,
      case when ${withEnvelope} and contacts.envelope is not null then contacts.envelope ||
        jsonb_build_object('version', 1, 'arrivedAt', contacts.arrived_at, 'ordinal',
        contacts.ordinal) end as envelope
    from events join cases on cases.id = events.case_id
      join contacts on contacts.id = cases.contact_id where ${where}`.execute(db)
  return rows
}

async function withPlaces(db: Db, rows: readonly LineEventRow[]): Promise<LineEventRow[]> {
  const places = await placesOf(db, [...new Set(rows.map((row) => row.case_id))])
  return rows.map((row) => ({ ...row, place: places.get(row.case_id) }))
}

export interface Progress {
  readonly department: string
  readonly claim: string
  /** Up to here it has been told, or what it would not take was set aside. */
  readonly turn: string
  readonly attempts: number
  readonly failingSince: Date | null
  /** Seconds until the next try; 0 to go on at once. */
  readonly waitSeconds: number
  readonly delivered: boolean
  readonly keep: boolean
}

/** Writes down how far it is; false when the claim has been lost to another process meanwhile. */
export async function recordProgress(db: Db, progress: Progress): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update webhook_lines set turn = ${progress.turn}, attempts = ${progress.attempts},
      failing_since = ${progress.failingSince},
      due_at = now() + make_interval(secs => ${progress.waitSeconds}),
      delivered_at = case when ${progress.delivered} then now() else delivered_at end,
      claim = case when ${progress.keep} then claim end, claimed_until = case
        when ${progress.keep} then now() + make_interval(secs => ${CLAIM_SECONDS}) end
    where department = ${progress.department} and claim = ${progress.claim}`.execute(db)
  return numAffectedRows === 1n
}

/** Lets go of a claim with nothing left to tell. */
export async function releaseLine(db: Db, department: string, claim: string): Promise<void> {
  await db
    .updateTable('webhook_lines')
    .set({ claim: null, claimed_until: null })
    .where('department', '=', department)
    .where('claim', '=', claim)
    .execute()
}
