/**
 * Counts contacts that make no progress, for administrators and for the sweep. Nothing here changes
 * anything.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { ChannelKind } from '../envelope.ts'

export interface Count {
  readonly count: number
  readonly oldestMs: number
}

/**
 * Contacts on the way to a line, and in quarantine. Counted separately: those whose documents are
 * being read, and those whose files the provider has not delivered.
 */
export async function countUnfinished(db: Db): Promise<{ unsettled: Count; quarantined: Count }> {
  const { rows } = await sql<{ quarantined: boolean; count: number; oldest: number }>`
    select state = 'quarantined' as quarantined, count(*)::int as count, extract(epoch
      from clock_timestamp() - min(arrived_at))::float8 * 1000 as oldest
    from contacts where state not in ('settled', 'documents') and discarded_at is null
      and not exists (select from remote_files where contact_id = contacts.id
        and remote_files.state = 'waiting' and remote_files.attempts > 0) group by 1`.execute(db)
  const pick = (quarantined: boolean): Count => {
    const row = rows.find((one) => one.quarantined === quarantined)
    return { count: row?.count ?? 0, oldestMs: row?.oldest ?? 0 }
  }
  return { unsettled: pick(false), quarantined: pick(true) }
}

/** Files that were asked for at least this often and are still missing. */
export async function countAwaitedFiles(
  db: Db,
  tries: number
): Promise<{ files: number; contacts: number; oldest: number; reason: string | null }> {
  const { rows } = await sql<{
    files: number
    contacts: number
    oldest: number
    reason: string | null
  }>`
    select count(*)::int as files, count(distinct contact_id)::int as contacts, (array_agg(reason
      order by remote_files.updated_at desc))[1] as reason,
      coalesce(extract(epoch from clock_timestamp() - min(arrived_at)), 0)::float8 * 1000 as oldest
    from remote_files join contacts on contacts.id = contact_id
      where remote_files.state = 'waiting' and remote_files.attempts >= ${tries}`.execute(db)
  return rows[0]!
}

/** Contacts by these channels of the last day whose signature could not be verified. */
export async function countUnsigned(db: Db, channels: readonly ChannelKind[]): Promise<number> {
  const { rows } = await sql<{ held: number }>`
    select count(*)::int as held from contacts where channel = any(${channels}::text[])
      and evidence ->> 'signature' = 'not valid' and arrived_at > now() - interval '1 day'`.execute(
    db
  )
  return rows[0]!.held
}

/**
 * Contacts of a stage that were not touched for the given number of seconds, in order. Those that
 * failed in the common lane of reading belong to the slow one.
 */
export async function findUntouched(
  db: Db,
  state: 'accepted' | 'read',
  lane: 'common' | 'slow',
  forSeconds: number,
  most: number
): Promise<string[]> {
  const rows = await db
    .selectFrom('contacts')
    .select('id')
    .where('state', '=', state)
    .$if(state === 'accepted', (query) => query.where('attempts', lane === 'slow' ? '>' : '=', 0))
    .where(
      sql<boolean>`not exists (select from remote_files where contact_id = contacts.id
          and remote_files.state = 'waiting')`
    )
    .where('updated_at', '<', sql<Date>`now() - make_interval(secs => ${forSeconds})`)
    .orderBy('ordinal')
    .limit(most)
    .execute()
  return rows.map(({ id }) => id)
}
