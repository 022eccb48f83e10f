import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** A case that was split off is found by the heading that was typed for it. */
export async function up(db: Db): Promise<void> {
  await sql`create trigger cases_heading_search_due after insert on cases
    for each row when (new.part > 1)
    execute function note_search_due('outcome')`.execute(db)
  await sql`insert into search_due (source, source_id) select 'outcome', id from cases
    where part > 1 on conflict (source, source_id) do nothing`.execute(db)
}
