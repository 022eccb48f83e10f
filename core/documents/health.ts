/**
 * How the reading of documents gets on, for those who look after the installation. Nothing here
 * changes anything.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** Documents of contacts not read yet, and for how many milliseconds no page of theirs was stored. */
export async function countUnread(db: Db): Promise<{ count: number; idle: number }> {
  const { rows } = await sql<{ count: number; idle: number }>`
    select count(*)::int as count, coalesce(extract(epoch
      from clock_timestamp() - max(updated_at)), 0)::float8 * 1000 as idle from documents
      where outcome is null and not pages_only`.execute(db)
  return rows[0]!
}

/**
 * Contacts that have waited for their documents for over a day, or for so many seconds though all
 * are read.
 */
export async function countHeldUp(
  db: Db,
  seconds: number
): Promise<{ count: number; oldest: number }> {
  const { rows } = await sql<{ count: number; oldest: number }>`
    select count(*)::int as count, coalesce(extract(epoch
      from clock_timestamp() - min(arrived_at)), 0)::float8 * 1000 as oldest from contacts
    where state = 'documents' and (arrived_at < now() - interval '1 day'
      or (updated_at < now() - ${seconds} * interval '1 second' and not exists (
      select from contact_documents join documents using (sha256) where contact_id = contacts.id
        and (outcome is null or documents.updated_at > now() - ${seconds} * interval
          '1 second'))))`.execute(db)
  return rows[0]!
}
