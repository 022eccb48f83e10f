import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Which of the public outcomes a closed case came to. Cases that were closed before have words for
 * staff alone, and are shown as closed.
 */
export async function up(db: Db): Promise<void> {
  await sql`alter table cases add column outcome_id text,
    add constraint cases_outcome_id_check check (outcome_id is null or state = 'closed')`.execute(
    db
  )
}
