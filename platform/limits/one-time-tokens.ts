/**
 * What a provider's one-time token came with first. Whoever sees one could send something else by
 * it, to another process than the one that took the first.
 */
import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

/** Rows that nobody needs any more, taken away with each new one, so that the table stays small. */
const CLEARED = 10

/**
 * Whether a token came with this and nothing else, over all processes.
 * @param use what it comes with, or its hash
 * @param ms how long it is remembered: no shorter than the token counts
 */
export async function isTokenFor(db: Db, token: string, use: string, ms: number): Promise<boolean> {
  const [key, used] = [hash('sha256', token), hash('sha256', use)]
  await sql`
    with cleared as (
      delete from one_time_tokens where token in (select token from one_time_tokens
        where expires_at < now() limit ${CLEARED} for update skip locked)
    )
    insert into one_time_tokens (token, use, expires_at)
      values (${key}, ${used}, now() + make_interval(secs => ${ms / 1000}))
      on conflict (token) do nothing`.execute(db)
  // A statement of its own: only so a row is seen that another process wrote meanwhile.
  const { rows } =
    await sql`select from one_time_tokens where token = ${key} and use = ${used}`.execute(db)
  return rows.length > 0
}
