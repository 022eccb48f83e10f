/** Take and close at growing lengths of one department's line. */
import { sql } from 'kysely'
import { exactTime } from '../platform/db/exact-time.ts'
import { verifyAudit } from '../core/audit/verify.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { openBenchRuntime } from './runtime.ts'
import { pump, ratio, report, result, round, type BenchReport, type BenchResult } from './report.ts'

const DEPARTMENT = 'general'

export interface LineBenchOptions {
  /** Lengths of the line, growing. */
  readonly waiting: readonly number[]
  /** Cases taken and closed at each length. */
  readonly cases: number
  /** Agents at once. */
  readonly agents: number
}

export async function benchLine(
  options: LineBenchOptions,
  say: (text: string) => void
): Promise<BenchReport> {
  const { runtime, close } = await openBenchRuntime('postgres')
  const results: BenchResult[] = []
  let filled = 0
  for (const waiting of options.waiting) {
    say(`line: filling up to ${waiting} waiting cases`)
    await fill(runtime, filled, waiting - (await waitingNow(runtime)))
    filled += waiting
    say(`line: taking and closing ${options.cases} of ${waiting}`)
    results.push(await takeAndClose(runtime, waiting, options))
  }
  const audit = await verifyAudit(runtime.db)
  await close()
  const [first, last] = [results[0]!, results.at(-1)!]
  const growth = ratio(
    `cost of take+close at ${last['waiting']} waiting against ${first['waiting']}`,
    round(1000 / last.perSecond),
    round(1000 / first.perSecond)
  )
  return report(
    'line',
    results.map((one) => ({ ...one, overtakes: audit.overtakes })),
    [growth]
  )
}

async function takeAndClose(
  runtime: OpenRuntime,
  waiting: number,
  { cases, agents }: LineBenchOptions
): Promise<BenchResult> {
  const serve = async (n: number) => {
    const actor = `cli:agent${n % agents}`
    const taken = await runtime.line.takeNext({
      department: DEPARTMENT,
      actor,
      leaseSeconds: 3600,
      mostHeld: 1_000
    })
    await runtime.line.close(taken!.caseId, actor, 'answered')
  }
  await pump(Math.min(cases, 500), agents, serve)
  await fill(runtime, 10_000_000 + waiting, Math.min(cases, 500))
  const { latencies, seconds } = await pump(Math.min(cases, waiting), agents, serve)
  return result(`take+close, ${waiting} waiting, ${agents} agents`, seconds, latencies, { waiting })
}

async function waitingNow({ db }: Pick<Runtime, 'db'>): Promise<number> {
  const { rows } = await sql<{
    waiting: string
  }>`select count(*) as waiting from cases where state = 'waiting'`.execute(db)
  return Number(rows[0]!.waiting)
}

/**
 * Cases as settle makes them, by one statement a table, so that a million are there in a minute.
 */
async function fill({ db }: Pick<Runtime, 'db'>, from: number, count: number): Promise<void> {
  if (count <= 0) return
  await db.transaction().execute(async (trx) => {
    await sql`
      insert into contacts (id, channel, source, external_id, receipt, raw_sha256, raw_bytes,
        media_type, recipients, evidence, state, outcome)
      select gen_random_uuid(), 'email', 'bench', n::text, 'bench-' || n, repeat('0', 64), 1,
        'message/rfc822', '{}', '{}', 'settled', 'case'
      from generate_series(${from}::bigint, ${from + count - 1}::bigint) as n`.execute(trx)
    await sql`
      insert into cases (id, contact_id, department, state, arrived_at, ordinal, channel, receipt,
        language)
      select gen_random_uuid(), id, ${DEPARTMENT}, 'waiting', arrived_at, ordinal, channel,
        receipt, 'en' from contacts
      where source = 'bench' and external_id::bigint >= ${from}
        and external_id::bigint < ${from + count}`.execute(trx)
    await sql`
      insert into events (kind, contact_id, actor, data)
        select 'contact.accepted', cases.contact_id, 'channel:email', '{}' from cases
      where not exists (select from events where events.contact_id = cases.contact_id)`.execute(trx)
    await sql`
      insert into events (kind, department, turn, case_id, contact_id, actor, data)
      select 'case.entered', department, nextval('turns'), id, contact_id, 'system:settle',
        jsonb_build_object('arrivedAt', ${exactTime('arrived_at')}, 'ordinal', ordinal)
      from cases where not exists (select from events where events.case_id = cases.id)`.execute(trx)
  })
  await sql`vacuum analyze cases`.execute(db)
}
