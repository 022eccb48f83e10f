import {
  HandleEmptyInListsPlugin,
  Kysely,
  PostgresDialect,
  replaceWithNoncontingentExpression,
  sql
} from 'kysely'
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
import * as newLooks from './migrations/0014-new-looks.ts'
import * as insideDocuments from './migrations/0015-inside-documents.ts'
import * as writers from './migrations/0016-writers.ts'
import * as ledgerNumbers from './migrations/0019-ledger-numbers.ts'
import * as locks from './migrations/0020-locks.ts'
import * as ledgerMarks from './migrations/0021-ledger-marks.ts'
import * as rateLimits from './migrations/0023-rate-limits.ts'
import * as words from './migrations/0024-words.ts'
import * as envelopeSize from './migrations/0025-envelope-size.ts'
import * as outboxEntries from './migrations/0026-outbox-entries.ts'
import * as replies from './migrations/0027-replies.ts'
import * as outcomes from './migrations/0030-outcomes.ts'
import * as search from './migrations/0033-search.ts'
import * as pageStore from './migrations/0036-page-store.ts'
import * as searchReplies from './migrations/0037-search-replies.ts'
import * as addressProofs from './migrations/0038-address-proofs.ts'
import * as draftsOfWindows from './migrations/0039-drafts-of-windows.ts'
import * as searchAnswers from './migrations/0040-search-answers.ts'
import * as readAgain from './migrations/0041-read-again.ts'
import * as mailboxes from './migrations/0042-mailboxes.ts'
import * as mailboxMessages from './migrations/0043-mailbox-messages.ts'
import * as answersByAddress from './migrations/0044-answers-by-address.ts'
import * as draftsKeptFrom from './migrations/0045-drafts-kept-from.ts'
import * as searchHeadings from './migrations/0046-search-headings.ts'
import * as oneTimeTokens from './migrations/0047-one-time-tokens.ts'
import * as complaintDuties from './migrations/0048-complaint-duties.ts'
import * as waitingForResidents from './migrations/0031-waiting-for-residents.ts'
import * as parts from './migrations/0032-parts.ts'
import type { Db, Tables } from './tables.ts'

export type { Db }

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
  '0012-open311': open311,
  '0014-new-looks': newLooks,
  '0015-inside-documents': insideDocuments,
  '0016-writers': writers,
  '0019-ledger-numbers': ledgerNumbers,
  '0020-locks': locks,
  '0021-ledger-marks': ledgerMarks,
  '0023-rate-limits': rateLimits,
  '0024-words': words,
  '0025-envelope-size': envelopeSize,
  '0026-outbox-entries': outboxEntries,
  '0027-replies': replies,
  '0030-outcomes': outcomes,
  '0031-waiting-for-residents': waitingForResidents,
  '0032-parts': parts,
  '0033-search': search,
  '0036-page-store': pageStore,
  '0037-search-replies': searchReplies,
  '0038-address-proofs': addressProofs,
  '0039-drafts-of-windows': draftsOfWindows,
  '0040-search-answers': searchAnswers,
  '0041-read-again': readAgain,
  '0042-mailboxes': mailboxes,
  '0043-mailbox-messages': mailboxMessages,
  '0044-answers-by-address': answersByAddress,
  '0045-drafts-kept-from': draftsKeptFrom,
  '0046-search-headings': searchHeadings,
  '0047-one-time-tokens': oneTimeTokens,
  '0048-complaint-duties': complaintDuties
}

/**
 * Opens the system of record and brings its tables up to date: DATABASE_URL, or the embedded
 * PostgreSQL in DATA_DIR.
 * @throws EvenhandError DATABASE_START when the embedded server cannot run; the driver's error for
 * a DATABASE_URL that fails.
 */
export async function openDatabase(
  settings: Pick<Settings, 'DATABASE_URL' | 'DATA_DIR'>,
  log: Log
): Promise<Database> {
  const embedded = settings.DATABASE_URL ? undefined : await joinEmbedded(settings.DATA_DIR, log)
  const connection: PoolConfig = embedded?.connection ?? {
    connectionString: settings.DATABASE_URL!,
    application_name: 'evenhand'
  }
  const pool = new Pool({
    ...connection,
    max: 12,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000
  })
  // An idle connection that breaks (server killed) is the pool's to replace, not a reason to end
  // the process.
  pool.on('error', (error) => log.debug({ err: error }, 'an idle database connection was lost'))
  // Nor is one that breaks while it is in use: its statement fails, and its 'error' event would
  // otherwise end the process.
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ err: error }, 'a database connection was lost'))
  )
  // `in ()` is a syntax error in SQL: a list that happens to be empty finds nothing instead.
  const plugins = [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })]
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins })
  const close = async () => {
    await db.destroy()
    await embedded?.leave()
  }
  try {
    await migrate(db)
  } catch (error) {
    await close()
    throw error
  }
  return { db, pool, connection, close }
}

/**
 * Migrations still to run, and ones the database has had that this program does not know: it is
 * newer than the program.
 */
export async function compareMigrations(db: Db): Promise<{ missing: string[]; unknown: string[] }> {
  const {
    rows: [table]
  } = await sql<{
    there: boolean
  }>`select to_regclass('kysely_migration') is not null as there`.execute(db)
  const { rows } = table!.there
    ? await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
    : { rows: [] }
  const run = rows.map(({ name }) => name)
  const known = Object.keys(migrations)
  return {
    missing: known.filter((name) => !run.includes(name)),
    unknown: run.filter((name) => !known.includes(name))
  }
}

/**
 * Runs what is missing; Kysely's migrator holds an advisory lock, so that processes starting
 * together run it once.
 */
async function migrate(db: Db): Promise<void> {
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations }
  }).migrateToLatest()
  if (error) throw error instanceof Error ? error : new Error('migration failed', { cause: error })
}
