import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * What staff search through: the words of contacts and of outcomes, in a table of its own, so that
 * entering a line costs no more than a note that something is to be indexed. Contacts of before are
 * indexed in the background.
 */
export async function up(db: Db): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db)
  await makeFunctions(db)
  await sql`
    create table search_entries (
      source text not null check (source in ('contact', 'outcome')),
      source_id uuid not null,
      part smallint not null,
      contact_id uuid not null references contacts (id) on delete cascade,
      at timestamptz not null,
      head text not null,
      words tsvector not null,
      primary key (source, source_id, part))`.execute(db)
  await sql`create index search_entries_words on search_entries using gin (words)`.execute(db)
  await sql`create index search_entries_head on search_entries using gin (head gin_trgm_ops)
    where head <> ''`.execute(db)
  await sql`create index search_entries_latest on search_entries (at desc)`.execute(db)
  await sql`create index search_entries_contact on search_entries (contact_id)`.execute(db)
  await sql`create table search_due (source text not null, source_id uuid not null,
    asked_at timestamptz not null default clock_timestamp(), primary key (source, source_id))
    `.execute(db)
  await sql`insert into search_due (source, source_id)
    select 'contact', id from contacts where envelope is not null union all
    select 'outcome', id from cases where outcome is not null`.execute(db)
  await watch(db)
}

/** Without accents and capitals, so that "Núñez" is found by "nunez". */
async function makeFunctions(db: Db): Promise<void> {
  await sql`create function search_plain(value text) returns text language sql
    immutable parallel safe as $$
    select regexp_replace(normalize(lower(value), NFD), '[\u0300-\u036f]', '', 'g') $$`.execute(db)
  await sql`create function note_search_due() returns trigger language plpgsql as $$
    begin
      insert into search_due (source, source_id) values (tg_argv[0], new.id)
      on conflict (source, source_id) do update set asked_at = excluded.asked_at;
      return null;
    end $$`.execute(db)
}

/** Whatever statement changes an envelope or an outcome, it is due. */
async function watch(db: Db): Promise<void> {
  await sql`create trigger contacts_search_due after insert or update of envelope on contacts
    for each row when (new.envelope is not null)
    execute function note_search_due('contact')`.execute(db)
  await sql`create trigger cases_search_due after insert or update of outcome on cases
    for each row when (new.outcome is not null)
    execute function note_search_due('outcome')`.execute(db)
}
