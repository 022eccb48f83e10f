/**
 * Our own record of what was taken from mailboxes. A message is written down after its contact is
 * on disk: a process that is killed between takes it again, and accepting recognises it.
 */
import { sql } from 'kysely'
import { unlessLocked } from '../../platform/db/advisory-locks.ts'
import type { Db } from '../../platform/db/database.ts'
import { openListedMessages, type ListedMessages, type Numbering } from './listed-messages.ts'

export type { ListedPage, Numbering } from './listed-messages.ts'

export interface Sorted {
  /** To be taken now, oldest first. */
  readonly untaken: string[]
  readonly taken: string[]
}

export interface TakenMessage {
  readonly message: string
  readonly contactId: string
}

export interface MailboxRecords extends ListedMessages {
  /** Runs the work, or answers undefined while another process pulls this mailbox. */
  exclusively<Result>(place: string, work: () => Promise<Result>): Promise<Result | undefined>
  /** Notes the numbering in use; answers the one before, if the server has numbered anew. */
  begin(numbering: Numbering): Promise<bigint | undefined>
  /** Leaves out those that failed several times and are not due yet. */
  sort(numbering: Numbering, messages: readonly string[]): Promise<Sorted>
  taken(numbering: Numbering, messages: readonly TakenMessage[], waiting: number): Promise<void>
  /** Notes that a message could not be taken; answers how often that was so. */
  failed(numbering: Numbering, message: string, reason: string): Promise<number>
  /** The mailbox, in which these messages are, was looked through without an error. */
  looked(numbering: Numbering, messages: readonly string[]): Promise<void>
  broken(place: string, failure: string): Promise<void>
}

export interface MailboxState {
  readonly place: string
  /** Messages that were there and not taken when it was last looked at. */
  readonly waiting: number
  /** Of these, ones that could not be taken. */
  readonly passedOver: number
  readonly lookedAt: Date | null
  readonly takenAt: Date | null
  readonly failedAt: Date | null
  readonly failure: string | null
}

/** A message that failed so often is passed over for a while, so that it holds up no other. */
export const TRIES = 3
const PASSED_OVER_FOR = sql`interval '1 hour'`

export function openMailboxRecords(db: Db): MailboxRecords {
  return {
    ...openListedMessages(db),
    exclusively: (place, work) => unlessLocked(db, { space: 'mailbox', key: place }, work),
    begin: (numbering) => begin(db, numbering),
    sort: (numbering, messages) => sort(db, numbering, messages),
    taken: (numbering, messages, waiting) => taken(db, numbering, messages, waiting),
    failed: (numbering, message, reason) => failed(db, numbering, message, reason),
    looked: (numbering, messages) => looked(db, numbering, messages),
    async broken(place, failure) {
      await sql`insert into mailbox_states (place, failed_at, failure)
        values (${place}, now(), ${failure}) on conflict (place) do update
        set failed_at = excluded.failed_at, failure = excluded.failure`.execute(db)
    }
  }
}

/** How mailboxes stand, in the order asked for; none for one that was never looked at. */
export async function mailboxStates(
  db: Db,
  places: readonly string[]
): Promise<ReadonlyMap<string, MailboxState>> {
  const { rows } = await sql<MailboxState>`
    select place, waiting, looked_at as "lookedAt", taken_at as "takenAt", failed_at as "failedAt",
      failure, (select count(*)::int from mailbox_messages as m where m.place = s.place
        and contact_id is null and tries >= ${TRIES}
        and m.uid_validity = s.uid_validity) as "passedOver"
    from mailbox_states as s where place = any(${places})`.execute(db)
  return new Map(rows.map((row) => [row.place, row]))
}

/** Whether the last session with it ended in an error, and none since went well. */
export function isFailing({ failedAt, lookedAt }: MailboxState): boolean {
  return failedAt !== null && (lookedAt === null || failedAt > lookedAt)
}

async function begin(db: Db, { place, uidValidity }: Numbering): Promise<bigint | undefined> {
  const { rows } = await sql<{ before: string | null }>`
    with before as (select uid_validity from mailbox_states where place = ${place})
    insert into mailbox_states (place, uid_validity) values (${place}, ${uidValidity})
    on conflict (place) do update set uid_validity = excluded.uid_validity
    returning (select uid_validity from before) as before`.execute(db)
  const before = rows[0]!.before
  return before === null || BigInt(before) === uidValidity ? undefined : BigInt(before)
}

async function sort(
  db: Db,
  { place, uidValidity }: Numbering,
  messages: readonly string[]
): Promise<Sorted> {
  const { rows } = await sql<{ message: string; state: 'untaken' | 'taken' | 'later' }>`
    select there.message, case when contact_id is not null then 'taken'
      when due_at > now() then 'later' else 'untaken' end as state
    from unnest(${messages}::text[]) with ordinality as there (message, nth)
    left join mailbox_messages as m
      on m.place = ${place} and uid_validity = ${uidValidity} and m.message = there.message
    order by nth`.execute(db)
  const of = (state: string) => rows.flatMap((row) => (row.state === state ? [row.message] : []))
  return { untaken: of('untaken'), taken: of('taken') }
}

async function taken(
  db: Db,
  { place, uidValidity }: Numbering,
  messages: readonly TakenMessage[],
  waiting: number
): Promise<void> {
  await sql`
    with noted as (
      insert into mailbox_messages (place, uid_validity, message, contact_id)
      select ${place}, ${uidValidity}, message, contact_id
        from unnest(${messages.map(({ message }) => message)}::text[],
          ${messages.map(({ contactId }) => contactId)}::uuid[]) as given (message, contact_id)
      on conflict (place, uid_validity, message) do update set contact_id = excluded.contact_id,
        due_at = null, reason = null, recorded_at = now()
    )
    update mailbox_states set taken_at = now(), waiting = ${waiting}
      where place = ${place}`.execute(db)
}

async function failed(
  db: Db,
  { place, uidValidity }: Numbering,
  message: string,
  reason: string
): Promise<number> {
  const { rows } = await sql<{ tries: number }>`
    insert into mailbox_messages as m (place, uid_validity, message, tries, reason)
    values (${place}, ${uidValidity}, ${message}, 1, ${reason})
    on conflict (place, uid_validity, message) do update set tries = m.tries + 1,
      reason = excluded.reason, recorded_at = now(),
      due_at = case when m.tries + 1 >= ${TRIES} then now() + ${PASSED_OVER_FOR} end
    returning tries`.execute(db)
  return rows[0]!.tries
}

/** What somebody took out of the mailbox before we could take it is not waited for. */
async function looked(
  db: Db,
  { place, uidValidity }: Numbering,
  messages: readonly string[]
): Promise<void> {
  await sql`
    with gone as (
      delete from mailbox_messages where place = ${place} and contact_id is null
        and (uid_validity <> ${uidValidity} or message <> all(${messages}::text[]))
    )
    update mailbox_states set looked_at = now(), waiting = (select count(*)
      from mailbox_messages as m where m.place = ${place} and contact_id is null
        and m.uid_validity = ${uidValidity} and m.message = any(${messages}::text[]))
      where place = ${place}`.execute(db)
}
