import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * A case can wait for its resident's answer: it is out of the line, nobody can take it, and it comes
 * back to its place with the answer, on a date, or by a person.
 */
export async function up(db: Db): Promise<void> {
  await sql`alter table cases add column remind_at timestamptz,
    drop constraint cases_state_check,
    add constraint cases_state_check check (state in
      ('waiting', 'taken', 'waiting-for-resident', 'closed', 'handed-off', 'joined')),
    add constraint cases_remind_at_check check
      ((state = 'waiting-for-resident') = (remind_at is not null))`.execute(db)
  await sql`create index cases_reminders on cases (remind_at)
    where state = 'waiting-for-resident'`.execute(db)
}
