import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Messages of a mailbox are known by a text, as not every server numbers them, and can be noted
 * before they are taken: a server that says only what is new says it once. `round` and
 * `received_at` are their order; `cursor` is where the server goes on telling.
 */
export async function up(db: Db): Promise<void> {
  await sql`alter table mailbox_messages rename column uid to message`.execute(db)
  await sql`
    alter table mailbox_messages alter column message type text,
      add column round int, add column received_at timestamptz`.execute(db)
  await sql`
    alter table mailbox_states add column round int not null default 1,
      add column cursor text check (length(cursor) <= 8192)`.execute(db)
}
