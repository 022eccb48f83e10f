/**
 * Rows without an event of their own: those of before such events were written, counted in the
 * ledger at the upgrade, and no more.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

interface Unmarked {
  readonly links: number
  readonly messages: number
  readonly addressees: number
}

export async function countUnmarked(db: Db): Promise<Unmarked> {
  const {
    rows: [found]
  } = await sql<Unmarked>`
    select (select count(*)::int from case_links where not exists (select from events
      where kind = 'link.made' and (data ->> 'link')::uuid = case_links.id)) as links,
      (select count(*)::int from outbound where state <> 'waiting' and not exists (
        select from events where events.contact_id = outbound.contact_id
          and events.kind in ('receipt.sent', 'message.sent', 'receipt.not-sent',
          'message.not-sent')
          and coalesce(data ->> 'as', 'acknowledgement') = outbound.kind)) as messages,
      (select count(*)::int from outbound where addressee is not null and not exists (select
        from events where events.contact_id = outbound.contact_id
        and kind = 'receipt.owed' and data ? 'mark')) as addressees`.execute(db)
  return found!
}

function say(there: number, told: number, what: string): string[] {
  if (there > told) return [`${there - told} of the ${what} in the tables are not in the ledger`]
  return there < told ? [`${told - there} of the ${what} of before their events are missing`] : []
}

export async function checkUnmarked(db: Db): Promise<string[]> {
  const {
    rows: [begun]
  } = await sql<Partial<Unmarked>>`
    select (data ->> 'links')::int as links, (data ->> 'messages')::int as messages,
      (data ->> 'addressees')::int as addressees from events where kind = 'ledger.marks-begun'
      order by id limit 1`.execute(db)
  const now = await countUnmarked(db)
  return [
    ...say(now.links, begun?.links ?? 0, 'links between contacts'),
    ...say(now.messages, begun?.messages ?? 0, 'ends of messages'),
    // An early receipt may be taken back before it is sent.
    ...say(
      Math.max(now.addressees, begun?.addressees ?? 0),
      begun?.addressees ?? 0,
      'addressees of early receipts'
    )
  ]
}
