/**
 * Ending a case: closing it with an outcome, or handing it off to another body. Requests that come
 * at the same time share one statement.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { GroupCommit } from '../../platform/group-commit.ts'
import { isId } from '../../platform/ids.ts'
import { lineEvents } from '../ledger/append.ts'
import { answerOf } from './answered.ts'
import { lockLines } from './locks.ts'
import { optionalReason, requireReason } from './reasons.ts'

const ENDS_PER_COMMIT = 64

interface End {
  readonly caseId: string
  readonly actor: string
  readonly state: 'closed' | 'handed-off'
  readonly outcome: string
  readonly outcomeId?: string | undefined
  readonly answered?: Answered | undefined
  readonly data: Readonly<Record<string, string>>
}

/** The outcome says that an answer was sent: the case is closed only where that is so. */
export interface Answered {
  /** An answer that may still be on its way, because it is sent with the closing. */
  readonly enqueued?: string | undefined
}

export interface CloseOptions {
  /** For the file. */
  readonly note?: string | undefined
  /** Why it is closed, where no answer was sent. */
  readonly reason?: string | undefined
  /** Which of the department's public outcomes it is. */
  readonly outcomeId?: string | undefined
  readonly answered?: Answered | undefined
}

type Closing = 'done' | 'CASE_UNKNOWN' | 'CASE_NOT_TAKEN' | 'OUTCOME_NOT_ANSWERED'

export class CaseCloser {
  readonly #sets: GroupCommit<End, Closing>

  constructor(db: Db) {
    this.#sets = new GroupCommit((set) => endSet(db, set), {
      maxItems: ENDS_PER_COMMIT,
      maxPending: Infinity
    })
  }

  /**
   * Ends a case with an outcome in the agency's words. @throws REASON_REQUIRED, CASE_UNKNOWN,
   * CASE_NOT_TAKEN, OUTCOME_NOT_ANSWERED
   */
  async close(...given: Parameters<typeof closing>): Promise<void> {
    await this.#end(closing(...given))
  }

  /**
   * Ends our part because another body acts now (emergency services, another agency). @throws as
   * `close`
   */
  async handOff(caseId: string, actor: string, to: string, reason: string): Promise<void> {
    const body = requireReason(to)
    await this.#end({
      caseId,
      actor,
      state: 'handed-off',
      outcome: body,
      data: { to: body, reason: requireReason(reason) }
    })
  }

  async #end(end: End): Promise<void> {
    if (!isId(end.caseId)) throw new EvenhandError('CASE_UNKNOWN')
    const verdict = await this.#sets.add(end)
    if (verdict !== 'done') throw new EvenhandError(verdict)
  }
}

/** The same in a transaction of its caller, with what else is done in it. */
export async function closeWithin(trx: Db, ...given: Parameters<typeof closing>): Promise<void> {
  const end = closing(...given)
  if (!isId(end.caseId)) throw new EvenhandError('CASE_UNKNOWN')
  const [verdict] = await endSet(trx, [end])
  if (verdict !== 'done') throw new EvenhandError(verdict!)
}

/** @throws REASON_REQUIRED */
function closing(
  caseId: string,
  actor: string,
  outcome: string,
  { note = '', reason = '', outcomeId, answered }: CloseOptions = {}
): End {
  const text = requireReason(outcome)
  const why = optionalReason(reason)
  return {
    caseId,
    actor,
    state: 'closed',
    outcome: text,
    outcomeId,
    answered,
    data: {
      outcome: text,
      note: optionalReason(note),
      ...(outcomeId ? { outcomeId } : {}),
      ...(why ? { reason: why } : {})
    }
  }
}

/**
 * The answers that were sent, of the ends that say so. Planning this takes longer than all else of
 * the statement together, so it stands in it only where it is asked for.
 */
function proofs(asked: boolean) {
  return asked
    ? sql`select id, actor, ${answerOf(sql`given.id`, sql`given.enqueued`)} as answer from given
        where answered`
    : sql`select id, actor, null::text as answer from given where false`
}

async function endSet(db: Db, set: End[]): Promise<Closing[]> {
  // If two requests of a set are for one case, only the first may count, as if they had come one
  // after the other.
  const firsts = new Map(
    set.map((end, index) => [`${end.caseId} ${end.actor}`, index] as const).toReversed()
  )
  const given = set.filter((end, index) => firsts.get(`${end.caseId} ${end.actor}`) === index)
  const { rows } = await sql<{ id: string; actor: string; done: boolean; unanswered: boolean }>`
    with given as (
      select * from unnest(${given.map((end) => end.caseId)}::uuid[],
        ${given.map((end) => end.actor)}::text[], ${given.map((end) => end.state)}::text[],
        ${given.map((end) => end.outcome)}::text[],
          ${given.map((end) => JSON.stringify(end.data))}::jsonb[],
          ${given.map((end) => end.outcomeId ?? null)}::text[],
          ${given.map((end) => end.answered !== undefined)}::bool[],
          ${given.map((end) => end.answered?.enqueued ?? null)}::text[]) as g (id, actor, state,
          outcome, data, outcome_id, answered, enqueued)
    ), proved as (
      ${proofs(given.some(({ answered }) => answered))}
    ), lines as (
      select cases.id, department from cases join given on given.id = cases.id
    ), locked as materialized (
      ${lockLines(sql`select distinct hashtext(department) as key from lines order by 1`)}
    ), ended as (
      update cases set state = given.state, outcome = given.outcome,
        outcome_id = given.outcome_id, taken_by = null, taken_at = null, lease_until = null,
        updated_at = now()
      from given join lines on lines.id = given.id
        left join proved on proved.id = given.id and proved.actor = given.actor
        cross join (select count(*) from locked) as held
      where (not given.answered or proved.answer is not null) and cases.id = given.id and cases.department = lines.department and cases.state = 'taken'
        and cases.taken_by = given.actor
      returning cases.id, cases.department, given.actor, given.state,
        given.data || case when given.answered then jsonb_build_object('answer', proved.answer)
          else '{}' end as data
    ), unpassed as (
      delete from case_passes using ended where case_id = ended.id
    ), recorded as (
      ${lineEvents(sql`select 'case.' || state, department, id, actor, data from ended`)}
    )
    select cases.id, given.actor, ended.id is not null as done, ended.id is null
        and given.answered and proved.answer is null and cases.taken_by = given.actor as unanswered
    from cases join given on given.id = cases.id
      left join ended on ended.id = cases.id and ended.actor = given.actor
      left join proved on proved.id = given.id and proved.actor = given.actor`.execute(db)
  const known = new Set(rows.map((row) => row.id))
  const found = new Map(rows.map((row) => [`${row.id} ${row.actor}`, row]))
  return set.map((end, index) => {
    const key = `${end.caseId} ${end.actor}` as const
    if (!known.has(end.caseId)) return 'CASE_UNKNOWN'
    if (found.get(key)?.unanswered) return 'OUTCOME_NOT_ANSWERED'
    return found.get(key)?.done && firsts.get(key) === index ? 'done' : 'CASE_NOT_TAKEN'
  })
}
