/** Reading a line: what stands in it, and where one case stands. Nothing here changes anything. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

export interface LineCase {
  readonly caseId: string
  readonly receipt: string
  readonly arrivedAt: string
  readonly ordinal: number
  readonly channel: string
  readonly state: 'waiting'
}

/** The first `limit` cases of a department's line, earliest arrival first, and how many wait in all. */
export async function viewLine(db: Db, department: string, limit: number): Promise<{ waiting: number; cases: LineCase[] }> {
  const rows = await db.selectFrom('cases').select(['id', 'receipt', 'arrived_at', 'ordinal', 'channel'])
    .where('department', '=', department).where('state', '=', 'waiting').orderBy('arrived_at').orderBy('ordinal').limit(limit).execute()
  const cases = rows.map((row) => ({
    caseId: row.id, receipt: row.receipt, arrivedAt: row.arrived_at.toISOString(), ordinal: Number(row.ordinal), channel: row.channel, state: 'waiting' as const
  }))
  const waiting = rows.length < limit ? rows.length : (await countWaiting(db, [department])).get(department) ?? 0
  return { waiting, cases }
}

/** How many cases wait in each of the departments. */
export async function countWaiting(db: Db, departments: readonly string[]): Promise<Map<string, number>> {
  if (departments.length === 0) return new Map()
  const rows = await db.selectFrom('cases').select(({ fn }) => ['department', fn.countAll<string>().as('waiting')])
    .where('state', '=', 'waiting').where('department', 'in', [...departments]).groupBy('department').execute()
  return new Map(departments.map((department) => [department, Number(rows.find((row) => row.department === department)?.waiting ?? 0)]))
}

/** Places in line of those of the cases that wait, each line counted once, up to the last of them. */
export async function placesOf(db: Db, caseIds: readonly string[]): Promise<Map<string, number>> {
  if (caseIds.length === 0) return new Map()
  const { rows } = await sql<{ id: string; place: string }>`
    with wanted as (select id, department, arrived_at, ordinal from cases where id = any(${caseIds}::uuid[]) and state = 'waiting')
    select ranked.id, ranked.place from (select distinct on (department) department, arrived_at, ordinal from wanted order by department, arrived_at desc, ordinal desc) as last
    cross join lateral (
      select id, row_number() over (order by arrived_at, ordinal) as place from cases other
      where other.department = last.department and other.state = 'waiting' and (other.arrived_at, other.ordinal) <= (last.arrived_at, last.ordinal)
    ) as ranked where ranked.id in (select id from wanted)`.execute(db)
  return new Map(rows.map(({ id, place }) => [id, Number(place)]))
}

/** Place in line, 1 = next; undefined when the case does not wait. */
export async function placeOf(db: Db, caseId: string): Promise<number | undefined> {
  const { rows } = await sql<{ place: string }>`
    select count(*) as place from cases own join cases other
      on other.department = own.department and other.state = 'waiting' and (other.arrived_at, other.ordinal) <= (own.arrived_at, own.ordinal)
    where own.id = ${caseId} and own.state = 'waiting'`.execute(db)
  const place = Number(rows[0]?.place ?? 0)
  return place > 0 ? place : undefined
}
