import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Keys of other systems, requests that may be repeated. Of a key's secrets only hashes are kept:
 * reading the tables opens nothing.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  `create table api_keys (
    id uuid primary key,
    name text not null,
    scopes text[] not null,
    per_minute integer not null check (per_minute > 0),
    created_at timestamptz not null default now(),
    disabled_at timestamptz
  )`,
  `create table api_key_secrets (
    hash text primary key,
    key_id uuid not null references api_keys on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz
  )`,
  'create index api_key_secrets_key on api_key_secrets (key_id)',

  `create table idempotent_requests (
    owner text not null,
    idempotency_key text not null,
    fingerprint text not null,
    state text not null default 'running' check (state in ('running', 'done')),
    started_at timestamptz not null default now(),
    expires_at timestamptz not null,
    status integer,
    headers jsonb,
    body text,
    primary key (owner, idempotency_key),
    check ((state = 'done') = (status is not null))
  )`,
  'create index idempotent_requests_expiry on idempotent_requests (expires_at)'
]
