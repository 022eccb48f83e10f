import { sql, type Kysely } from 'kysely'

/** Keys of other systems, requests that may be repeated. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = []
