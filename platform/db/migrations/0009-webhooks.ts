import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * How far each department's own system has been told of its line, and what it would not take. The
 * ledger itself is the outbox.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  `create table webhook_lines (
    department text primary key,
    turn bigint not null,
    state text not null default 'running' check (state in ('running', 'stopped')),
    reason text,
    attempts integer not null default 0,
    failing_since timestamptz,
    due_at timestamptz not null default now(),
    claim uuid,
    claimed_until timestamptz,
    delivered_at timestamptz
  )`,
  `create table webhook_failures (
    id uuid primary key,
    department text not null,
    turn bigint not null,
    event_id bigint not null,
    reason text not null,
    attempts integer not null,
    failed_at timestamptz not null default now(),
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'dismissed')),
    decided_at timestamptz,
    unique (department, turn)
  )`,
  "create index webhook_failures_waiting on webhook_failures (failed_at) where state = 'waiting'",
  // A case that is transferred leaves one line as it enters another: both departments hear of it.
  "create index events_left on events ((data ->> 'from'), turn) where kind = 'case.transferred'"
]
