import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Replies and notes are searched, too. What staff wrote on one case is not found by another case of
 * the same contact, which may be another department's: such entries name their case.
 */
export async function up(db: Db): Promise<void> {
  await sql`alter table search_entries drop constraint search_entries_source_check,
    add constraint search_entries_source_check
      check (source in ('contact', 'outcome', 'reply', 'note')),
    add column case_id uuid references cases (id) on delete cascade`.execute(db)
  await sql`update search_entries set case_id = source_id where source = 'outcome'`.execute(db)
  await sql`create trigger answers_search_due after insert on answers
    for each row when (new.case_id is not null)
    execute function note_search_due('reply')`.execute(db)
  await sql`create trigger notes_search_due after insert on notes
    for each row execute function note_search_due('note')`.execute(db)
  await sql`insert into search_due (source, source_id)
    select 'reply', id from answers where case_id is not null union all
    select 'note', id from notes`.execute(db)
}
