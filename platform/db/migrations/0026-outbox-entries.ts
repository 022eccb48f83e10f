import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * From here on every message that is owed before its case is there, or beside one, has an event of
 * it. What is owed at this moment is put into the ledger once, so that more than that shows.
 */
export async function up(db: Db): Promise<void> {
  await sql`
    insert into events (kind, contact_id, actor, data)
    select 'receipt.owed', contact_id, 'system:migration', case
      when outbound.kind = 'acknowledgement' then '{}'::jsonb
      else jsonb_build_object('as', outbound.kind) end || case when addressee is null then '{}'
      else jsonb_build_object('mark', said_mark(receipt, addressee)) end
    from outbound join contacts on contacts.id = contact_id
    where outbound.state = 'waiting'
      and outbound.kind in ('acknowledgement', 'receipt-by-text', 'help')
      and not exists (select from events where events.contact_id = outbound.contact_id
        and events.kind = 'receipt.owed'
        and coalesce(data ->> 'as', 'acknowledgement') = outbound.kind)`.execute(db)
}
