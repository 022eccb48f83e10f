import { sql, type Kysely } from 'kysely'

/** What is owed to departments' own systems. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = []
