/**
 * Turning privacy mode on: replaces what the register holds in readable form by keyed hashes, a
 * batch at a time, irreversibly.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Person } from '../matching/person.ts'
import { indexKeys, protectPerson, type Protection } from '../matching/protect.ts'
import { keepMentions, type Which } from './mentions.ts'
import { loadMentions } from './recognise-people.ts'
import type { MatchContext } from './mention.ts'

/** Constituents changed per transaction; each has a dozen keys. */
const BATCH = 500

interface Row {
  readonly id: string
  readonly comparable: Person
}

/** Replaces one batch and returns its size. 0: nothing readable is left, or the mode is off. */
export async function protectRegister(db: Db, protection: Protection): Promise<number> {
  if (protection.kind === 'plain') return 0
  return db.transaction().execute(async (trx) => {
    const { rows } =
      await sql<Row>`select id::text, comparable from constituents where not hashed order by id
          limit ${BATCH} for update skip locked`.execute(trx)
    if (rows.length === 0) return 0
    await forgetReadableModels(trx)
    await replace(trx, rows, protection)
    for (const table of [
      'constituent_names',
      'constituent_emails',
      'constituent_phones',
      'constituent_addresses'
    ]) {
      await sql`delete from ${sql.table(table)}
          where constituent_id = any(${rows.map(({ id }) => id)}::bigint[])`.execute(trx)
    }
    return rows.length
  })
}

/** Contacts changed per transaction. */
const MENTIONS = 200

/**
 * The same for the keys by which open contacts are looked at again; they are made again from what
 * the contacts say. Returns how many.
 */
export async function protectMentions(
  db: Db,
  context: Pick<MatchContext, 'protection' | 'country'>
): Promise<number> {
  if (context.protection.kind === 'plain') return 0
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<Which>`
      select contact_id as "contactId", role from mentions where not hashed and keys <> '{}'
        order by contact_id limit ${MENTIONS} for update skip locked`.execute(trx)
    const open = new Set(rows.map(({ contactId, role }) => `${contactId} ${role}`))
    const mentions = await loadMentions(
      trx,
      [...new Set(rows.map(({ contactId }) => contactId))],
      context
    )
    await keepMentions(
      trx,
      mentions.filter(({ contactId, role }) => open.has(`${contactId} ${role}`)),
      rows,
      'hashed'
    )
    return rows.length
  })
}

async function replace(trx: Db, rows: readonly Row[], protection: Protection): Promise<void> {
  const keys = rows.map(({ comparable }) => `{${indexKeys(comparable, protection).join()}}`)
  await sql`
    with given as (
      select g.id, g.comparable, g.keys::bigint[] as keys, c.keys as old_keys
      from unnest(${rows.map(({ id }) => id)}::bigint[],
        ${rows.map(({ comparable }) => JSON.stringify(protectPerson(comparable, protection)))}::jsonb[], ${keys}::text[]) as g (id, comparable, keys)
      join constituents c on c.id = g.id
    ), dropped as (
      delete from constituent_keys held using given, unnest(given.old_keys) as old (key)
        where held.key = old.key and held.constituent_id = given.id
    ), changed as (
      update constituents c set comparable = given.comparable, keys = given.keys, hashed = true,
        updated_at = now() from given where c.id = given.id
    )
    insert into constituent_keys (key, constituent_id) select key, id
      from given, unnest(given.keys) as key order by 1, 2 on conflict do nothing`.execute(trx)
}

/**
 * Models contain common values of the register, so those learned from readable values are deleted
 * too.
 */
async function forgetReadableModels(db: Db): Promise<void> {
  await sql`delete from matching_models where not hashed`.execute(db)
}
