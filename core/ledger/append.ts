/**
 * The append-only record of every state change. `turn` orders what happens to one department's
 * line; see line.ts for its lock.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type EventKind =
  | 'contact.accepted'
  | 'contact.quarantined'
  | 'contact.released'
  | 'contact.transcribed'
  | 'contact.joined'
  | 'contact.left'
  | 'contact.set-aside'
  | 'contact.discarded'
  | 'contact.restored'
  | 'case.entered'
  | 'case.taken'
  | 'case.returned'
  | 'case.passed'
  | 'case.paused'
  | 'case.resumed'
  | 'case.transferred'
  | 'case.handed-off'
  | 'case.reopened'
  | 'case.closed'
  | 'case.split'
  | 'case.joined'
  | 'case.unjoined'
  | 'contact.fetched'
  | 'contact.named'
  | 'contact.attributed'
  | 'updates.confirmed'
  | 'updates.stopped'
  | 'answer.opened'
  | 'consent.given'
  | 'consent.withdrawn'
  | 'message.sent'
  | 'message.not-sent'
  | 'receipt.owed'
  | 'receipt.not-owed'
  | 'receipt.sent'
  | 'receipt.not-sent'
  | `${'receipt' | 'message'}.${'delayed' | 'delivered' | 'relayed' | 'expanded' | 'read' | 'deleted' | 'complaint'}`
  | 'batch.logged'
  | 'batch.separators-printed'
  | 'batch.parted'
  | 'batch.scan-added'
  | 'batch.finished'
  | 'batch.held'
  | 'batch.drawn'
  | 'batch.released'
  | 'sheet.turned'
  | 'sheet.kind-set'
  | 'scan.side-set'
  | 'letter.split'
  | 'letter.joined'
  | 'letter.remade'
  | 'contact.reread'
  | 'letter.described'
  | 'enclosure.logged'
  | 'enclosure.confirmed'
  | 'link.made'
  | 'link.joined'
  | 'link.declined'
  | 'link.undone'
  | 'case.answered'
  | 'case.noted'
  | 'reply.proposed'
  | 'reply.sent-back'
  | 'duty.opened'
  | 'duty.settled'
  | 'campaign.left'
  | 'campaign.split'
  | 'constituent.linked'
  | 'constituent.unlinked'
  | 'constituent.suggested'
  | 'constituent.merged'
  | 'constituent.unmerged'
  | 'staff.invited'
  | 'staff.joined'
  | 'staff.changed'
  | 'staff.disabled'
  | 'staff.enabled'
  | 'webhook.stopped'
  | 'webhook.started'
  | 'webhook.set-aside'
  | 'webhook.sent-again'
  | 'webhook.dismissed'
  | 'key.added'
  | 'key.rotated'
  | 'key.disabled'
  | 'ledger.marks-begun'

export interface LedgerEvent {
  readonly kind: EventKind
  /** Set for what changes a department's line; the turn is drawn as the event is written. */
  readonly department?: string | undefined
  readonly caseId?: string | undefined
  readonly contactId?: string | undefined
  /**
   * Who: `staff:<id>`, `system:<part>`, `cli:<user>`, `channel:<kind>`, `key:<id>` of another
   * system.
   */
  readonly actor: string
  readonly data?: Readonly<Record<string, unknown>>
}

/**
 * Writes events in their order. The caller's transaction holds the line lock of every department
 * named.
 */
export async function appendEvents(db: Db, events: readonly LedgerEvent[]): Promise<void> {
  if (events.length === 0) return
  const column = <T>(pick: (event: LedgerEvent) => T) => events.map(pick)
  await sql`
    insert into events (kind, department, turn, case_id, contact_id, actor, data)
    select kind, department, case when department is not null then nextval('turns') end, case_id,
      contact_id, actor, data
    from unnest(
      ${column((event) => event.kind)}::text[],
        ${column((event) => event.department ?? null)}::text[],
        ${column((event) => event.caseId ?? null)}::uuid[],
      ${column((event) => event.contactId ?? null)}::uuid[],
        ${column((event) => event.actor)}::text[],
        ${column((event) => JSON.stringify(event.data ?? {}))}::jsonb[]
    ) with ordinality as given (kind, department, case_id, contact_id, actor, data, n)
    order by n`.execute(db)
}

/**
 * The part of a statement that records what the statement does to contacts: from rows of kind,
 * contact, actor and data.
 */
export function contactEvents(rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`insert into events (kind, contact_id, actor, data) ${rows}`
}

/** The same for what is about a case beside its place: from rows of kind, case, contact, actor, data. */
export function caseEvents(rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`insert into events (kind, case_id, contact_id, actor, data) ${rows}`
}

/**
 * The same for what changes a department's line, whose lock the statement holds: from rows of kind,
 * department, case_id, actor and data; the turn is drawn as each is written.
 */
export function lineEvents(rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`insert into events (kind, department, turn, case_id, actor, data)
      select kind, department, nextval('turns'), case_id, actor, data
      from (${rows}) as news (kind, department, case_id, actor, data)`
}
