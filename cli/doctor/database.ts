/**
 * The system of record: reachable, durable, up to date, and with a clock that agrees. Looks only;
 * never migrates.
 */
import fs from 'node:fs'
import path from 'node:path'
import type { Settings } from '../../config/settings.ts'
import { compareMigrations, type Db } from '../../platform/db/database.ts'
import {
  findUnsafeSettings,
  lookIntoDatabase,
  readClock,
  readVersion
} from '../../platform/db/health.ts'
import { fail, guarded, ok, warn, type Check } from './check.ts'

const TESTED_VERSION = 18
const CLOCK_LIMIT_MS = 5_000

const advice = {
  embedded:
    'Read postgres.log in DATA_DIR; the disk may be full or the folder owned by another account.',
  url: 'Check DATABASE_URL, that the server runs, and that it lets this machine and account in.'
}

/** Checks the database and, when its tables are all there, whatever `more` looks at. */
export function checkDatabase(
  settings: Settings,
  more: (db: Db) => Promise<Check[]>
): Promise<Check[]> {
  const embedded = settings.DATABASE_URL === undefined
  if (embedded && !fs.existsSync(path.join(settings.DATA_DIR, 'postgres', 'PG_VERSION'))) {
    return Promise.resolve([
      ok('database', `no database in ${settings.DATA_DIR} yet; the first start makes it`)
    ])
  }
  return guarded('database', embedded ? advice.embedded : advice.url, () =>
    lookIntoDatabase(settings, async (db) => {
      const [version, durability, clock] = [
        await checkVersion(db),
        await checkDurability(db),
        await checkClock(db)
      ]
      const migrations = await checkMigrations(db)
      return [
        version,
        ...durability,
        clock,
        migrations,
        ...(migrations.state === 'ok' ? await more(db) : [])
      ]
    })
  )
}

async function checkVersion(db: Db): Promise<Check> {
  const { version, major } = await readVersion(db)
  if (major >= TESTED_VERSION) return ok('database', `connected to PostgreSQL ${version}`)
  return warn(
    'database',
    `connected to PostgreSQL ${version}`,
    `Evenhand is tested with PostgreSQL ${TESTED_VERSION}; plan an upgrade.`
  )
}

/** With any of these off, "accepted" would be said before the contact is on disk. */
async function checkDurability(db: Db): Promise<Check[]> {
  const off = await findUnsafeSettings(db)
  if (off.length === 0)
    return [ok('durability', 'every commit is flushed to disk before it is confirmed')]
  return off.map((name) =>
    fail(
      'durability',
      `PostgreSQL runs with ${name} = off: an accepted contact can be lost`,
      `Set ${name} = on in postgresql.conf and reload.`
    )
  )
}

/** Arrivals are told by the database's clock, certificates and log lines by this machine's. */
async function checkClock(db: Db): Promise<Check> {
  const before = Date.now()
  const now = await readClock(db)
  const difference = Math.abs(now.getTime() - (before + Date.now()) / 2)
  const finding = `the database's clock and this machine's differ by ${difference < 1_000 ? 'less than a second' : `${Math.round(difference / 1_000)} seconds`}`
  return difference > CLOCK_LIMIT_MS
    ? warn('clock', finding, 'Let both machines keep time by NTP.')
    : ok('clock', finding)
}

async function checkMigrations(db: Db): Promise<Check> {
  const { missing, unknown } = await compareMigrations(db)
  if (unknown.length > 0)
    return fail(
      'migrations',
      `the database is newer than this program (${unknown.join(', ')})`,
      'Run the newer version of Evenhand, or restore the backup made before the upgrade.'
    )
  if (missing.length > 0)
    return warn(
      'migrations',
      `${missing.length} to run (${missing.join(', ')})`,
      'The next `evenhand start` runs them; make a backup first.'
    )
  return ok('migrations', 'all run')
}
