import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * A draft knows which window each of its words are from, by the reply or note that they become, and
 * which of these were sent: so what was sent does not come back, and what was not stays.
 */
export async function up(db: Db): Promise<void> {
  await sql`
    alter table drafts add column becomes uuid, add column sent jsonb not null default '[]'`.execute(
    db
  )
  await sql`
    update drafts set other = case when other is null then '[]' else jsonb_build_array(
      jsonb_build_object('becomes', null, 'version', version, 'fields', other)) end`.execute(db)
  await sql`
    alter table drafts alter column other set not null, alter column other set default '[]'`.execute(
    db
  )
}
