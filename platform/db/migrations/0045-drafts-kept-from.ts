import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * A draft whose words another window kept says so: since when, until somebody changes them. Found in
 * the box without a word about it, they look like one's own.
 */
export async function up(db: Db): Promise<void> {
  await sql`alter table drafts add column kept_from timestamptz`.execute(db)
}
