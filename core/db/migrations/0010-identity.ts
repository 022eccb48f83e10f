import { sql, type Kysely } from 'kysely'

/** Who is who on a case, and what people decided about it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = []
