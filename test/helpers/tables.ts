import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { createTestDatabase } from './ground.ts'

export interface TestTables {
  readonly db: Kysely<unknown>
  stop(): Promise<void>
}

/** All tables on a database of its own, for a room that knows only its own of them. */
export async function openTestTables(): Promise<TestTables> {
  const { url, drop } = await createTestDatabase()
  const pool = new Pool({ connectionString: url, max: 8 })
  // A connection that breaks as the database is dropped is nobody's concern.
  pool.on('error', () => undefined)
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  return {
    db,
    async stop() {
      await db.destroy()
      await drop()
    }
  }
}
