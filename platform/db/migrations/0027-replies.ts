import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Answers to one contact of a case, beside those to a whole campaign; what somebody still has to do
 * so that a resident hears from us; words among staff; and what is being written.
 */
export async function up(db: Db): Promise<void> {
  await sql`
    alter table answers
      alter column campaign_id drop not null,
      add column case_id uuid references cases (id),
      add column contact_id uuid references contacts (id),
      add column way text check (way in ('mail', 'text', 'letter', 'call')),
      add column address text,
      add column typed boolean not null default false,
      add column name text,
      add column language text,
      add column subject text,
      add column state text not null default 'owed' check (state in ('proposed', 'sent-back', 'owed')),
      add column decided_by text,
      add column decided_at timestamptz,
      add check (campaign_id is not null or (case_id is not null and contact_id is not null
        and way is not null and address is not null and language is not null))`.execute(db)
  await sql`create index answers_case on answers (case_id) where case_id is not null`.execute(db)
  await sql`create index answers_proposed on answers (case_id) where state = 'proposed'`.execute(db)
  await sql`
    create table answer_files (
      answer_id uuid not null references answers (id),
      position int not null,
      name text not null,
      media_type text not null,
      bytes int not null,
      sha256 text not null,
      primary key (answer_id, position)
    )`.execute(db)
  await sql`
    create table duties (
      id uuid primary key,
      kind text not null check (kind in ('undelivered', 'letter', 'call')),
      case_id uuid not null references cases (id),
      answer_id uuid not null references answers (id),
      contact_id uuid not null references contacts (id),
      opened_at timestamptz not null default now(),
      settled_at timestamptz,
      settled_by text,
      how text,
      words text,
      unique (answer_id, contact_id, kind),
      check ((settled_at is null) = (settled_by is null)
        and (settled_at is null) = (how is null))
    )`.execute(db)
  await sql`create index duties_case on duties (case_id)`.execute(db)
  await sql`create index duties_open on duties (opened_at) where settled_at is null`.execute(db)
  await sql`
    create table notes (
      id uuid primary key,
      case_id uuid not null references cases (id),
      author text not null,
      text text not null,
      written_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index notes_case on notes (case_id)`.execute(db)
  await sql`
    create table note_mentions (
      note_id uuid not null references notes (id),
      staff_id uuid not null references staff (id),
      read_at timestamptz,
      primary key (note_id, staff_id)
    )`.execute(db)
  await sql`create index note_mentions_unread on note_mentions (staff_id)
    where read_at is null`.execute(db)
  await sql`
    create table drafts (
      case_id uuid not null references cases (id),
      author text not null,
      kind text not null check (kind in ('reply', 'note')),
      version int not null default 1,
      fields jsonb not null,
      other jsonb,
      updated_at timestamptz not null default now(),
      primary key (case_id, author, kind)
    )`.execute(db)
  await sql`
    create table draft_files (
      case_id uuid not null references cases (id),
      author text not null,
      position int not null,
      name text not null,
      media_type text not null,
      bytes int not null,
      sha256 text not null,
      primary key (case_id, author, position)
    )`.execute(db)
  // Marks of what a reply and a note say, salted with an id, for the ledger.
  await sql`
    create function reply_mark(answer answers) returns text language sql stable as $$
      select left(encode(sha256(convert_to(jsonb_build_array(answer.id, answer.way,
        answer.address, answer.subject, answer.text)::text, 'UTF8')), 'hex'), 32) $$`.execute(db)
  await sql`
    create function note_mark(note notes) returns text language sql stable as $$
      select left(encode(sha256(convert_to(jsonb_build_array(note.id, note.author,
        note.text)::text, 'UTF8')), 'hex'), 32) $$`.execute(db)
}
