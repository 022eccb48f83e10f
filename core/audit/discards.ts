/**
 * Checks contacts that staff put aside in quarantine: counts them by the ledger, and finds where
 * the contacts table disagrees.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/**
 * Counts contacts whose last event in the ledger is that they were put aside, and names those for
 * which the table says something else.
 */
export async function checkDiscards(
  db: Db,
  limit: number
): Promise<{ discarded: number; problems: string[] }> {
  const { rows } = await sql<{ contact_id: string; by_ledger: boolean; by_table: boolean }>`
    with last as (
      select distinct on (contact_id) contact_id, kind = 'contact.discarded' as discarded
        from events
      where kind in ('contact.discarded', 'contact.restored', 'contact.released')
        and contact_id is not null order by contact_id, id desc
    )
    select coalesce(last.contact_id, contacts.id) as contact_id, coalesce(last.discarded,
      false) as by_ledger, contacts.discarded_at is not null as by_table
    from last full join contacts on contacts.id = last.contact_id where last.discarded
      or contacts.discarded_at is not null`.execute(db)
  const problems = rows
    .filter((row) => row.by_ledger !== row.by_table)
    .slice(0, limit)
    .map(
      (row) =>
        `contact ${row.contact_id} is ${row.by_table ? 'put aside' : 'not put aside'}, and the ledger says otherwise`
    )
  return { discarded: rows.filter((row) => row.by_ledger).length, problems }
}
