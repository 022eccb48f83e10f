/**
 * Which contacts are looked at again once more is known about people: those still open that share a
 * key with what changed. A key that very many share tells nobody apart and leads to none of them.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/**
 * Open contacts that may share a key and still be looked at: a person writes a few dozen times, a
 * shelter's number stands for thousands.
 */
export const SHARED = 50

/** Why contacts are looked at again; the trail says it. */
export type Because =
  | 'the sender was keyed in'
  | 'a colleague passed it on'
  | 'that a colleague passed it on was taken back'
  | 'more is known of somebody on record'
  | 'people on record were merged or taken apart'
  | 'a register was imported'
  | 'a link was taken back'

/**
 * Asks for a new look at every open contact that shares one of the keys; answers how many were
 * asked for.
 */
export async function askByKeys(
  trx: Db,
  keys: readonly bigint[],
  because: Because
): Promise<number> {
  if (keys.length === 0) return 0
  const { numAffectedRows } = await sql`
    insert into looks_due (contact_id, because)
    select distinct waiting.contact_id, ${because}
      from unnest(${[...new Set(keys.map(String))]}::bigint[]) as given (key)
    cross join lateral (select array_agg(contact_id) as ids from (select contact_id
      from mention_keys where key = given.key limit ${SHARED + 1}) as holders) as held
    cross join lateral unnest(held.ids) as waiting (contact_id)
    where cardinality(held.ids) <= ${SHARED} and exists (select from mentions
      where mentions.contact_id = waiting.contact_id) order by 1 on conflict do nothing`.execute(
    trx
  )
  return Number(numAffectedRows ?? 0)
}

/**
 * Asks for the contacts from which a machine made somebody who shares one of the keys: that one may
 * be the register's.
 */
export async function askMakersByKeys(
  trx: Db,
  keys: readonly bigint[],
  because: Because
): Promise<void> {
  await sql`
    insert into looks_due (contact_id, because)
    select distinct made.made_from, ${because}
      from unnest(${[...new Set(keys.map(String))]}::bigint[]) as given (key)
    cross join lateral (select constituent_id from constituent_keys where key = given.key
      limit ${SHARED}) as held
    join constituents made on made.id = held.constituent_id
    where made.merged_into is null and exists (select from contacts where id = made.made_from)
      order by 1 on conflict do nothing`.execute(trx)
}

/** Asks for one contact. */
export async function askFor(trx: Db, contactId: string, because: Because): Promise<void> {
  await sql`insert into looks_due (contact_id, because) values (${contactId}, ${because})
      on conflict do nothing`.execute(trx)
}
