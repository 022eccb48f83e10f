import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * What `audit verify` holds tables and ledger against each other by: events numbered without gaps,
 * marks of what contacts are and say. An identity or a sequence has honest gaps wherever a
 * transaction was rolled back; these numbers are rolled back with it. They run per backend process
 * of the database, which works on one transaction at a time: so nobody waits for anybody's number.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  `create table ledger_runs (
    run bigint primary key,
    events bigint not null,
    hash text not null default ''
  ) with (fillfactor = 50)`,
  'alter table events add column run bigint, add column run_number bigint, add column hash text',
  // Each hash holds the one before it in its run. Times as of UTC: a text of them must not differ
  // by the reader's time zone.
  `create function event_hash(before text, event events) returns text language sql stable as $$
    select left(encode(sha256(convert_to(jsonb_build_array(before, event.id, event.at at time zone 'UTC', event.kind, event.department, event.turn, event.case_id, event.contact_id,
      event.actor, event.data)::text, 'UTF8')), 'hex'), 32) $$`,
  // Run 0: events of before the numbering.
  'insert into ledger_runs (run, events) select 0, count(*) from events',
  `create function begin_numbering() returns trigger language plpgsql as $$
    declare told ledger_runs;
    begin
      select * into told from ledger_runs where run = pg_backend_pid();
      perform set_config('evenhand.event_number', coalesce(told.events, 0)::text, true);
      perform set_config('evenhand.event_hash', coalesce(told.hash, ''), true);
      return null;
    end $$`,
  `create function number_event() returns trigger language plpgsql as $$
    begin
      new.run := pg_backend_pid();
      new.run_number := current_setting('evenhand.event_number')::bigint + 1;
      new.hash := event_hash(current_setting('evenhand.event_hash'), new);
      perform set_config('evenhand.event_number', new.run_number::text, true);
      perform set_config('evenhand.event_hash', new.hash, true);
      return new;
    end $$`,
  `create function end_numbering() returns trigger language plpgsql as $$
    begin
      insert into ledger_runs (run, events, hash) values (pg_backend_pid(), current_setting('evenhand.event_number')::bigint, current_setting('evenhand.event_hash'))
      on conflict (run) do update set events = excluded.events, hash = excluded.hash where ledger_runs.events <> excluded.events;
      return null;
    end $$`,
  'create trigger events_begin_numbering before insert on events for each statement execute function begin_numbering()',
  'create trigger events_number before insert on events for each row execute function number_event()',
  'create trigger events_end_numbering after insert on events for each statement execute function end_numbering()',
  // The receipt is the salt: with it erased, nobody can try out which sender or which words a mark
  // was made of.
  `create function contact_mark(receipt text, channel text, source text, external_id text, recipients text[]) returns text language sql stable as $$
    select left(encode(sha256(convert_to(jsonb_build_array(receipt, channel, source, external_id, to_jsonb(recipients))::text, 'UTF8')), 'hex'), 32) $$`,
  `create function said_mark(receipt text, envelope jsonb) returns text language sql stable as $$
    select left(encode(sha256(convert_to(jsonb_build_array(receipt, envelope)::text, 'UTF8')), 'hex'), 32) $$`,
  // A salt of its own, as an address can be guessed: with it erased, nobody can try out whose
  // account a mark was made of.
  'alter table staff add column salt uuid not null default gen_random_uuid()',
  `create function staff_mark(salt uuid, email text, name text) returns text language sql stable as $$
    select left(encode(sha256(convert_to(jsonb_build_array(salt, email, name)::text, 'UTF8')), 'hex'), 32) $$`,
  "create index events_reopened on events (id) where kind = 'case.reopened'"
]
