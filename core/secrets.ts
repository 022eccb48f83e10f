import { createHmac, randomBytes } from 'node:crypto'
import type { Db } from './db/database.ts'

/** The installation's one master secret, made at the first start; everything signed derives its own key from it. */
export async function loadMasterSecret(db: Db): Promise<Uint8Array> {
  await db.insertInto('secrets').values({ name: 'master', value: randomBytes(32) }).onConflict((conflict) => conflict.doNothing()).execute()
  const { value } = await db.selectFrom('secrets').select('value').where('name', '=', 'master').executeTakeFirstOrThrow()
  return value
}

/** A key for one purpose, so that a signature made for one can never pass for another. */
export function deriveSecret(master: Uint8Array, purpose: string): Uint8Array {
  return createHmac('sha256', master).update(`evenhand:${purpose}`).digest()
}
