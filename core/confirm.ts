/** Contacts held because their channel could not vouch for them, and a provider that says they are genuine after all. */
import { sql } from 'kysely'
import type { Blobs } from './blobs.ts'
import type { Db } from './db/database.ts'
import { release } from './quarantine.ts'

export interface Claim {
  readonly channel: string
  readonly source: string
  /** The provider's id, and the name it has in the contact's evidence. */
  readonly id: string
  readonly evidence: string
  /** Whether a held original says the same as what the provider has. */
  readonly isSame: (bytes: Uint8Array, mediaType: string) => boolean
}

/** A forger may send one id many times. */
const LOOKED_AT = 20

/** Releases the earliest held contact that the provider has word for word, at its place; it is known by the provider's id from then on. */
export async function confirmHeld(db: Db, blobs: Blobs, { channel, source, id, evidence, isSame }: Claim): Promise<string | undefined> {
  const rows = await db.selectFrom('contacts').select(['id', 'raw_sha256', 'media_type']).where('channel', '=', channel).where('source', '=', source).where('state', '=', 'quarantined')
    .where('quarantine_code', '=', 'HELD_BY_CHANNEL').where(sql<boolean>`evidence ->> ${evidence} = ${id}`).orderBy('ordinal').limit(LOOKED_AT).execute()
  for (const row of rows) {
    if (!isSame(await blobs.get(row.raw_sha256), row.media_type)) continue
    // First the id: killed in between, it waits for a person, and is not taken in a second time.
    await db.updateTable('contacts').set({ external_id: id }).where('id', '=', row.id).execute()
    await release(db, row.id, `system:${source}`, 'The provider has the same message under this id.')
    return row.id
  }
  return undefined
}
