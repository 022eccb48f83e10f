/** takeNext: the earliest arrival among those ready, for one actor. Requests that come together are served in one commit. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { EvenhandError } from '../errors.ts'
import { GroupCommit } from '../group-commit.ts'
import { appendEvents } from '../ledger.ts'
import { lockForTake } from './locks.ts'

export interface TakeRequest {
  readonly department: string
  readonly actor: string
  /** Until when the case may be held before the sweep puts it back, in seconds from now. */
  readonly leaseSeconds: number
}

export interface Taken {
  readonly caseId: string
  readonly receipt: string
  readonly arrivedAt: Date
  readonly ordinal: number
  readonly leaseUntil: Date
}

const TAKES_PER_COMMIT = 64
/** Longest lease in seconds: a year, far beyond any `leaseHours`. */
const LEASE_LIMIT = 366 * 86_400

interface Candidate {
  id: string
  receipt: string
  arrived_at: Date
  ordinal: string
  /** Actors that passed this case over, with a reason, since it last stood in line. */
  passed_by: string[]
}

export class TakeDesk {
  readonly #db: Db
  readonly #lines = new Map<string, GroupCommit<TakeRequest, Taken | undefined>>()

  constructor(db: Db) {
    this.#db = db
  }

  /**
   * Takes the next case of a department's line, or answers undefined when nothing waits there for this actor.
   * @throws BAD_REQUEST for a lease that is no length of time: the statement it would fail serves others too
   */
  async takeNext(request: TakeRequest): Promise<Taken | undefined> {
    if (!(request.leaseSeconds > 0 && request.leaseSeconds <= LEASE_LIMIT)) throw new EvenhandError('BAD_REQUEST', 'the lease must be above 0 seconds and at most a year')
    let line = this.#lines.get(request.department)
    if (!line) {
      line = new GroupCommit((set) => takeSet(this.#db, request.department, set), { maxItems: TAKES_PER_COMMIT, maxPending: Infinity })
      this.#lines.set(request.department, line)
    }
    return line.add(request)
  }
}

async function takeSet(db: Db, department: string, set: TakeRequest[]): Promise<(Taken | undefined)[]> {
  return db.transaction().execute(async (trx) => {
    await lockForTake(trx, department)
    const passes = await countPasses(trx, set)
    const candidates = await firstWaiting(trx, department, set.length + passes)
    const chosen = assign(set, candidates)
    const taken = await claim(trx, department, chosen)
    return chosen.map((choice) => choice.candidate && taken.get(choice.candidate.id))
  })
}

interface Choice {
  readonly request: TakeRequest
  readonly candidate: Candidate | undefined
  /** Cases before the chosen one that this actor passed over, with a reason in the ledger. */
  readonly passedOver: string[]
}

/** Each request, in order of asking, gets the earliest case left; one that its actor passed only when nothing else waits. */
function assign(set: TakeRequest[], candidates: Candidate[]): Choice[] {
  const left = [...candidates]
  return set.map((request) => {
    const index = Math.max(left.findIndex((candidate) => !candidate.passed_by.includes(request.actor)), 0)
    const passedOver = left.slice(0, index).map(({ id }) => id)
    return { request, candidate: left.splice(index, 1)[0], passedOver }
  })
}

/** How many more candidates the set needs so that passes cannot hide a case that would be next. */
async function countPasses(trx: Db, set: TakeRequest[]): Promise<number> {
  const { passes } = await trx.selectFrom('case_passes').select(({ fn }) => fn.countAll<number>().as('passes'))
    .where('actor', 'in', [...new Set(set.map(({ actor }) => actor))]).executeTakeFirstOrThrow()
  return Number(passes)
}

async function firstWaiting(trx: Db, department: string, count: number): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select id, receipt, arrived_at, ordinal,
      array(select actor from case_passes where case_id = cases.id) as passed_by
    from cases where department = ${department} and state = 'waiting'
    order by arrived_at, ordinal limit ${count}`.execute(trx)
  return rows
}

async function claim(trx: Db, department: string, choices: Choice[]): Promise<Map<string, Taken>> {
  const made = choices.filter((choice) => choice.candidate)
  if (made.length === 0) return new Map()
  const { rows } = await sql<{ id: string; receipt: string; arrived_at: Date; ordinal: string; lease_until: Date }>`
    with chosen as (
      select * from unnest(${made.map(({ candidate }) => candidate!.id)}::uuid[], ${made.map(({ request }) => request.actor)}::text[], ${made.map(({ request }) => request.leaseSeconds)}::float8[])
        as c (id, actor, seconds)
    )
    update cases set state = 'taken', taken_by = chosen.actor, taken_at = now(), lease_until = now() + make_interval(secs => chosen.seconds), updated_at = now()
    from chosen where cases.id = chosen.id
    returning cases.id, receipt, arrived_at, ordinal, lease_until`.execute(trx)
  await appendEvents(trx, made.map(({ request, candidate, passedOver }) => ({
    kind: 'case.taken', department, caseId: candidate!.id, actor: request.actor, data: passedOver.length > 0 ? { passedOver } : {}
  })))
  return new Map(rows.map((row) => [row.id, { caseId: row.id, receipt: row.receipt, arrivedAt: row.arrived_at, ordinal: Number(row.ordinal), leaseUntil: row.lease_until }]))
}
