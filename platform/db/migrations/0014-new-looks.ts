import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Who it is, looked at again whenever more is known: what is still open, what is to be looked at,
 * and what a person has said.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  // A sender or party whom no machine knows surely, with the keys by which they may yet be found;
  // or one a person has spoken about, whom
  // no machine looks at any more (no keys).
  `create table mentions (
    contact_id uuid not null references contacts on delete cascade,
    role text not null check (role in ('sender', 'subject', 'representative')),
    keys bigint[] not null default '{}',
    named boolean not null default false,
    hashed boolean not null default false,
    decided_by text,
    primary key (contact_id, role)
  )`,
  // Key first, as in constituent_keys: one probe answers which open contacts share it.
  `create table mention_keys (
    key bigint not null,
    contact_id uuid not null,
    role text not null,
    primary key (key, contact_id, role)
  )`,
  `create function drop_mention_keys() returns trigger language plpgsql as $$
  begin
    delete from mention_keys where key = any(old.keys) and contact_id = old.contact_id and role = old.role;
    return null;
  end $$`,
  'create trigger mentions_drop_keys after delete on mentions for each row execute function drop_mention_keys()',
  "create index mentions_readable on mentions (contact_id) where not hashed and keys <> '{}'",
  `create table looks_due (
    contact_id uuid primary key references contacts on delete cascade,
    because text not null,
    attempts integer not null default 0,
    asked_at timestamptz not null default clock_timestamp()
  )`,
  'create index looks_due_asked on looks_due (asked_at)',
  // Whoever wrote before anything was looked at twice, after everything that is asked for from now
  // on; those a person has decided are left alone.
  `insert into looks_due (contact_id, because, asked_at) select id, 'nobody looked again in earlier releases', 'infinity' from contacts
   where state = 'settled' and kind = 'message' and envelope is not null
     and not exists (select from constituent_links where contact_id = contacts.id and unlinked_at is null and verdict <> 'possible')`,
  `insert into mentions (contact_id, role, decided_by)
   select contact_id, role, max(unlinked_by) from constituent_links link where exists (select from contacts where contacts.id = contact_id)
   group by contact_id, role having bool_and(unlinked_at is not null) and bool_or(unlinked_by <> 'machine')`,
  `insert into mentions (contact_id, role, decided_by)
   select contact_id, role, max(linked_by) from constituent_links link where exists (select from contacts where contacts.id = contact_id)
     and unlinked_at is null and linked_by <> 'machine' group by contact_id, role on conflict do nothing`,
  // Rests on one identifier that nobody else on record has; it never makes two contacts one matter.
  'alter table constituent_links add column single boolean not null default false',
  'alter table letters add column sender_email text',
  'alter table letters add column sender_phone text',
  // Names are looked up by any word of them, without accents: the words' beginnings are compared.
  `create function name_words(value text) returns tsvector language sql immutable parallel safe as $$
    select to_tsvector('simple'::regconfig, regexp_replace(normalize(lower(value), NFD), '[\\u0300-\\u036f''’.]', '', 'g')) $$`,
  'create index constituent_names_words on constituent_names using gin (name_words(value))'
]
