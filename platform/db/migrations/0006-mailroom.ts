import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Batches of letters: trays, scans, sheets, letters, enclosures. A sheet keeps what the machine
 * read and, in columns of their own, what a person said about it, so that every correction can be
 * taken back.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  'create sequence batch_numbers as bigint',
  `create table batches (
    id text primary key check (id ~ '^[A-Za-z0-9-]{1,40}$'),
    received_at timestamptz not null,
    logged_at timestamptz not null,
    logged_by text not null,
    note text,
    expected integer check (expected >= 0),
    state text not null default 'scanning' check (state in ('scanning', 'reading', 'held', 'released')),
    remarks text[] not null default '{}',
    problems text[] not null default '{}',
    printed integer not null default 0,
    origin text,
    seed bytea not null,
    ordinals bigint[],
    release_by text,
    release_reason text,
    released_at timestamptz,
    updated_at timestamptz not null default now(),
    check (received_at <= logged_at),
    check ((state = 'released') <= (release_by is not null and ordinals is not null and released_at is not null))
  )`,
  "create index batches_open on batches (state, logged_at) where state <> 'released'",
  'create index batches_logged on batches (logged_at)',
  // A folder that is being taken in has one batch, whichever process sees it.
  "create unique index batches_origin on batches (origin) where state = 'scanning'",
  // A mail, and a set of files that a command hands in, are one batch for good.
  "create unique index batches_once on batches (origin) where starts_with(origin, 'mail/') or starts_with(origin, 'submit/')",
  `create table scans (
    id uuid primary key,
    seq bigint generated always as identity,
    batch_id text not null references batches,
    name text not null,
    sha256 text not null,
    media_type text not null,
    bytes bigint not null,
    pages integer,
    state text not null default 'stored' check (state in ('stored', 'reading', 'read', 'withheld')),
    side text not null default 'both' check (side in ('both', 'fronts', 'backs')),
    reason text,
    attempts integer not null default 0,
    tried_at timestamptz,
    added_by text not null,
    added_at timestamptz not null default now(),
    unique (batch_id, name, sha256)
  )`,
  'create index scans_sha256 on scans (sha256)',
  `create table sheets (
    scan_id uuid not null references scans,
    page integer not null check (page >= 1),
    kind text check (kind in ('page', 'separator', 'blank')),
    starts boolean,
    turned integer not null default 0 check (turned in (0, 90, 180, 270)),
    lot integer,
    result jsonb,
    words jsonb,
    image_sha256 text,
    image_type text,
    thumbnail_sha256 text,
    primary key (scan_id, page)
  )`,
  `create table letters (
    id uuid primary key,
    batch_id text not null references batches,
    scan_id uuid not null,
    page integer not null,
    live boolean not null default true,
    contact_id uuid references contacts,
    made_of jsonb,
    attempts integer not null default 0,
    tried_at timestamptz,
    joined_to uuid references letters,
    joined_by text,
    left_case uuid references cases,
    unfollowed text,
    sender_name text,
    sender_address text,
    postmark date,
    legal_receipt date,
    envelope_scan uuid,
    envelope_page integer,
    tracking_number text,
    location text,
    disposition text check (disposition in ('keep', 'return', 'forward', 'shred')),
    unique (scan_id, page),
    foreign key (scan_id, page) references sheets (scan_id, page)
  )`,
  'create index letters_batch on letters (batch_id)',
  'create index letters_contact on letters (contact_id) where contact_id is not null',
  // What a release or a correction left to do; asked for by every sweep, so it must not grow with
  // what is done.
  `create index letters_unfinished on letters (batch_id) where (live and (contact_id is null or made_of is null or left_case is not null))
    or (not live and contact_id is not null and joined_to is not null and left_case is null and unfollowed is null)`,
  `create table enclosures (
    id uuid primary key,
    letter_id uuid not null references letters,
    what text not null,
    logged_by text not null,
    logged_at timestamptz not null default now(),
    confirmed_by text,
    confirmed_at timestamptz,
    check ((confirmed_by is null) = (confirmed_at is null)),
    check (confirmed_by <> logged_by)
  )`,
  'create index enclosures_letter on enclosures (letter_id)',
  // The audit goes from a batch to its letters.
  "create index events_batch on events ((data ->> 'batch')) where data ? 'batch'",
  // A copier's mail: its scans are a batch, whose letters are the contacts.
  'alter table contacts drop constraint contacts_outcome_check',
  "alter table contacts add constraint contacts_outcome_check check (outcome in ('case', 'duplicate', 'follow-up', 'quarantined', 'auto-reply', 'bounce', 'batch'))",
  'alter table contacts add column batch_id text references batches',
  'create index contacts_batch on contacts (batch_id) where batch_id is not null'
]
