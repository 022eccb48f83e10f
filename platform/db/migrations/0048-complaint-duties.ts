import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** A resident who reports a reply as unwanted is somebody's duty too. */
export async function up(db: Db): Promise<void> {
  await sql`alter table duties drop constraint duties_kind_check,
    add constraint duties_kind_check
      check (kind in ('undelivered', 'complaint', 'letter', 'call'))`.execute(db)
}
