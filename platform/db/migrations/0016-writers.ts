import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** Whoever wrote what another hands on (a mail forwarded as a file) is somebody a contact names. */
export async function up(db: Db): Promise<void> {
  for (const table of ['constituent_links', 'mentions']) {
    const constraint = sql.id(`${table}_role_check`)
    await sql`alter table ${sql.table(table)} drop constraint ${constraint}`.execute(db)
    await sql`alter table ${sql.table(table)} add constraint ${constraint} check (role in ('sender', 'subject', 'representative', 'writer'))`.execute(
      db
    )
  }
}
