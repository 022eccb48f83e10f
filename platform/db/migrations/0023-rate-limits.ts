import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * What keys and addresses did in their running minute, for all processes; the columns are
 * rate-limiter-flexible's.
 */
export async function up(db: Db): Promise<void> {
  // Unlogged: a minute's counts are not worth a write to the log, and may be gone after a crash.
  await sql`create unlogged table rate_limits (key text primary key, points integer not null, expire bigint not null)`.execute(
    db
  )
  await sql`create index rate_limits_expire on rate_limits (expire)`.execute(db)
}
