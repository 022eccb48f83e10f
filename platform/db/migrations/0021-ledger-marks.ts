import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * From here on every link between contacts and every message has its events. How many rows there
 * are without is put into the ledger once: more than that were written past it. Nothing is put
 * there where there are none.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  // As for accounts: with it erased, nobody can try out which name a mark was made of.
  'alter table api_keys add column salt uuid not null default gen_random_uuid()',
  `insert into events (kind, actor, data)
    select 'ledger.marks-begun', 'system:migration', jsonb_build_object('links', links, 'messages', messages, 'addressees', addressees) from (
      select (select count(*) from case_links) as links,
        (select count(*) from outbound where state <> 'waiting' and not exists (
          select from events where events.contact_id = outbound.contact_id and events.kind in ('receipt.sent', 'message.sent', 'receipt.not-sent', 'message.not-sent')
            and coalesce(data ->> 'as', 'acknowledgement') = outbound.kind)) as messages,
        (select count(*) from outbound where addressee is not null) as addressees
    ) as counted where links > 0 or messages > 0 or addressees > 0`
]
