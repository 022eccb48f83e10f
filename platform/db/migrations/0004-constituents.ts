import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Constituents as far as the agency may know them, and the index that finds them. Names, mail
 * addresses, phones and addresses stand in rows of their own with source and time. Links and merges
 * are rows that end instead of vanishing: a merged constituent keeps its own values and keys and
 * only points to the one it was merged into, so that an un-merge restores exactly.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const values = (table: string, columns: string): string => `
  create table ${table} (
    constituent_id bigint not null references constituents on delete cascade,
    ${columns},
    source text not null,
    seen_at timestamptz not null default now(),
    unique (constituent_id, value, source)
  )`

const statements = [
  `create table constituents (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('person', 'organisation')),
    merged_into bigint references constituents,
    comparable jsonb not null,
    keys bigint[] not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  'create index constituents_merged on constituents (merged_into) where merged_into is not null',
  `create table constituent_sources (
    source text not null,
    external_id text not null,
    constituent_id bigint not null references constituents on delete cascade,
    imported_at timestamptz not null default now(),
    primary key (source, external_id)
  )`,
  'create index constituent_sources_constituent on constituent_sources (constituent_id)',
  values('constituent_names', 'value text not null'),
  values('constituent_emails', 'value text not null'),
  values('constituent_phones', 'value text not null'),
  values('constituent_addresses', 'value text not null'),
  // Key first: one probe of this index answers which constituents share a key. No foreign key and
  // no second index, which would double
  // the cost of an import (a dozen rows per constituent): each constituent lists its keys, and
  // takes them along when it goes.
  `create table constituent_keys (
    key bigint not null,
    constituent_id bigint not null,
    primary key (key, constituent_id)
  )`,
  `create function drop_constituent_keys() returns trigger language plpgsql as $$
  begin
    delete from constituent_keys where key = any(old.keys) and constituent_id = old.id;
    return null;
  end $$`,
  'create trigger constituents_drop_keys after delete on constituents for each row execute function drop_constituent_keys()',
  `create table constituent_links (
    id bigint generated always as identity primary key,
    contact_id uuid not null,
    constituent_id bigint not null references constituents,
    role text not null check (role in ('sender', 'subject', 'representative')),
    verdict text not null check (verdict in ('linked', 'possible', 'new')),
    bits real,
    waterfall jsonb not null default '[]',
    linked_at timestamptz not null default now(),
    linked_by text not null,
    reason text not null,
    unlinked_at timestamptz,
    unlinked_by text,
    unlink_reason text
  )`,
  'create unique index constituent_links_live on constituent_links (contact_id, constituent_id, role) where unlinked_at is null',
  'create index constituent_links_constituent on constituent_links (constituent_id)',
  `create table constituent_merges (
    id bigint generated always as identity primary key,
    kept bigint not null references constituents,
    gone bigint not null references constituents,
    merged_at timestamptz not null default now(),
    merged_by text not null,
    reason text not null,
    unmerged_at timestamptz,
    unmerged_by text,
    unmerge_reason text
  )`,
  'create unique index constituent_merges_live on constituent_merges (gone) where unmerged_at is null',
  `create table matching_models (
    id bigint generated always as identity primary key,
    model jsonb not null,
    trained_on bigint not null,
    trained_at timestamptz not null default now()
  )`
]
