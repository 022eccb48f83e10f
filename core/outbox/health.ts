/**
 * Counts what residents have not been sent yet, for administrators and for the sweep. Nothing here
 * changes anything.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { FILED } from '../line/answered.ts'

/** Messages given up, messages that will be tried again, and those only written to files. */
export async function countUnsent(
  db: Db
): Promise<{ failed: number; late: number; filed: number }> {
  const { rows } = await sql<{ failed: number; late: number; filed: number }>`
    select count(*) filter (where state = 'failed')::int as failed,
      count(*) filter (where state = 'waiting' and (attempts > 0
        or due_at < now() - interval '5 minutes'))::int as late,
      count(*) filter (where state = 'sent')::int as filed
    from outbound where state in ('failed', 'waiting')
      or (state = 'sent' and delivery = ${FILED})`.execute(db)
  return rows[0]!
}

/** Contacts with a message that is due to be sent, longest due first. */
export async function findDueOutbox(db: Db, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom('outbound')
    .select('contact_id')
    .where('state', '=', 'waiting')
    .where('due_at', '<', sql<Date>`now()`)
    .orderBy('due_at')
    .limit(most)
    .execute()
  return rows.map((row) => row.contact_id)
}
