/** What the database server reports about itself. Read only. */
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import type { Settings } from '../../config/settings.ts'
import { createLog } from '../logger.ts'
import { joinEmbedded } from './embedded.ts'
import type { Db, Tables } from './tables.ts'

/** Connects to the database as it is: creates nothing and runs no migrations. */
export async function lookIntoDatabase<T>(
  settings: Pick<Settings, 'DATABASE_URL' | 'DATA_DIR'>,
  look: (db: Db) => Promise<T>
): Promise<T> {
  const embedded = settings.DATABASE_URL
    ? undefined
    : await joinEmbedded(settings.DATA_DIR, createLog('silent'))
  const pool = new Pool({
    ...(embedded?.connection ?? { connectionString: settings.DATABASE_URL }),
    max: 2,
    connectionTimeoutMillis: 5_000
  })
  pool.on('error', () => undefined)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    return await look(db)
  } finally {
    await db.destroy()
    await embedded?.leave()
  }
}

export async function readVersion(db: Db): Promise<{ version: string; major: number }> {
  const { rows } = await sql<{
    version: string
    number: string
  }>`select current_setting('server_version') as version,
      current_setting('server_version_num') as number`.execute(db)
  const { version, number } = rows[0]!
  return { version, major: Math.floor(Number(number) / 10_000) }
}

/** Settings that are off although, without them, a commit may be confirmed before it is on disk. */
export async function findUnsafeSettings(db: Db): Promise<string[]> {
  const { rows } = await sql<{
    name: string
  }>`select name from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')
      and setting = 'off' order by name`.execute(db)
  return rows.map(({ name }) => name)
}

export async function readClock(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  return rows[0]!.now
}

/** Whether BullMQ has made its tables here. */
export async function hasQueueTables(db: Db): Promise<boolean> {
  const { rows } = await sql<{
    made: boolean
  }>`select to_regnamespace('bullmq') is not null as made`.execute(db)
  return rows[0]!.made
}
