import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Mailboxes that are pulled: which of their messages were taken, by what the server numbers them
 * with, and how each mailbox stands. Flags of the mailbox are other people's and say nothing here.
 */
export async function up(db: Db): Promise<void> {
  await sql`
    create table mailbox_messages (
      place text not null,
      uid_validity bigint not null,
      uid bigint not null,
      contact_id uuid references contacts (id),
      tries int not null default 0,
      due_at timestamptz,
      reason text,
      recorded_at timestamptz not null default now(),
      primary key (place, uid_validity, uid)
    )`.execute(db)
  await sql`create index mailbox_messages_passed_over on mailbox_messages (place)
    where contact_id is null`.execute(db)
  await sql`
    create table mailbox_states (
      place text primary key,
      uid_validity bigint,
      waiting int not null default 0,
      looked_at timestamptz,
      taken_at timestamptz,
      failed_at timestamptz,
      failure text
    )`.execute(db)
}
