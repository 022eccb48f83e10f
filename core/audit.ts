/**
 * Replays the ledger from its start: every take is held against the line as it stood then (promise 3), and the result against
 * the tables as they stand now.
 */
import { sql } from 'kysely'
import type { Db } from './db/database.ts'
import { verifyBatches } from './mailroom/audit.ts'
import { LineReplay, type LineEvent, type ReplayResult } from './line/replay.ts'

export interface AuditReport {
  readonly ok: boolean
  readonly events: number
  readonly seals: number
  readonly unsealed: number
  readonly takes: number
  readonly overtakes: number
  readonly passes: number
  readonly problems: string[]
}

const PAGE = 20_000
const PROBLEM_LIMIT = 100

/** Verifies the whole ledger, one department's line after another. Memory grows with the cases of the largest department. */
export async function verifyAudit(db: Db, onProgress: (events: number) => void = () => undefined): Promise<AuditReport> {
  // One snapshot: between two pages of a ledger in use, an event with a smaller turn than the last one read may be committed.
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute((trx) => verifySnapshot(trx, onProgress))
}

async function verifySnapshot(db: Db, onProgress: (events: number) => void): Promise<AuditReport> {
  const replays: ReplayResult[] = []
  const departments = await db.selectFrom('events').select('department').distinct().where('department', 'is not', null).orderBy('department').execute()
  const { events } = await db.selectFrom('events').select(({ fn }) => fn.countAll<string>().as('events')).executeTakeFirstOrThrow()
  let seen = 0
  for (const { department } of departments) {
    const replay = new LineReplay()
    for await (const page of pages(db, department!)) {
      for (const event of page) replay.apply(event)
      onProgress(seen += page.length)
    }
    replays.push(replay.result())
  }
  const problems = [...replays.flatMap((replay) => replay.problems), ...await compareWithTables(db), ...await verifyBatches(db)].slice(0, PROBLEM_LIMIT)
  const total = (what: 'takes' | 'overtakes' | 'passes') => replays.reduce((sum, replay) => sum + replay[what], 0)
  return { ok: problems.length === 0, events: Number(events), seals: 0, unsealed: Number(events), takes: total('takes'), overtakes: total('overtakes'), passes: total('passes'), problems }
}

async function* pages(db: Db, department: string): AsyncGenerator<LineEvent[]> {
  for (let after = '0'; ;) {
    const { rows } = await sql<LineEvent>`
      select id, kind, department, turn, case_id, actor, data from events
      where department = ${department} and turn > ${after} order by turn limit ${PAGE}`.execute(db)
    yield rows
    if (rows.length < PAGE) return
    after = rows.at(-1)!.turn
  }
}

/** What the tables claim and the ledger does not: each is a change that went past it. */
async function compareWithTables(db: Db): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with last as (
      select distinct on (case_id) case_id, kind, department from events where turn is not null order by case_id, turn desc
    ), first as (
      select distinct on (case_id) case_id, data ->> 'arrivedAt' as arrived_at, (data ->> 'ordinal')::bigint as ordinal from events where kind = 'case.entered' order by case_id, turn
    )
    select 'case ' || cases.id || ' is ' || cases.state || ' in ' || cases.department || ', but its last event is ' || coalesce(last.kind || ' in ' || last.department, 'missing') as problem
    from cases left join last on last.case_id = cases.id
    where last.kind is null or last.department <> cases.department or cases.state <> case last.kind
      when 'case.taken' then 'taken' when 'case.closed' then 'closed' when 'case.handed-off' then 'handed-off' when 'case.joined' then 'joined' else 'waiting' end
    union all
    select 'case ' || cases.id || ' has another arrival than the ledger recorded' from cases join first on first.case_id = cases.id
    where first.ordinal <> cases.ordinal or first.arrived_at::timestamptz <> cases.arrived_at
    union all
    select 'case ' || later.id || ' was joined into case ' || earlier.id || ', which arrived later' from events join cases later on later.id = events.case_id join cases earlier on earlier.id = (events.data ->> 'into')::uuid
    where events.kind = 'case.joined' and (earlier.arrived_at, earlier.ordinal) >= (later.arrived_at, later.ordinal)
    union all
    select 'contact ' || contacts.id || ' has another arrival than the ledger recorded' from contacts join events on events.contact_id = contacts.id and events.kind = 'contact.accepted'
    where (events.data ->> 'ordinal')::bigint <> contacts.ordinal or (events.data ->> 'arrivedAt')::timestamptz <> contacts.arrived_at
    union all
    select 'case ' || entered.case_id || ' entered its line with another arrival than its contact' from events as entered join events as accepted on accepted.contact_id = entered.contact_id and accepted.kind = 'contact.accepted'
    where entered.kind = 'case.entered' and (entered.data ->> 'ordinal' <> accepted.data ->> 'ordinal' or entered.data ->> 'arrivedAt' <> accepted.data ->> 'arrivedAt')
    union all
    select 'contact ' || contacts.id || ' has no event of its acceptance' from contacts
    where not exists (select from events where events.contact_id = contacts.id and kind = 'contact.accepted')
    union all
    select 'contact ' || events.contact_id || ' was accepted and is gone' from events
    where kind = 'contact.accepted' and not exists (select from contacts where contacts.id = events.contact_id)
    limit ${PROBLEM_LIMIT}`.execute(db)
  return rows.map((row) => row.problem)
}
