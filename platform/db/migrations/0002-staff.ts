import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Who may sign in at the desk. Of sessions and set-up links only hashes are kept: reading the
 * tables signs nobody in.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table staff (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text not null,
    role text not null check (role in ('agent', 'mailroom', 'supervisor', 'admin')),
    departments text[] not null default '{}',
    password_hash text,
    failed_sign_ins integer not null default 0,
    blocked_until timestamptz,
    disabled_at timestamptz,
    created_at timestamptz not null default now()
  )`,
  `create table staff_sessions (
    id_hash text primary key,
    staff_id uuid not null references staff on delete cascade,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index staff_sessions_staff on staff_sessions (staff_id)',
  'create index staff_sessions_expiry on staff_sessions (expires_at)',
  `create table staff_invites (
    token_hash text primary key,
    staff_id uuid not null references staff on delete cascade,
    expires_at timestamptz not null,
    used_at timestamptz
  )`,
  'create index staff_invites_staff on staff_invites (staff_id)'
]
