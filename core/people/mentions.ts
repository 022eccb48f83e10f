/**
 * People whom contacts name and no machine knows for sure, with the keys by which they may be found
 * later; also those that a person has decided.
 */
import type { Protection } from '../matching/protect.ts'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { SHARED } from '../matching/looks-due.ts'
import type { Mention } from './mention.ts'

export type Which = Pick<Mention, 'contactId' | 'role'>

/**
 * Stores the open mentions and removes the others. A mention that a person has decided stays
 * unchanged.
 */
export async function keepMentions(
  trx: Db,
  open: readonly Mention[],
  closed: readonly Which[],
  protection: Protection['kind']
): Promise<void> {
  await forget(trx, [...open, ...closed])
  const kept = open.filter(({ keys }) => keys.length > 0)
  if (kept.length === 0) return
  const column = <T>(pick: (one: Mention) => T) => kept.map(pick)
  await sql`
    with given as (
      select contact_id, role, keys::bigint[] as keys, named
        from unnest(${column(({ contactId }) => contactId)}::uuid[],
        ${column(({ role }) => role)}::text[],
        ${column(({ keys }) => `{${keys.join()}}`)}::text[],
          ${column(({ person }) => person.names.length > 0)}::boolean[]) as g (contact_id, role,
          keys, named)
    ), kept as (
      insert into mentions (contact_id, role, keys, named, hashed)
        select contact_id, role, keys, named, ${protection === 'hashed'} from given on conflict
          do nothing
        returning contact_id, role, keys
    )
    insert into mention_keys (key, contact_id, role) select key, contact_id, role
      from kept, unnest(keys) as key order by 1, 2 on conflict do nothing`.execute(trx)
}

async function forget(trx: Db, which: readonly Which[]): Promise<void> {
  if (which.length === 0) return
  await sql`
    delete from mentions using unnest(${which.map(({ contactId }) => contactId)}::uuid[],
      ${which.map(({ role }) => role)}::text[]) as given (contact_id, role)
    where mentions.contact_id = given.contact_id and mentions.role = given.role
      and decided_by is null`.execute(trx)
}

/** A person has said who it is, or that it cannot be told. No machine looks at it any more. */
export async function markDecided(
  trx: Db,
  contactId: string,
  role: Mention['role'],
  actor: string
): Promise<void> {
  await sql`delete from mentions where contact_id = ${contactId} and role = ${role}`.execute(trx)
  await sql`insert into mentions (contact_id, role, decided_by)
      values (${contactId}, ${role}, ${actor})`.execute(trx)
}

/** Reopens a mention after a person's decision was taken back. */
export async function markOpen(trx: Db, contactId: string, role: Mention['role']): Promise<void> {
  await sql`delete from mentions where contact_id = ${contactId} and role = ${role}`.execute(trx)
}

/** The mentions that no person has decided. */
export async function withoutDecided(trx: Db, mentions: readonly Mention[]): Promise<Mention[]> {
  if (mentions.length === 0) return []
  const { rows } = await sql<{ contact_id: string; role: string }>`
    select contact_id, role from mentions
      where contact_id = any(${mentions.map(({ contactId }) => contactId)}::uuid[])
      and decided_by is not null`.execute(trx)
  const decided = new Set(rows.map((row) => `${row.contact_id} ${row.role}`))
  return mentions.filter(({ contactId, role }) => !decided.has(`${contactId} ${role}`))
}

/** Who else is open under a key: very many people, or somebody with a name. */
export type SharedBy = 'many' | 'named'

export async function sharedKeys(trx: Db, keys: readonly bigint[]): Promise<Map<bigint, SharedBy>> {
  if (keys.length === 0) return new Map()
  const { rows } = await sql<{ key: string; by: SharedBy }>`
    select key::text, case when waiting.held > ${SHARED} then 'many' else 'named' end as by
    from unnest(${[...new Set(keys.map(String))]}::bigint[]) as given (key) cross join lateral (
      select count(*) as held, coalesce(bool_or(named), false) as named
        from (select contact_id, role from mention_keys where mention_keys.key = given.key
        limit ${SHARED + 1}) as holders
      join mentions using (contact_id, role)
    ) as waiting where waiting.held > ${SHARED} or waiting.named`.execute(trx)
  return new Map(rows.map(({ key, by }) => [BigInt(key), by]))
}
