import { randomBytes } from 'node:crypto'
import type { Db } from './db/database.ts'
import { sign } from './signing.ts'

/**
 * The installation's one master secret, made at the first start. Every signing key is derived from
 * it.
 */
export async function loadMasterSecret(db: Db): Promise<Uint8Array> {
  await db
    .insertInto('secrets')
    .values({ name: 'master', value: randomBytes(32) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { value } = await db
    .selectFrom('secrets')
    .select('value')
    .where('name', '=', 'master')
    .executeTakeFirstOrThrow()
  return value
}

/** The key for one purpose. A signature made for one purpose is never valid for another. */
export function deriveSecret(master: Uint8Array, purpose: string): Uint8Array {
  return sign(master, `evenhand:${purpose}`)
}
