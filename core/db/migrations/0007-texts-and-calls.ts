import { sql, type Kysely } from 'kysely'

/** What providers keep for us, texts, calls. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = []
