import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * A contact about two matters can be two cases of one department, at the same place: the one that
 * was opened later stands behind. So the line is ordered by the case's id too, which rises.
 */
export async function up(db: Db): Promise<void> {
  await sql`alter table cases add column part smallint not null default 1,
    drop constraint cases_contact_id_department_key,
    add constraint cases_contact_id_department_part_key unique (contact_id, department, part)`.execute(
    db
  )
  await sql`drop index cases_line`.execute(db)
  await sql`create index cases_line on cases (department, arrived_at, ordinal, id)
    where state = 'waiting'`.execute(db)
}
