import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { createTestDatabase } from './runtime.ts'
import type { Db } from '../../platform/db/database.ts'
import type { Tables } from '../../platform/db/tables.ts'

export interface TestTables {
  readonly db: Db
  stop(): Promise<void>
}

/** All tables on a database of its own, for a room that knows only its own of them. */
export async function openTestTables(): Promise<TestTables> {
  const { url, drop } = await createTestDatabase()
  const pool = new Pool({ connectionString: url, max: 8 })
  // A connection that breaks as the database is dropped is nobody's concern.
  pool.on('error', () => undefined)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return {
    db,
    async stop() {
      await db.destroy()
      await drop()
    }
  }
}
