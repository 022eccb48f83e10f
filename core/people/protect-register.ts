/** Turning privacy mode on: what the register holds in readable form is replaced by keyed hashes, a batch at a time, for good. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { Person } from '../matching/person.ts'
import { indexKeys, protectPerson, type Protection } from '../matching/protect.ts'

/** Constituents changed in one transaction: each has a dozen keys. */
const BATCH = 500

interface Row { readonly id: string; readonly comparable: Person }

/** Replaces one batch; answers how many were. 0: nothing readable is left, or the mode is off. */
export async function protectRegister(db: Db, protection: Protection): Promise<number> {
  if (protection.kind === 'plain') return 0
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<Row>`select id::text, comparable from constituents where not hashed order by id limit ${BATCH} for update skip locked`.execute(trx)
    if (rows.length === 0) return 0
    await forgetReadableModels(trx)
    await replace(trx, rows, protection)
    for (const table of ['constituent_names', 'constituent_emails', 'constituent_phones', 'constituent_addresses']) {
      await sql`delete from ${sql.table(table)} where constituent_id = any(${rows.map(({ id }) => id)}::bigint[])`.execute(trx)
    }
    return rows.length
  })
}

async function replace(trx: Db, rows: readonly Row[], protection: Protection): Promise<void> {
  const keys = rows.map(({ comparable }) => `{${indexKeys(comparable, protection).join()}}`)
  await sql`
    with given as (
      select g.id, g.comparable, g.keys::bigint[] as keys, c.keys as old_keys
      from unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ comparable }) => JSON.stringify(protectPerson(comparable, protection)))}::jsonb[], ${keys}::text[]) as g (id, comparable, keys)
      join constituents c on c.id = g.id
    ), dropped as (
      delete from constituent_keys held using given, unnest(given.old_keys) as old (key) where held.key = old.key and held.constituent_id = given.id
    ), changed as (
      update constituents c set comparable = given.comparable, keys = given.keys, hashed = true, updated_at = now() from given where c.id = given.id
    )
    insert into constituent_keys (key, constituent_id) select key, id from given, unnest(given.keys) as key order by 1, 2 on conflict do nothing`.execute(trx)
}

/** Models name common values of the register; those learnt from readable ones go with them. */
async function forgetReadableModels(db: Db): Promise<void> {
  await sql`delete from matching_models where not hashed`.execute(db)
}
