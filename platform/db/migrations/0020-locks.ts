import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Receipts before documents are read; who signed in and who read what; failures to sign in by
 * account and address; contacts put aside by a person.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  // Whom a receipt goes to, where the envelope waits for files.
  'alter table outbound add column addressee jsonb',

  // Failures are counted by account and where they come from; nothing that others do blocks an
  // account.
  'alter table staff drop column failed_sign_ins, drop column blocked_until',
  `create table sign_in_failures (
    account_hash text not null,
    origin_hash text not null,
    failures integer not null default 1,
    blocked_until timestamptz,
    failed_at timestamptz not null default now(),
    primary key (account_hash, origin_hash)
  )`,
  'create index sign_in_failures_age on sign_in_failures (failed_at)',
  'create index sign_in_failures_account on sign_in_failures (account_hash, failed_at)',

  `create table access_log (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    actor text,
    what text not null,
    target text,
    origin text not null
  )`,
  'create index access_log_what on access_log (what, id desc)',
  'create index access_log_actor on access_log (actor, id desc) where actor is not null',
  'create index access_log_target on access_log (target, id desc) where target is not null',
  // Rows past their time may go; none is ever changed.
  `create function keep_access_log() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        if old.at < now() - interval '400 days' then return old; end if;
      end if;
      raise exception 'the access log is append-only for 400 days';
    end $$`,
  'create trigger access_log_append_only before update or delete on access_log for each row execute function keep_access_log()',
  'create trigger access_log_no_truncate before truncate on access_log for each statement execute function refuse_change()',

  'alter table contacts add column discarded_at timestamptz',
  "create index contacts_quarantine on contacts (arrived_at, ordinal) where state = 'quarantined'"
]
