/**
 * Reads a line: which cases stand in it, and where one case stands. Nothing here changes anything.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { CaseState } from './tables.ts'

export interface LineCase {
  readonly caseId: string
  readonly receipt: string
  readonly arrivedAt: string
  readonly ordinal: number
  readonly channel: string
  readonly state: 'waiting'
}

/**
 * The first `limit` cases of a department's line, earliest arrival first, and how many wait in all.
 */
export async function viewLine(
  db: Db,
  department: string,
  limit: number
): Promise<{ waiting: number; cases: LineCase[] }> {
  const rows = await db
    .selectFrom('cases')
    .select(['id', 'receipt', 'arrived_at', 'ordinal', 'channel'])
    .where('department', '=', department)
    .where('state', '=', 'waiting')
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .orderBy('id')
    .limit(limit)
    .execute()
  const cases = rows.map((row) => ({
    caseId: row.id,
    receipt: row.receipt,
    arrivedAt: row.arrived_at.toISOString(),
    ordinal: Number(row.ordinal),
    channel: row.channel,
    state: 'waiting' as const
  }))
  const waiting =
    rows.length < limit
      ? rows.length
      : ((await countWaiting(db, [department])).get(department) ?? 0)
  return { waiting, cases }
}

/** How many cases wait in each of the departments. */
export async function countWaiting(
  db: Db,
  departments: readonly string[]
): Promise<Map<string, number>> {
  if (departments.length === 0) return new Map()
  const rows = await db
    .selectFrom('cases')
    .select(({ fn }) => ['department', fn.countAll<string>().as('waiting')])
    .where('state', '=', 'waiting')
    .where('department', 'in', [...departments])
    .groupBy('department')
    .execute()
  return new Map(
    departments.map((department) => [
      department,
      Number(rows.find((row) => row.department === department)?.waiting ?? 0)
    ])
  )
}

/**
 * Ended cases that came back: put back by staff because the closing was wrong, or brought back by a
 * later message.
 */
export async function countReopened(db: Db): Promise<{ staff: number; message: number }> {
  const {
    rows: [found]
  } = await sql<{ staff: string; message: string }>`
    select count(*) filter (where not by_message) as staff,
      count(*) filter (where by_message) as message
    from (select starts_with(actor, 'system:') or data ?| array['followUp', 'joins'] as by_message
      from events where kind = 'case.reopened') as back`.execute(db)
  return { staff: Number(found!.staff), message: Number(found!.message) }
}

/**
 * Place in line of each of the given cases that waits. Each line is numbered once, up to the last
 * of them.
 */
export async function placesOf(db: Db, caseIds: readonly string[]): Promise<Map<string, number>> {
  if (caseIds.length === 0) return new Map()
  const { rows } = await sql<{ id: string; place: string }>`
    with wanted as (select id, department, arrived_at, ordinal from cases
      where id = any(${caseIds}::uuid[]) and state = 'waiting')
    select ranked.id, ranked.place from (select distinct on (department) department, arrived_at,
      ordinal, id from wanted order by department, arrived_at desc, ordinal desc, id desc) as last
    cross join lateral (
      select id, row_number() over (order by arrived_at, ordinal, id) as place from cases other
      where other.department = last.department and other.state = 'waiting'
        and (other.arrived_at, other.ordinal, other.id) <= (last.arrived_at, last.ordinal, last.id)
    ) as ranked where ranked.id in (select id from wanted)`.execute(db)
  return new Map(rows.map(({ id, place }) => [id, Number(place)]))
}

/** Place in line, 1 = next; undefined if the case does not wait. */
export async function placeOf(db: Db, caseId: string): Promise<number | undefined> {
  const { rows } = await sql<{ place: string }>`
    select count(*) as place from cases own join cases other
      on other.department = own.department and other.state = 'waiting'
        and (other.arrived_at, other.ordinal, other.id) <= (own.arrived_at, own.ordinal, own.id)
    where own.id = ${caseId} and own.state = 'waiting'`.execute(db)
  const place = Number(rows[0]?.place ?? 0)
  return place > 0 ? place : undefined
}

/**
 * Whether a case waits or is held beyond its lease. Called before the line is locked, so that
 * systems polling an empty line do not slow those that serve.
 */
export async function isAnyoneWaiting(db: Db, department: string): Promise<boolean> {
  const { rows } = await sql`
    (select from cases where department = ${department} and state = 'waiting' limit 1)
    union all (select from cases where department = ${department} and state = 'taken'
      and lease_until < now() limit 1)`.execute(db)
  return rows.length > 0
}

/** Department of a case; undefined if there is no such case. */
export async function departmentOf(db: Db, caseId: string): Promise<string | undefined> {
  const found = await db
    .selectFrom('cases')
    .select('department')
    .where('id', '=', caseId)
    .executeTakeFirst()
  return found?.department
}

/** Departments that have a case with this contact, for whatever reason. */
export async function departmentsWith(db: Db, contactId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('case_contacts')
    .innerJoin('cases', 'cases.id', 'case_contacts.case_id')
    .select('department')
    .distinct()
    .where('case_contacts.contact_id', '=', contactId)
    .execute()
  return rows.map(({ department }) => department)
}

export interface CaseNow {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  readonly state: CaseState
  readonly outcome: string | null
  readonly outcomeId: string | null
}

/** State of a case that is known to exist. */
export async function viewCaseNow(db: Db, caseId: string): Promise<CaseNow> {
  return db
    .selectFrom('cases')
    .select([
      'id as caseId',
      'receipt',
      'department',
      'state',
      'outcome',
      'outcome_id as outcomeId'
    ])
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow()
}

/** Cases that wait or are held in lines other than the given ones. */
export async function countOutside(
  db: Db,
  departments: readonly string[]
): Promise<{ department: string; count: string }[]> {
  return db
    .selectFrom('cases')
    .select(({ fn }) => ['department', fn.countAll<string>().as('count')])
    .where('state', 'in', ['waiting', 'taken', 'waiting-for-resident'])
    .where('department', 'not in', [...departments])
    .groupBy('department')
    .orderBy('department')
    .execute()
}
