/**
 * Receipts that go out when custody is taken: before a contact's documents are read, and so before
 * its department is known. Whether one of them is due at all may show only when the contact is
 * settled (it joins a case, repeats a delivery, names nobody who can be told): such a duty is taken
 * back and settling owes it anew. One row per contact and kind makes it one receipt, whoever owes
 * it first.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { contactEvents } from '../ledger/append.ts'
import type { EnvelopeDraft } from '../envelope.ts'
import { receiptOfToken } from '../contacts/receipts.ts'
import { verifyReplyToken } from './reply-tokens.ts'

/** Whom to tell, of a contact whose envelope waits for files that a provider keeps. */
export type Addressee = Pick<EnvelopeDraft, 'sender' | 'evidence' | 'subject' | 'language' | 'text'>

/**
 * Owes a receipt to contacts that wait for their documents or for a person; none to one that nobody
 * vouches for. Answers which.
 */
export async function enqueueEarlyReceipt(
  trx: Db,
  contactIds: readonly string[],
  addressee?: Addressee
): Promise<string[]> {
  if (contactIds.length === 0) return []
  const { rows } = await sql<{ contact_id: string }>`
    with entries as (
      insert into outbound (id, contact_id, kind, addressee)
      select gen_random_uuid(), id, 'acknowledgement',
        ${addressee ? JSON.stringify(addressee) : null}::jsonb from contacts
      where id = any(${contactIds}::uuid[]) and state <> 'settled'
        and coalesce(kind, 'message') = 'message' and evidence ->> 'quarantine' is null
      on conflict (contact_id, kind) do nothing returning contact_id, addressee
    ), recorded as (
      ${contactEvents(sql`select 'receipt.owed', contact_id, 'system:read',
          case when addressee is null then '{}' else jsonb_build_object('mark',
            said_mark(receipt, addressee)) end from entries
          join contacts on contacts.id = contact_id`)}
    )
    select contact_id from entries`.execute(trx)
  return rows.map((row) => row.contact_id)
}

/**
 * Of contacts that are not settled yet, those of which only settling can say whether they are news:
 * they answer a receipt of ours, or their bytes came before.
 */
export async function findUndecided(
  db: Db,
  contactIds: readonly string[],
  secret: Uint8Array
): Promise<Set<string>> {
  if (contactIds.length === 0) return new Set()
  const { rows } = await sql<{ id: string; tokens: string[]; repeats: boolean }>`
    select id, tokens, external_id like 'sha256:%' and exists (
      select from contacts as earlier where earlier.raw_sha256 = contacts.raw_sha256
        and earlier.external_id like 'sha256:%' and earlier.ordinal < contacts.ordinal) as repeats
    from contacts where id = any(${contactIds}::uuid[])`.execute(db)
  const answers = (token: string) =>
    (receiptOfToken(token) ?? verifyReplyToken(token, secret)) !== undefined
  return new Set(
    rows.filter(({ tokens, repeats }) => repeats || tokens.some(answers)).map(({ id }) => id)
  )
}

/**
 * Takes back what is still owed to contacts that settling found to be no news: they joined a case,
 * or were delivered before. Called by settling, in its transaction.
 */
export async function withdrawEarly(trx: Db, contactIds: readonly string[]): Promise<void> {
  if (contactIds.length === 0) return
  await sql`
    with gone as (
      delete from outbound where contact_id = any(${contactIds}::uuid[])
        and kind = 'acknowledgement' and state = 'waiting' returning contact_id
    )
    ${contactEvents(sql`select 'receipt.not-owed', contact_id, 'system:settle', '{}'::jsonb
        from gone`)}`.execute(trx)
}

/**
 * Takes duties back that came too early. Of a contact settled in the meantime the duty stands: the
 * lock waits for a settling under way.
 */
export async function takeBack(db: Db, outboundIds: readonly string[]): Promise<void> {
  if (outboundIds.length === 0) return
  await sql`
    with early as (
      select outbound.id from outbound join contacts on contacts.id = outbound.contact_id
      where outbound.id = any(${outboundIds}::uuid[]) and contacts.state <> 'settled' for
        update of contacts
    ), gone as (
      delete from outbound using early where outbound.id = early.id
        and outbound.state = 'waiting' returning contact_id, kind
    )
    ${contactEvents(sql`select 'receipt.not-owed', contact_id, 'system:outbound', case
        when kind = 'acknowledgement' then '{}' else jsonb_build_object('as', kind) end
        from gone`)}`.execute(db)
  // What was settled meanwhile is owed at once.
  await sql`update outbound set due_at = now() where id = any(${outboundIds}::uuid[])
      and state = 'waiting'`.execute(db)
}
