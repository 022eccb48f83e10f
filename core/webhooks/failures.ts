/**
 * What a person has to look at: events that a receiver would not take, and receivers that were
 * stopped.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { Runtime } from '../runtime.ts'
import { isId, newId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import type { LineEventRow } from './event.ts'
import { hookedDepartments, send } from './send.ts'
import { readEvent } from './store.ts'

/** Leaves one event to a person; the line goes on behind it. */
export async function recordFailure(
  { db }: Pick<Runtime, 'db'>,
  department: string,
  { turn, id, case_id: caseId }: LineEventRow,
  { reason, attempts }: { readonly reason: string; readonly attempts: number }
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const added = await trx
      .insertInto('webhook_failures')
      .values({ id: newId(), department, turn, event_id: id, reason, attempts, decided_at: null })
      .onConflict((conflict) => conflict.columns(['department', 'turn']).doNothing())
      .returning('id')
      .executeTakeFirst()
    if (added)
      await appendEvents(trx, [
        {
          kind: 'webhook.set-aside',
          caseId,
          actor: 'system:webhooks',
          data: { hook: department, turn, reason }
        }
      ])
  })
}

/** Tells a department no more until a person starts it again. */
export async function stopLine(
  db: Db,
  department: string,
  claim: string,
  reason: string
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('webhook_lines')
      .set({ state: 'stopped', reason, claim: null, claimed_until: null })
      .where('department', '=', department)
      .where('claim', '=', claim)
      .executeTakeFirst()
    if (numUpdatedRows > 0n)
      await appendEvents(trx, [
        { kind: 'webhook.stopped', actor: 'system:webhooks', data: { hook: department, reason } }
      ])
  })
}

/**
 * Goes on where it stopped, at once, also where it only waits for its next try. @throws
 * EvenhandError WEBHOOK_UNKNOWN
 */
export async function startLine(
  { db, queues }: Pick<Runtime, 'db' | 'queues'>,
  department: string,
  actor: string
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('webhook_lines')
      .set({ state: 'running', reason: null, attempts: 0, failing_since: null, due_at: sql`now()` })
      .where('department', '=', department)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) throw new EvenhandError('WEBHOOK_UNKNOWN')
    await appendEvents(trx, [{ kind: 'webhook.started', actor, data: { hook: department } }])
  })
  queues.enqueue('webhooks', [department])
}

export interface WebhookView {
  readonly department: string
  readonly url: string | undefined
  readonly state: 'new' | 'running' | 'failing' | 'stopped'
  readonly reason: string | undefined
  readonly attempts: number
  readonly nextTry: Date | undefined
  readonly failingSince: Date | undefined
  readonly deliveredAt: Date | undefined
  /** Events that it has not been told yet. */
  readonly behind: number
}

/** How each department with a webhook stands, and those that had one. */
export async function listWebhooks(
  runtime: Pick<Runtime, 'db' | 'agency'>
): Promise<WebhookView[]> {
  const hooks = new Map(hookedDepartments(runtime).map(({ id, webhook }) => [id, webhook.url]))
  const { rows } = await sql<{
    department: string
    state: 'running' | 'stopped'
    reason: string | null
    attempts: number
    due_at: Date
    failing_since: Date | null
    delivered_at: Date | null
    behind: string
  }>`
    select department, state, reason, attempts, due_at, failing_since, delivered_at,
      (select count(*) from events where turn > hook.turn and (events.department = hook.department
        or (kind = 'case.transferred' and data ->> 'from' = hook.department))) as behind
    from webhook_lines as hook order by department`.execute(runtime.db)
  const known = rows.map((row): WebhookView => ({
    department: row.department,
    url: hooks.get(row.department),
    state: row.state === 'running' && row.attempts > 0 ? 'failing' : row.state,
    reason: row.reason ?? undefined,
    attempts: row.attempts,
    nextTry: row.attempts > 0 && row.state === 'running' ? row.due_at : undefined,
    failingSince: row.failing_since ?? undefined,
    deliveredAt: row.delivered_at ?? undefined,
    behind: Number(row.behind)
  }))
  const fresh = [...hooks].filter(
    ([department]) => !known.some((one) => one.department === department)
  )
  return [
    ...known,
    ...fresh.map(([department, url]): WebhookView => ({
      department,
      url,
      state: 'new',
      reason: undefined,
      attempts: 0,
      nextTry: undefined,
      failingSince: undefined,
      deliveredAt: undefined,
      behind: 0
    }))
  ]
}

export interface WebhookFailure {
  readonly id: string
  readonly department: string
  readonly caseId: string
  readonly receipt: string
  readonly kind: string
  readonly reason: string
  readonly attempts: number
  readonly failedAt: Date
}

/** Events left to a person, the earliest first, and how many in all. */
export async function listFailures(
  db: Db,
  limit = 100
): Promise<{ total: number; failures: WebhookFailure[] }> {
  const { rows } = await sql<WebhookFailure & { total: string }>`
    select f.id, f.department, cases.id as "caseId", cases.receipt, events.kind, f.reason,
      f.attempts, f.failed_at as "failedAt", count(*) over () as total
    from webhook_failures f join events on events.id = f.event_id
      join cases on cases.id = events.case_id where f.state = 'waiting'
      order by f.failed_at, f.turn limit ${limit}`.execute(db)
  return {
    total: Number(rows[0]?.total ?? 0),
    failures: rows.map(({ total: _total, ...failure }) => failure)
  }
}

/**
 * Sends an event that was set aside once more, now; it stays in the list when it is refused again.
 * @throws EvenhandError WEBHOOK_UNKNOWN, WEBHOOK_REFUSED
 */
export async function sendAgain(
  runtime: Pick<Runtime, 'db' | 'agency' | 'secret' | 'settings'>,
  id: string,
  actor: string
): Promise<void> {
  const failure = await findFailure(runtime.db, id)
  const target = hookedDepartments(runtime).find(
    (department) => department.id === failure.department
  )
  const event = await readEvent(runtime.db, failure.event_id)
  if (!target || !event) throw new EvenhandError('WEBHOOK_UNKNOWN')
  const { problem } = await send(runtime, target, [event])
  if (problem !== undefined) throw new EvenhandError('WEBHOOK_REFUSED', problem)
  await decide(runtime.db, failure, 'sent', actor)
}

/**
 * Takes an event off the list: its receiver does not need it. @throws EvenhandError WEBHOOK_UNKNOWN
 */
export async function dismiss(db: Db, id: string, actor: string): Promise<void> {
  await decide(db, await findFailure(db, id), 'dismissed', actor)
}

async function findFailure(db: Db, id: string) {
  const found = isId(id)
    ? await db
        .selectFrom('webhook_failures')
        .selectAll()
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .executeTakeFirst()
    : undefined
  if (!found) throw new EvenhandError('WEBHOOK_UNKNOWN')
  return found
}

const eventOf = { sent: 'webhook.sent-again', dismissed: 'webhook.dismissed' } as const

async function decide(
  db: Db,
  { id, department, turn }: { id: string; department: string; turn: string },
  state: 'sent' | 'dismissed',
  actor: string
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('webhook_failures')
      .set({ state, decided_at: sql`now()` })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .executeTakeFirst()
    if (numUpdatedRows > 0n)
      await appendEvents(trx, [{ kind: eventOf[state], actor, data: { hook: department, turn } }])
  })
}

/** How many events wait for a person because a receiver would not take them. */
export async function countNotTaken(db: Db): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from webhook_failures where state = 'waiting'`.execute(db)
  return rows[0]!.count
}

/**
 * How it stands with telling these departments; one that was never told anything is not among them.
 */
export async function viewHooks(
  db: Db,
  departments: readonly string[]
): Promise<
  {
    department: string
    state: 'running' | 'stopped'
    reason: string | null
    failingSince: Date | null
  }[]
> {
  if (departments.length === 0) return []
  return db
    .selectFrom('webhook_lines')
    .select(['department', 'state', 'reason', 'failing_since as failingSince'])
    .where('department', 'in', [...departments])
    .execute()
}
