/** Ending a case: closed with an outcome, or handed off to another body. Ends that come together share one statement. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { EvenhandError } from '../errors.ts'
import { GroupCommit } from '../group-commit.ts'
import { isId } from '../ids.ts'
import { lockLines } from './locks.ts'
import { optionalReason, requireReason } from './reasons.ts'

const ENDS_PER_COMMIT = 64

interface End {
  readonly caseId: string
  readonly actor: string
  readonly state: 'closed' | 'handed-off'
  readonly outcome: string
  readonly data: Readonly<Record<string, string>>
}

type Verdict = 'done' | 'CASE_UNKNOWN' | 'CASE_NOT_TAKEN'

export class FinishDesk {
  readonly #sets: GroupCommit<End, Verdict>

  constructor(db: Db) {
    this.#sets = new GroupCommit((set) => endSet(db, set), { maxItems: ENDS_PER_COMMIT, maxPending: Infinity })
  }

  /** Ends a case with an outcome in the agency's words. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN */
  async close(caseId: string, actor: string, outcome: string, note = ''): Promise<void> {
    const text = requireReason(outcome)
    await this.#end({ caseId, actor, state: 'closed', outcome: text, data: { outcome: text, note: optionalReason(note) } })
  }

  /** Ends our part because another body acts now (emergency services, another agency). @throws as close */
  async handOff(caseId: string, actor: string, to: string, reason: string): Promise<void> {
    const body = requireReason(to)
    await this.#end({ caseId, actor, state: 'handed-off', outcome: body, data: { to: body, reason: requireReason(reason) } })
  }

  async #end(end: End): Promise<void> {
    if (!isId(end.caseId)) throw new EvenhandError('CASE_UNKNOWN')
    const verdict = await this.#sets.add(end)
    if (verdict !== 'done') throw new EvenhandError(verdict)
  }
}

async function endSet(db: Db, set: End[]): Promise<Verdict[]> {
  // Two requests for one case in a set: only the first may count, as if they had come one after the other.
  const firsts = new Map(set.map((end, index) => [`${end.caseId} ${end.actor}`, index] as const).toReversed())
  const given = set.filter((end, index) => firsts.get(`${end.caseId} ${end.actor}`) === index)
  const { rows } = await sql<{ id: string; done: boolean }>`
    with given as (
      select * from unnest(${given.map((end) => end.caseId)}::uuid[], ${given.map((end) => end.actor)}::text[], ${given.map((end) => end.state)}::text[],
        ${given.map((end) => end.outcome)}::text[], ${given.map((end) => JSON.stringify(end.data))}::jsonb[]) as g (id, actor, state, outcome, data)
    ), lines as (
      select cases.id, department from cases join given on given.id = cases.id
    ), locked as materialized (
      ${lockLines(sql`select distinct hashtext(department) as key from lines order by 1`)}
    ), ended as (
      update cases set state = given.state, outcome = given.outcome, taken_by = null, taken_at = null, lease_until = null, updated_at = now()
      from given join lines on lines.id = given.id cross join (select count(*) from locked) as held
      where cases.id = given.id and cases.department = lines.department and cases.state = 'taken' and cases.taken_by = given.actor
      returning cases.id, cases.department, given.actor, given.state, given.data
    ), unpassed as (
      delete from case_passes using ended where case_id = ended.id
    ), recorded as (
      insert into events (kind, department, turn, case_id, actor, data)
      select 'case.' || state, department, nextval('turns'), id, actor, data from ended
    )
    select cases.id, ended.id is not null as done from cases join given on given.id = cases.id left join ended on ended.id = cases.id and ended.actor = given.actor`.execute(db)
  const done = new Set(rows.filter((row) => row.done).map((row) => row.id))
  const known = new Set(rows.map((row) => row.id))
  return set.map((end, index) => {
    if (!known.has(end.caseId)) return 'CASE_UNKNOWN'
    return done.has(end.caseId) && firsts.get(`${end.caseId} ${end.actor}`) === index ? 'done' : 'CASE_NOT_TAKEN'
  })
}
