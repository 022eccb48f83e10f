/** How long a place in a department's line takes, and how often such ranges were right. */
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { clockOf } from '../../config/clocks.ts'
import type { Departments } from '../../config/schema.ts'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import type { Place } from '../line/place.ts'
import { coverageOf, recent, type Coverage } from './coverage.ts'
import { replayHistory, type HistoryEvent } from './history.ts'
import { FEWEST_TAKES, rangeFor, type Range } from './range.ts'
import { scaleFrom, type Scale } from './scale.ts'

export interface Wait extends Range {
  /** Of ten such cases, for how many it is stated. */
  readonly of10: 8
  readonly unit: Scale['unit']
}

export interface WaitModel {
  /** Takes for good of the last 20 days of work, in days of work. */
  readonly takes: ArrayLike<number>
  readonly now: number
  readonly unit: Scale['unit']
  readonly coverage: Coverage
}

/** Days of the calendar that are replayed: twice the 20 days of work that a range looks back. */
const REPLAYED_DAYS = 70
/**
 * Latest events that are replayed, some 0.1 s of computing; a department with more shows its last
 * weeks all the same.
 */
const MOST_EVENTS = 20_000
/** A model is made again after so long, in ms; making one replays weeks. */
const KEPT_MS = 5 * 60_000

const models = new WeakMap<
  Db,
  Map<string, { readonly until: number; readonly model: Promise<WaitModel> }>
>()

/** The range for a place; undefined while fewer than 20 takes are known. */
export async function waitOf(
  db: Db,
  departments: Departments,
  department: string,
  place: number
): Promise<Wait | undefined> {
  const { takes, now, unit, coverage } = await waitModel(db, departments, department)
  const range =
    takes.length < FEWEST_TAKES ? undefined : rangeFor(takes, place, now, coverage.width)
  return range && { ...range, of10: 8, unit }
}

/** Made again where the one that is kept is older than five minutes at `now`, in ms since 1970. */
export async function waitModel(
  db: Db,
  departments: Departments,
  department: string,
  now = Date.now()
): Promise<WaitModel> {
  const kept = models.get(db) ?? new Map()
  models.set(db, kept)
  const known = kept.get(department)
  if (known && known.until > now) return known.model
  const model = makeModel(db, departments, department)
  kept.set(department, { until: now + KEPT_MS, model })
  model.catch(() => kept.delete(department))
  return model
}

async function makeModel(db: Db, departments: Departments, department: string): Promise<WaitModel> {
  const since = Date.now() - REPLAYED_DAYS * 86_400_000
  const scale = scaleFrom(since, clockOf(departments, department))
  const rows = await loadEvents(db, department, since)
  const events = rows.map((row): HistoryEvent => ({
    kind: row.kind,
    own: row.own,
    caseId: row.caseId,
    at: scale.at(row.at.getTime()),
    place: toPlace(row)
  }))
  const untouched = await waitingUntouched(db, department, rows)
  const { entries, takes } = replayHistory([...untouched, ...stoodBefore(events)], events)
  // Each of the two computes for up to a tenth of a second; others have their turn between.
  await setImmediate()
  const now = scale.at(Date.now())
  const lately = recent(Float64Array.from(takes), now)
  return { takes: lately, now, unit: scale.unit, coverage: coverageOf(entries, takes) }
}

interface PlaceRow {
  readonly caseId: string
  readonly arrivedAt: string
  readonly ordinal: string
}

interface EventRow extends PlaceRow {
  readonly kind: string
  readonly own: boolean
  readonly at: Date
}

function toPlace({ caseId, arrivedAt, ordinal }: PlaceRow): Place {
  return { caseId, arrivedAt, ordinal: Number(ordinal) }
}

/** The latest events of a line and transfers out of it, earliest first; each by its own index. */
async function loadEvents(db: Db, department: string, since: number): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    with latest as (
      (select * from events where department = ${department} and turn is not null
        order by turn desc limit ${MOST_EVENTS})
      union all
      (select * from events where kind = 'case.transferred' and data ->> 'from' = ${department}
        order by turn desc limit ${MOST_EVENTS})
    )
    select kind, latest.department = ${department} as own, case_id as "caseId", at,
      coalesce(data ->> 'arrivedAt', ${exactTime('cases.arrived_at')}) as "arrivedAt",
      coalesce(data ->> 'ordinal', cases.ordinal::text) as ordinal
    from latest join cases on cases.id = case_id
    where at >= ${new Date(since)} order by turn desc limit ${MOST_EVENTS}`.execute(db)
  return rows.toReversed()
}

/** Cases that stood in the line before the first event: they left it without having come. */
function stoodBefore(events: readonly HistoryEvent[]): Place[] {
  const firsts = new Map(
    events
      .filter(({ own }) => own)
      .map((event) => [event.caseId, event] as const)
      .toReversed()
  )
  return [...firsts.values()]
    .filter(({ kind }) => kind === 'case.taken' || kind === 'case.joined')
    .map(({ place }) => place)
}

/** Cases that wait and to which nothing has happened since. */
async function waitingUntouched(
  db: Db,
  department: string,
  events: readonly EventRow[]
): Promise<Place[]> {
  const touched = [...new Set(events.filter(({ own }) => own).map(({ caseId }) => caseId))]
  const { rows } = await sql<PlaceRow>`
    select id as "caseId", ${exactTime('arrived_at')} as "arrivedAt", ordinal from cases
    where state = 'waiting' and department = ${department}
      and id not in (select unnest(${touched}::uuid[]))
    order by arrived_at, ordinal, id`.execute(db)
  return rows.map(toPlace)
}
