import { sql, type Kysely } from 'kysely'

/** Batches of letters: trays, scans, pages, splits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = []
