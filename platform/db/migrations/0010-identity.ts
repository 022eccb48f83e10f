import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** Who is who on a case, and what people decided about it. */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  // A case that was joined into an earlier one waits nowhere; undoing puts it back at its own
  // place.
  'alter table cases drop constraint cases_state_check',
  "alter table cases add constraint cases_state_check check (state in ('waiting', 'taken', 'closed', 'handed-off', 'joined'))",
  'alter table cases add column joined_into uuid references cases',
  "alter table cases add constraint cases_joined_check check ((state = 'joined') = (joined_into is not null))",
  'create index cases_joined on cases (joined_into) where joined_into is not null',
  // Every settled contact writes up to 32 of these rows: no foreign key and no second index, each
  // of which would double the cost.
  // Each matter lists its keys instead, and takes them along when it goes.
  'alter table duplicate_keys drop constraint duplicate_keys_no_fkey',
  'drop index duplicate_keys_no',
  "alter table duplicate_matters add column keys integer[] not null default '{}'",
  `create function drop_duplicate_keys() returns trigger language plpgsql as $$
  begin
    delete from duplicate_keys where key = any(old.keys) and no = old.no;
    return null;
  end $$`,
  'create trigger duplicate_matters_drop_keys after delete on duplicate_matters for each row execute function drop_duplicate_keys()',
  // The case that a joined one is served with: joins are followed to their end.
  `create function standing_case(start uuid) returns uuid language sql stable as $$
    with recursive way as (
      select id, joined_into from cases where id = start union all select cases.id, cases.joined_into from cases join way on cases.id = way.joined_into
    ) select id from way where joined_into is null $$`,
  // Rows kept as keyed hashes only (privacy mode); both kinds are there while a register is being
  // converted.
  'alter table constituents add column hashed boolean not null default false',
  // The contact that a constituent, or a part of one, was made from; null for a register's.
  'alter table constituents add column made_from uuid',
  'create index constituents_made_from on constituents (made_from) where made_from is not null',
  'create index constituents_readable on constituents (id) where not hashed',
  // How large the register was, so that it is learnt from again once it has grown.
  'alter table matching_models add column register_size bigint not null default 0',
  // Learnt from hashed values only.
  'alter table matching_models add column hashed boolean not null default false',
  // What waits for a person, newest last.
  "create index constituent_links_possible on constituent_links (id) where verdict = 'possible' and unlinked_at is null",
  // The case a link came from by a join; null for a contact's own.
  'alter table case_contacts add column via uuid references cases',
  'create index case_contacts_via on case_contacts (via) where via is not null',
  // The case a contact had before a join moved it; null where none did.
  'alter table contacts add column own_case_id uuid'
]
