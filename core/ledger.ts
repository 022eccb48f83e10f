/** The append-only record of every state change. `turn` orders what happens to one department's line; see line.ts for its lock. */
import { sql } from 'kysely'
import type { Db } from './db/database.ts'

export type EventKind =
  | 'contact.accepted' | 'contact.quarantined' | 'contact.released' | 'contact.transcribed' | 'contact.joined' | 'contact.left' | 'contact.set-aside'
  | 'case.entered' | 'case.taken' | 'case.returned' | 'case.passed' | 'case.transferred' | 'case.handed-off' | 'case.reopened' | 'case.closed' | 'case.joined' | 'case.unjoined'
  | 'contact.fetched' | 'consent.given' | 'consent.withdrawn' | 'message.sent' | 'message.not-sent' | 'receipt.delivered'
  | 'receipt.sent' | 'receipt.not-sent'
  | 'batch.logged' | 'batch.scan-added' | 'batch.finished' | 'batch.held' | 'batch.drawn' | 'batch.released'
  | 'sheet.turned' | 'sheet.kind-set' | 'scan.side-set' | 'letter.split' | 'letter.joined' | 'letter.remade' | 'letter.described' | 'enclosure.logged' | 'enclosure.confirmed'
  | 'link.joined' | 'link.declined' | 'case.answered' | 'campaign.left' | 'campaign.split'
  | 'constituent.linked' | 'constituent.unlinked' | 'constituent.merged' | 'constituent.unmerged'
  | 'staff.invited' | 'staff.joined' | 'staff.changed' | 'staff.disabled'
  | 'webhook.stopped' | 'webhook.started' | 'webhook.set-aside' | 'webhook.sent-again' | 'webhook.dismissed'
  | 'key.added' | 'key.rotated' | 'key.disabled'

export interface LedgerEvent {
  readonly kind: EventKind
  /** Set for what changes a department's line; the turn is drawn as the event is written. */
  readonly department?: string | undefined
  readonly caseId?: string | undefined
  readonly contactId?: string | undefined
  /** Who: `staff:<id>`, `system:<part>`, `cli:<user>`, `channel:<kind>`, `key:<id>` of another system. */
  readonly actor: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** Writes events in their order. The caller's transaction holds the line lock of every department named. */
export async function appendEvents(db: Db, events: readonly LedgerEvent[]): Promise<void> {
  if (events.length === 0) return
  const column = <T>(pick: (event: LedgerEvent) => T) => events.map(pick)
  await sql`
    insert into events (kind, department, turn, case_id, contact_id, actor, data)
    select kind, department, case when department is not null then nextval('turns') end, case_id, contact_id, actor, data
    from unnest(
      ${column((event) => event.kind)}::text[], ${column((event) => event.department ?? null)}::text[], ${column((event) => event.caseId ?? null)}::uuid[],
      ${column((event) => event.contactId ?? null)}::uuid[], ${column((event) => event.actor)}::text[], ${column((event) => JSON.stringify(event.data ?? {}))}::jsonb[]
    ) with ordinality as given (kind, department, case_id, contact_id, actor, data, n)
    order by n`.execute(db)
}
