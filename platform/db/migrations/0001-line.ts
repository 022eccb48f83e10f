import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** Contacts, cases, the line, the ledger, and what is owed to senders. */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  'create sequence arrivals as bigint',
  'create sequence turns as bigint',

  `create table blobs (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea not null
  )`,
  // Mail is mostly base64 or short: compressing each message costs more processor time than it
  // saves disk.
  'alter table blobs alter column content set storage external',

  `create table contacts (
    id uuid primary key,
    channel text not null,
    source text not null,
    external_id text not null,
    receipt text not null unique,
    arrived_at timestamptz not null default clock_timestamp(),
    ordinal bigint not null default nextval('arrivals') unique,
    raw_sha256 text not null,
    raw_bytes bigint not null,
    media_type text not null,
    recipients text[] not null,
    evidence jsonb not null,
    state text not null check (state in ('accepted', 'read', 'settled', 'quarantined')),
    attempts integer not null default 0,
    kind text check (kind in ('message', 'auto-reply', 'bounce')),
    tokens text[] not null default '{}',
    envelope jsonb,
    trail jsonb not null default '[]',
    outcome text check (outcome in ('case', 'duplicate', 'follow-up', 'quarantined', 'auto-reply', 'bounce')),
    quarantine_code text,
    case_id uuid,
    updated_at timestamptz not null default now(),
    unique (channel, source, external_id)
  )`,
  "create index contacts_unsettled on contacts (state, ordinal) where state <> 'settled'",
  'create index contacts_raw on contacts (raw_sha256)',

  `create table cases (
    id uuid primary key,
    contact_id uuid not null references contacts,
    department text not null,
    state text not null check (state in ('waiting', 'taken', 'closed', 'handed-off')),
    arrived_at timestamptz not null,
    ordinal bigint not null,
    channel text not null,
    receipt text not null,
    language text not null,
    taken_by text,
    taken_at timestamptz,
    lease_until timestamptz,
    outcome text,
    updated_at timestamptz not null default now(),
    check ((state = 'taken') = (taken_by is not null)),
    unique (contact_id, department)
  )`,
  // The line itself.
  "create index cases_line on cases (department, arrived_at, ordinal) where state = 'waiting'",
  "create index cases_leases on cases (lease_until) where state = 'taken'",
  "create index cases_holders on cases (taken_by) where state = 'taken'",
  'create index cases_receipt on cases (receipt)',

  `create table case_contacts (
    case_id uuid not null references cases,
    contact_id uuid not null references contacts,
    role text not null check (role in ('first', 'duplicate', 'follow-up')),
    reason text not null,
    linked_at timestamptz not null default now(),
    primary key (case_id, contact_id)
  )`,
  'create index case_contacts_contact on case_contacts (contact_id)',

  `create table case_passes (
    case_id uuid not null references cases,
    actor text not null,
    reason text not null,
    passed_at timestamptz not null default now(),
    primary key (case_id, actor)
  )`,
  'create index case_passes_actor on case_passes (actor)',

  `create table events (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    kind text not null,
    department text,
    turn bigint,
    case_id uuid,
    contact_id uuid,
    actor text not null,
    data jsonb not null,
    check ((department is null) = (turn is null))
  )`,
  'create unique index events_turn on events (department, turn) where turn is not null',
  'create index events_case on events (case_id) where case_id is not null',
  'create index events_contact on events (contact_id) where contact_id is not null',
  `create function refuse_change() returns trigger language plpgsql as $$
    begin raise exception 'the ledger is append-only'; end $$`,
  'create trigger events_append_only before update or delete on events for each row execute function refuse_change()',
  'create trigger events_no_truncate before truncate on events for each statement execute function refuse_change()',

  `create table outbound (
    id uuid primary key,
    contact_id uuid not null references contacts,
    kind text not null,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'undeliverable', 'failed')),
    reason text,
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    sent_at timestamptz,
    unique (contact_id, kind)
  )`,
  "create index outbound_due on outbound (due_at) where state = 'waiting'",

  `create table reply_budget (
    day date not null,
    address_hash text not null,
    replies integer not null,
    primary key (day, address_hash)
  )`,

  `create table secrets (
    name text primary key,
    value bytea not null
  )`
]
