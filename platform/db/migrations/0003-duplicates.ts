import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * What finding duplicates and campaigns needs to remember. Texts stay in the envelopes; here are
 * only hashes of letters, times and links.
 */
export async function up(db: Db): Promise<void> {
  await sql`
    create table duplicate_matters (
      no bigint generated always as identity primary key,
      contact_id uuid not null unique,
      arrived_at timestamptz not null,
      lat double precision,
      long double precision,
      category text
    )`.execute(db)
  await sql`create index duplicate_matters_arrived on duplicate_matters (arrived_at)`.execute(db)
  // One row per sketch key or place cell. "no" rises with storing, so the newest holders of a key
  // are read from its end of the index.
  await sql`
    create table duplicate_keys (
      key integer not null,
      no bigint not null references duplicate_matters on delete cascade,
      primary key (key, no)
    )`.execute(db)
  await sql`create index duplicate_keys_no on duplicate_keys (no)`.execute(db)
  await sql`
    create table case_links (
      id uuid primary key default gen_random_uuid(),
      contact_id uuid not null,
      earlier_contact_id uuid not null,
      state text not null check (state in ('suggested', 'joined', 'declined', 'undone')),
      reason text not null,
      evidence jsonb not null,
      made_by text not null,
      made_at timestamptz not null default clock_timestamp(),
      decided_by text,
      decided_why text,
      decided_at timestamptz,
      unique (contact_id, earlier_contact_id),
      check (contact_id <> earlier_contact_id),
      check ((state in ('declined', 'undone')) <= (decided_by is not null and decided_why is not null and decided_at is not null))
    )`.execute(db)
  await sql`create index case_links_earlier on case_links (earlier_contact_id)`.execute(db)
  await sql`
    create table campaigns (
      id uuid primary key default gen_random_uuid(),
      made_at timestamptz not null default clock_timestamp(),
      merged_into uuid references campaigns,
      merged_why text,
      merged_at timestamptz,
      split_by text,
      split_why text,
      split_at timestamptz,
      check ((merged_into is null) = (merged_why is null)),
      check ((split_at is null) = (split_by is null) and (split_at is null) = (split_why is null)),
      check (merged_into <> id)
    )`.execute(db)
  await sql`
    create table campaign_members (
      contact_id uuid primary key,
      campaign_id uuid not null references campaigns,
      joined_at timestamptz not null default clock_timestamp(),
      joined_by text not null,
      joined_why text not null,
      left_at timestamptz,
      left_by text,
      left_why text,
      check ((left_at is null) = (left_by is null) and (left_at is null) = (left_why is null))
    )`.execute(db)
  await sql`create index campaign_members_campaign on campaign_members (campaign_id, joined_at)`.execute(
    db
  )
}
