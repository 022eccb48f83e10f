import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * How long an envelope is, kept with it: settling bounds its sets by that, and would unpack and
 * write out two hundred that wait to tell. PostgreSQL writes it whoever writes the envelope, and
 * leaves it be where the envelope stays.
 */
export async function up(db: Db): Promise<void> {
  await sql`alter table contacts add column envelope_bytes integer
    generated always as (octet_length(envelope::text)) stored`.execute(db)
}
