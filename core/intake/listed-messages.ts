/**
 * Messages that a mail server told of, written down before they are taken: one that says only what
 * is new says it once.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** The messages of a folder as the server numbers them, or names them. */
export interface Numbering {
  /** Where the mailbox is (`mailboxLocation`). */
  readonly place: string
  /** Another one means that the server has numbered anew; 0 where names are for ever. */
  readonly uidValidity: bigint
}

interface ListedMessage {
  readonly message: string
  /** When it came to the mailbox, as the server says. */
  readonly receivedAt: Date
}

export interface ListedPage {
  readonly listed: readonly ListedMessage[]
  /** Messages that are no longer in the folder. */
  readonly removed: readonly string[]
  /** Where the server goes on telling, at most 8,192 characters. */
  readonly cursor: string
  /** Whether all was told for now. */
  readonly ends: boolean
}

export interface ListedMessages {
  /** Where to go on; undefined to begin. */
  cursor(numbering: Numbering): Promise<string | undefined>
  /** Writes a page down, and where to go on, at once. */
  noteListed(numbering: Numbering, page: ListedPage): Promise<void>
  /** Has everything told anew. What was taken stays so. */
  startOver(numbering: Numbering): Promise<void>
  /** Those of the messages that nothing is known of. */
  unlisted(numbering: Numbering, messages: readonly string[]): Promise<string[]>
  /** A message that is gone is not waited for; one that was taken stays so. */
  removed(numbering: Numbering, messages: readonly string[]): Promise<void>
  /**
   * What was not taken yet, from a day on: round by round, each oldest first. A message that is
   * put into the mailbox with a time long ago stands before nothing that was told of before.
   */
  listedUntaken(numbering: Numbering, since: string): Promise<ListedMessage[]>
}

export function openListedMessages(db: Db): ListedMessages {
  return {
    cursor: (numbering) => cursor(db, numbering),
    noteListed: (numbering, page) => noteListed(db, numbering, page),
    async startOver({ place }) {
      await sql`update mailbox_states set cursor = null where place = ${place}`.execute(db)
    },
    unlisted: (numbering, messages) => unlisted(db, numbering, messages),
    async removed({ place, uidValidity }, messages) {
      await sql`delete from mailbox_messages where place = ${place} and contact_id is null
        and uid_validity = ${uidValidity} and message = any(${messages}::text[])`.execute(db)
    },
    listedUntaken: (numbering, since) => listedUntaken(db, numbering, since)
  }
}

async function cursor(db: Db, { place }: Numbering): Promise<string | undefined> {
  const { rows } = await sql<{ cursor: string | null }>`
    select cursor from mailbox_states where place = ${place}`.execute(db)
  return rows[0]?.cursor ?? undefined
}

async function noteListed(
  db: Db,
  { place, uidValidity }: Numbering,
  { listed, removed, cursor: next, ends }: ListedPage
): Promise<void> {
  await sql`
    with gone as (
      delete from mailbox_messages where place = ${place} and contact_id is null
        and uid_validity = ${uidValidity} and message = any(${removed}::text[])
    ), noted as (
      insert into mailbox_messages (place, uid_validity, message, round, received_at)
      select ${place}, ${uidValidity}, message, round, received_at
        from unnest(${listed.map(({ message }) => message)}::text[],
          ${listed.map(({ receivedAt }) => receivedAt)}::timestamptz[]) as given (message,
            received_at),
          mailbox_states where mailbox_states.place = ${place}
      on conflict (place, uid_validity, message) do nothing
    )
    update mailbox_states set cursor = ${next}, round = round + ${ends ? 1 : 0}::int
      where place = ${place}`.execute(db)
}

async function unlisted(
  db: Db,
  { place, uidValidity }: Numbering,
  messages: readonly string[]
): Promise<string[]> {
  if (messages.length === 0) return []
  const { rows } = await sql<{ message: string }>`
    select message from unnest(${messages}::text[]) as asked (message)
    where not exists (select 1 from mailbox_messages as m where m.place = ${place}
      and m.uid_validity = ${uidValidity} and m.message = asked.message)`.execute(db)
  return rows.map(({ message }) => message)
}

async function listedUntaken(
  db: Db,
  { place, uidValidity }: Numbering,
  since: string
): Promise<ListedMessage[]> {
  const { rows } = await sql<ListedMessage>`
    select message, received_at as "receivedAt" from mailbox_messages
    where place = ${place} and uid_validity = ${uidValidity} and contact_id is null
      and received_at >= (${since}::date)::timestamp at time zone 'UTC'
    order by round, received_at, message`.execute(db)
  return rows
}
