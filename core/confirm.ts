/** Contacts that came without a signature their channel could vouch by, and a provider that says they are genuine after all. */
import { sql } from 'kysely'
import type { Blobs } from './blobs.ts'
import type { Db } from './db/database.ts'
import type { ContactState } from './db/tables.ts'
import { release } from './quarantine.ts'

export interface Claim {
  readonly channel: string
  readonly source: string
  /** The provider's id, by which the contact is known once it is confirmed. */
  readonly id: string
  /** The provider's names for it, as they stand in the contact's evidence. */
  readonly evidence: Readonly<Record<string, string>>
  /** Whether a held original says the same as what the provider has. */
  readonly isSame: (bytes: Uint8Array, mediaType: string) => boolean
}

export interface Confirmed {
  readonly contactId: string
  /** True where it waited and goes on now. */
  readonly released: boolean
}

interface Row { readonly id: string; readonly raw_sha256: string; readonly media_type: string; readonly state: ContactState; readonly quarantine_code: string | null; readonly unproved: boolean }

/** A forger may send one id many times. */
const LOOKED_AT = 20

/**
 * Finds the contact that the provider has word for word, in whatever state it is: one that a person released, or else the earliest. It is known
 * by the provider's id from then on, and goes on from its place if it waits for its signature only.
 */
export async function confirmHeld(db: Db, blobs: Blobs, claim: Claim): Promise<Confirmed | undefined> {
  const row = await findSame(db, blobs, claim)
  if (!row) return undefined
  const waits = row.state === 'quarantined' && row.quarantine_code === 'HELD_BY_CHANNEL'
  // On its way to being held: the next look finds it there.
  if (row.unproved && !waits) return { contactId: row.id, released: false }
  // First the id: killed in between, it waits for a person, and is not taken in a second time.
  const known = await nameAs(db, row.id, claim)
  if (!waits || !known) return { contactId: row.id, released: false }
  await release(db, row.id, `system:${claim.source}`, 'The provider has the same message under this id.')
  return { contactId: row.id, released: true }
}

async function findSame(db: Db, blobs: Blobs, { channel, source, evidence, isSame }: Claim): Promise<Row | undefined> {
  const rows = await db.selectFrom('contacts').select(['id', 'raw_sha256', 'media_type', 'state', 'quarantine_code', sql<boolean>`evidence ? 'quarantine'`.as('unproved')])
    .where('channel', '=', channel).where('source', '=', source).where(sql<boolean>`evidence ->> 'signature' = 'not valid'`)
    .where(sql<boolean>`evidence @> ${JSON.stringify(evidence)}::jsonb`).orderBy(sql`evidence ? 'quarantine'`).orderBy('ordinal').limit(LOOKED_AT).execute()
  for (const row of rows) if (isSame(await blobs.get(row.raw_sha256), row.media_type)) return row
  return undefined
}

/** False where another contact has the id: the delivery itself came in meanwhile. */
async function nameAs(db: Db, contactId: string, { channel, source, id }: Claim): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('contacts').set({ external_id: id }).where('id', '=', contactId)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('contacts as other').select('other.id').where('other.channel', '=', channel).where('other.source', '=', source).where('other.external_id', '=', id))))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
