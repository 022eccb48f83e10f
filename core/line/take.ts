/**
 * takeNext gives one actor the earliest ready case. Requests that come at the same time are served
 * in one commit.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { GroupCommit } from '../../platform/group-commit.ts'
import { appendEvents } from '../ledger/append.ts'
import { lockForTake } from './locks.ts'
import { returnExpired } from './requeue.ts'

export interface TakeRequest {
  readonly department: string
  readonly actor: string
  /** Seconds from now until the sweep puts the case back. */
  readonly leaseSeconds: number
  /**
   * Cases of this department that one actor may hold at a time, so that nobody can choose by
   * collecting cases.
   */
  readonly mostHeld: number
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

export class CaseTaker {
  readonly #db: Db
  readonly #lines = new Map<string, GroupCommit<TakeRequest, Taken | 'holds-enough' | undefined>>()
  readonly #onReturned: (department: string, caseIds: string[]) => void

  /**
   * `onReturned` is called after the commit with cases whose lease had run out and that a take put
   * back first. It must not throw.
   */
  constructor(
    db: Db,
    onReturned: (department: string, caseIds: string[]) => void = () => undefined
  ) {
    this.#db = db
    this.#onReturned = onReturned
  }

  /**
   * Takes the next case of a department's line. Returns undefined if nothing waits there for this
   * actor.
   * @throws CASES_HELD if the actor already holds as many as allowed
   * @throws BAD_REQUEST if the lease is not a valid duration, because a failing statement would
   * fail for the other requests of the set too
   */
  async takeNext(request: TakeRequest): Promise<Taken | undefined> {
    if (!(request.leaseSeconds > 0 && request.leaseSeconds <= LEASE_LIMIT))
      throw new EvenhandError('BAD_REQUEST', 'the lease must be above 0 seconds and at most a year')
    let line = this.#lines.get(request.department)
    if (!line) {
      line = new GroupCommit((set) => this.#takeSet(request.department, set), {
        maxItems: TAKES_PER_COMMIT,
        maxPending: Infinity
      })
      this.#lines.set(request.department, line)
    }
    const taken = await line.add(request)
    if (taken === 'holds-enough')
      throw new EvenhandError('CASES_HELD', `${request.mostHeld} in ${request.department}`)
    return taken
  }

  async #takeSet(
    department: string,
    set: TakeRequest[]
  ): Promise<(Taken | 'holds-enough' | undefined)[]> {
    const { answers, returned } = await takeSet(this.#db, department, set)
    if (returned.length > 0) this.#onReturned(department, returned)
    return answers
  }
}

async function takeSet(
  db: Db,
  department: string,
  set: TakeRequest[]
): Promise<{ answers: (Taken | 'holds-enough' | undefined)[]; returned: string[] }> {
  return db.transaction().execute(async (trx) => {
    await lockForTake(trx, department)
    // Run-out leases are freed now, not at the next sweep: a case held beyond its lease may be the
    // only one left to take.
    const returned = await returnExpired(trx, department)
    const held = await countHeld(trx, department, set)
    const passes = await countPasses(trx, set)
    const candidates = await firstWaiting(trx, department, set.length + passes)
    const chosen = assign(set, candidates, held)
    const taken = await claim(trx, department, chosen)
    return {
      answers: chosen.map(({ candidate, full }) =>
        full ? 'holds-enough' : candidate && taken.get(candidate.id)
      ),
      returned
    }
  })
}

interface Choice {
  readonly request: TakeRequest
  readonly candidate: Candidate | undefined
  /** The actor already holds as many cases of this department as allowed. */
  readonly full: boolean
  /** Cases before the chosen one that this actor has passed, each with a reason in the ledger. */
  readonly passedOver: string[]
}

/**
 * Gives each request, in the order of asking, the earliest case left. A case that the actor has
 * passed is given only if nothing else waits.
 */
function assign(set: TakeRequest[], candidates: Candidate[], held: Map<string, number>): Choice[] {
  const left = [...candidates]
  return set.map((request) => {
    const holds = held.get(request.actor) ?? 0
    if (holds >= request.mostHeld)
      return { request, candidate: undefined, full: true, passedOver: [] }
    const index = Math.max(
      left.findIndex((candidate) => !candidate.passed_by.includes(request.actor)),
      0
    )
    const passedOver = left.slice(0, index).map(({ id }) => id)
    const [candidate] = left.splice(index, 1)
    if (candidate) held.set(request.actor, holds + 1)
    return { request, candidate, full: false, passedOver }
  })
}

/** How many cases of the department each of the actors holds. */
async function countHeld(
  trx: Db,
  department: string,
  set: TakeRequest[]
): Promise<Map<string, number>> {
  const rows = await trx
    .selectFrom('cases')
    .select(({ fn }) => ['taken_by', fn.countAll<string>().as('held')])
    .where('state', '=', 'taken')
    .where('taken_by', 'in', [...new Set(set.map(({ actor }) => actor))])
    .where('department', '=', department)
    .groupBy('taken_by')
    .execute()
  return new Map(rows.map(({ taken_by: actor, held }) => [actor!, Number(held)]))
}

/** How many more candidates to load, so that passed cases cannot hide one that would be next. */
async function countPasses(trx: Db, set: TakeRequest[]): Promise<number> {
  const { passes } = await trx
    .selectFrom('case_passes')
    .select(({ fn }) => fn.countAll<number>().as('passes'))
    .where('actor', 'in', [...new Set(set.map(({ actor }) => actor))])
    .executeTakeFirstOrThrow()
  return Number(passes)
}

async function firstWaiting(trx: Db, department: string, count: number): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select id, receipt, arrived_at, ordinal,
      array(select actor from case_passes where case_id = cases.id) as passed_by
    from cases where department = ${department} and state = 'waiting'
    order by arrived_at, ordinal, id limit ${count}`.execute(trx)
  return rows
}

async function claim(trx: Db, department: string, choices: Choice[]): Promise<Map<string, Taken>> {
  const made = choices.filter((choice) => choice.candidate)
  if (made.length === 0) return new Map()
  const { rows } = await sql<{
    id: string
    receipt: string
    arrived_at: Date
    ordinal: string
    lease_until: Date
  }>`
    with chosen as (
      select * from unnest(${made.map(({ candidate }) => candidate!.id)}::uuid[],
        ${made.map(({ request }) => request.actor)}::text[],
        ${made.map(({ request }) => request.leaseSeconds)}::float8[])
        as c (id, actor, seconds)
    )
    update cases set state = 'taken', taken_by = chosen.actor, taken_at = now(),
      lease_until = now() + make_interval(secs => chosen.seconds), updated_at = now()
    from chosen where cases.id = chosen.id
    returning cases.id, receipt, arrived_at, ordinal, lease_until`.execute(trx)
  await appendEvents(
    trx,
    made.map(({ request, candidate, passedOver }) => ({
      kind: 'case.taken',
      department,
      caseId: candidate!.id,
      actor: request.actor,
      data: passedOver.length > 0 ? { passedOver } : {}
    }))
  )
  return new Map(
    rows.map((row) => [
      row.id,
      {
        caseId: row.id,
        receipt: row.receipt,
        arrivedAt: row.arrived_at,
        ordinal: Number(row.ordinal),
        leaseUntil: row.lease_until
      }
    ])
  )
}
