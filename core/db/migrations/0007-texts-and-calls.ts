import { sql, type Kysely } from 'kysely'

/** What providers keep for us, texts, calls. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  // Which of the files a provider keeps for a contact are here. Addresses and credentials are not stored: the channel says them anew.
  `create table remote_files (
    contact_id uuid not null references contacts,
    number integer not null check (number >= 0),
    name text not null,
    state text not null check (state in ('held', 'waiting', 'fetched', 'missing')),
    sha256 text,
    media_type text,
    reason text,
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (contact_id, number),
    check ((state = 'fetched') = (sha256 is not null and media_type is not null)),
    check ((state = 'missing') <= (reason is not null))
  )`,
  "create index remote_files_due on remote_files (due_at) where state = 'waiting'",
  "create index remote_files_waiting on remote_files (contact_id) where state = 'waiting'"
]
