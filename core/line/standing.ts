/**
 * A case's place for pages that many residents load again and again. The first thousand places are
 * counted as they are now. Further back a line is numbered once for all who ask within two seconds,
 * so that a view counts a bounded number of cases however long the line is.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'

/** Cases between two marks of a long line. */
export const MARK_EVERY = 1_000
/** How long marks are used, in ms; numbering 100,000 cases takes some 50 ms. */
const KEPT_MS = 2_000

export interface Standing {
  /** 1 is the next to be served. */
  readonly place: number
  /** All that wait in the line; never fewer than `place`. */
  readonly waiting: number
}

interface Near extends Standing {
  readonly department: string
}

/** A case of a long line as it was numbered. */
interface Mark {
  readonly id: string
  readonly arrivedAt: string
  readonly ordinal: string
  readonly place: number
  readonly waiting: number
}

interface Kept {
  readonly until: number
  readonly marks: Promise<Mark[]>
}

const kept = new WeakMap<Db, Map<string, Kept>>()

/** Where a case stands; undefined if it does not wait. */
export async function standingOf(db: Db, caseId: string): Promise<Standing | undefined> {
  const near = await countNear(db, caseId)
  if (!near || near.waiting <= MARK_EVERY)
    return near && { place: near.place, waiting: near.waiting }
  const marks = await marksOf(db, near.department)
  const place =
    near.place <= MARK_EVERY ? near.place : await countFromMark(db, caseId, marks, near.place)
  return place === undefined
    ? undefined
    : { place, waiting: Math.max(marks[0]?.waiting ?? 0, place, near.waiting) }
}

/** Each count stops one past the distance between marks, so that its cost has a bound. */
async function countNear(db: Db, caseId: string): Promise<Near | undefined> {
  const most = MARK_EVERY + 1
  const { rows } = await sql<Near>`
    select own.department, (select count(*)::int from (select from cases other
        where other.department = own.department and other.state = 'waiting'
          and (other.arrived_at, other.ordinal, other.id) <= (own.arrived_at, own.ordinal, own.id)
        limit ${most}) as before) as place,
      (select count(*)::int from (select from cases other
        where other.department = own.department and other.state = 'waiting' limit ${most})
        as every) as waiting
    from cases own where own.id = ${caseId} and own.state = 'waiting'`.execute(db)
  return rows[0]
}

/** Numbered once for all who ask at the same time. */
function marksOf(db: Db, department: string): Promise<Mark[]> {
  const lines = kept.get(db) ?? new Map<string, Kept>()
  kept.set(db, lines)
  const known = lines.get(department)
  if (known && known.until > performance.now()) return known.marks
  const marks = numberLine(db, department)
  lines.set(department, { until: performance.now() + KEPT_MS, marks })
  marks.catch(() => lines.delete(department))
  return marks
}

async function numberLine(db: Db, department: string): Promise<Mark[]> {
  const { rows } = await sql<Mark>`
    select id, ${exactTime('arrived_at')} as "arrivedAt", ordinal, place, waiting from (
      select id, arrived_at, ordinal, waiting,
        (row_number() over (order by arrived_at, ordinal, id))::int as place
      from (select id, arrived_at, ordinal, (count(*) over ())::int as waiting from cases
        where department = ${department} and state = 'waiting') as line
    ) as numbered where place % ${MARK_EVERY} = 1 order by place`.execute(db)
  return rows
}

/** The place of the last mark before it, and the cases that wait between the two. */
async function countFromMark(
  db: Db,
  caseId: string,
  marks: readonly Mark[],
  least: number
): Promise<number | undefined> {
  const { rows } = await sql<{ place: number }>`
    select greatest(${least}::int, mark.place + (select count(*)::int from cases other
      where other.department = own.department and other.state = 'waiting'
        and (other.arrived_at, other.ordinal, other.id) > (mark.arrived_at, mark.ordinal, mark.id)
        and (other.arrived_at, other.ordinal, other.id) <= (own.arrived_at, own.ordinal, own.id)
    )) as place
    from cases own cross join lateral (
      select * from unnest(${marks.map(({ id }) => id)}::uuid[],
        ${marks.map(({ arrivedAt }) => arrivedAt)}::timestamptz[],
        ${marks.map(({ ordinal }) => ordinal)}::bigint[],
        ${marks.map(({ place }) => place)}::int[]) as given (id, arrived_at, ordinal, place)
      where (arrived_at, ordinal, id) <= (own.arrived_at, own.ordinal, own.id)
      order by place desc limit 1
    ) as mark where own.id = ${caseId} and own.state = 'waiting'`.execute(db)
  return rows[0]?.place
}
