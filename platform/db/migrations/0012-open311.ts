import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** What Open311 clients ask for again: the latest reports of some kinds. */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  "create index contacts_reports on contacts (channel, arrived_at desc, ordinal desc) where evidence ->> 'category' is not null"
]
