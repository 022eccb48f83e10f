import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { Pool, type PoolConfig } from 'pg'
import type { Settings } from '../../config/settings.ts'
import type { Log } from '../logger.ts'
import { joinEmbedded } from './embedded.ts'
import * as line from './migrations/0001-line.ts'
import * as staff from './migrations/0002-staff.ts'
import * as duplicates from './migrations/0003-duplicates.ts'
import * as constituents from './migrations/0004-constituents.ts'
import * as documents from './migrations/0005-documents.ts'
import * as mailroom from './migrations/0006-mailroom.ts'
import * as textsAndCalls from './migrations/0007-texts-and-calls.ts'
import * as api from './migrations/0008-api.ts'
import * as webhooks from './migrations/0009-webhooks.ts'
import * as identity from './migrations/0010-identity.ts'
import * as campaigns from './migrations/0011-campaigns.ts'
import * as open311 from './migrations/0012-open311.ts'
import type { Tables } from './tables.ts'

export type Db = Kysely<Tables>

export interface Database {
  readonly db: Db
  readonly pool: Pool
  /** How to connect, for other pools on the same database (BullMQ's). */
  readonly connection: PoolConfig
  close(): Promise<void>
}

const migrations: Record<string, Migration> = {
  '0001-line': line,
  '0002-staff': staff,
  '0003-duplicates': duplicates,
  '0004-constituents': constituents,
  '0005-documents': documents,
  '0006-mailroom': mailroom,
  '0007-texts-and-calls': textsAndCalls,
  '0008-api': api,
  '0009-webhooks': webhooks,
  '0010-identity': identity,
  '0011-campaigns': campaigns,
  '0012-open311': open311
}

/**
 * Opens the system of record and brings its tables up to date: DATABASE_URL, or the embedded PostgreSQL in DATA_DIR.
 * @throws EvenhandError DATABASE_START when the embedded server cannot run; the driver's error for a DATABASE_URL that fails.
 */
export async function openDatabase(settings: Pick<Settings, 'DATABASE_URL' | 'DATA_DIR'>, log: Log): Promise<Database> {
  const embedded = settings.DATABASE_URL ? undefined : await joinEmbedded(settings.DATA_DIR, log)
  const connection: PoolConfig = embedded?.connection ?? { connectionString: settings.DATABASE_URL!, application_name: 'evenhand' }
  const pool = new Pool({ ...connection, max: 12, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 30_000 })
  // An idle connection that breaks (server killed) is the pool's to replace, not a reason to end the process.
  pool.on('error', (error) => log.debug({ err: error }, 'an idle database connection was lost'))
  // Nor is one that breaks while it is in use: its statement fails, and its 'error' event would otherwise end the process.
  pool.on('connect', (client) => client.on('error', (error) => log.debug({ err: error }, 'a database connection was lost')))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  await migrate(db)
  return {
    db, pool, connection,
    async close() {
      await db.destroy()
      await embedded?.leave()
    }
  }
}

/** Migrations still to run, and ones the database has had that this program does not know: it is newer than the program. */
export async function compareMigrations(db: Db): Promise<{ missing: string[]; unknown: string[] }> {
  const { rows: [table] } = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(db)
  const { rows } = table!.there ? await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db) : { rows: [] }
  const run = rows.map(({ name }) => name)
  const known = Object.keys(migrations)
  return { missing: known.filter((name) => !run.includes(name)), unknown: run.filter((name) => !known.includes(name)) }
}

/** Runs what is missing; Kysely's migrator holds an advisory lock, so that processes starting together run it once. */
async function migrate(db: Db): Promise<void> {
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest()
  if (error) throw error instanceof Error ? error : new Error('migration failed', { cause: error })
}

/** The same connection for a room that knows only its own tables and writes its SQL itself. */
export function anyTables(db: Db): Kysely<unknown> {
  return db as unknown as Kysely<unknown>
}
