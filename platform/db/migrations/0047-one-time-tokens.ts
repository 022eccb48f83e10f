import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** Hashes of providers' one-time tokens and of what each came with, for as long as it counts. */
export async function up(db: Db): Promise<void> {
  await sql`
    create table one_time_tokens (token text primary key, use text not null,
      expires_at timestamptz not null)`.execute(db)
  await sql`create index one_time_tokens_expire on one_time_tokens (expires_at)`.execute(db)
}
