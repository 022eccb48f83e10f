/** What is owed to senders: once for each contact and kind, however often it is asked for. */
import { sql, type RawBuilder } from 'kysely'
import { newId } from '../../platform/ids.ts'
import type { Db } from '../../platform/db/database.ts'
import { contactEvents } from '../ledger/append.ts'

/** A contact by its delivery's identity. */
export async function identityOf(
  db: Db,
  channel: string,
  source: string,
  externalId: string
): Promise<{ id: string; receipt: string } | undefined> {
  return db
    .selectFrom('contacts')
    .select(['id', 'receipt'])
    .where('channel', '=', channel)
    .where('source', '=', source)
    .where('external_id', '=', externalId)
    .executeTakeFirst()
}

/** Notes that the receipt is to be texted; once for each contact, however often it is asked for. */
export async function enqueueTextReceipt(db: Db, contactId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with entries as (${enqueueRows(sql`select ${contactId}::uuid, 'receipt-by-text'`)}
      returning contact_id)
    ${contactEvents(sql`select 'receipt.owed', contact_id, 'system:outbound',
        '{"as": "receipt-by-text"}'::jsonb from entries`)}`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

/** Owes the receipt of a case, which settling has just decided on. */
export async function enqueueAcknowledgements(
  trx: Db,
  contactIds: readonly string[]
): Promise<void> {
  if (contactIds.length === 0) return
  await sql`
    insert into outbound (id, contact_id, kind) select id, contact_id, 'acknowledgement'
    from unnest(${contactIds.map(() => newId())}::uuid[], ${contactIds}::uuid[]) as given (id,
      contact_id)
    on conflict (contact_id, kind) do nothing`.execute(trx)
}

export interface NewNotice {
  readonly contactId: string
  readonly kind: `code:${string}` | `update:${string}`
}

/** Owes codes and updates to addresses that are not the sender's word alone (notices.ts). */
export async function enqueueNotices(trx: Db, notices: readonly NewNotice[]): Promise<void> {
  if (notices.length === 0) return
  await sql`
    with entries as (
      ${enqueueRows(sql`select * from unnest(${notices.map(({ contactId }) => contactId)}::uuid[],
        ${notices.map(({ kind }) => kind)}::text[])`)} returning contact_id, kind
    )
    ${contactEvents(sql`select 'receipt.owed', contact_id, 'system:outbound',
        jsonb_build_object('as', kind) from entries`)}`.execute(trx)
}

/**
 * A statement, or the part of one, that owes what rows of contact and kind say, due so many seconds
 * from now.
 */
export function enqueueRows(rows: RawBuilder<unknown>, seconds = 0): RawBuilder<unknown> {
  return sql`insert into outbound (id, contact_id, kind, due_at)
      select gen_random_uuid(), contact_id, kind, now() + make_interval(secs => ${seconds})
      from (${rows}) as news (contact_id, kind)
      on conflict (contact_id, kind) do nothing`
}

/**
 * Owes an answer to one contact. One that a person brings is due at no time: it waits for that
 * person.
 */
export async function enqueueAnswer(
  trx: Db,
  {
    answerId,
    contactId,
    byHand
  }: { readonly answerId: string; readonly contactId: string; readonly byHand: boolean }
): Promise<void> {
  await sql`
    insert into outbound (id, contact_id, kind, due_at)
    values (${newId()}, ${contactId}, ${`answer:${answerId}`},
      ${byHand ? sql`'infinity'::timestamptz` : sql`now()`})
    on conflict (contact_id, kind) do nothing`.execute(trx)
}
