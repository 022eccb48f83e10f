/**
 * Confirms contacts that came without a valid signature, after the provider says that they are
 * genuine.
 */
import { sql } from 'kysely'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import type { ContactState } from './tables.ts'
import { appendEvents } from '../ledger/append.ts'
import { releaseContact } from './quarantine.ts'

export interface ProviderClaim {
  readonly channel: string
  readonly source: string
  /** The provider's id, which identifies the contact once it is confirmed. */
  readonly id: string
  /** The provider's fields, as they are in the contact's evidence. */
  readonly evidence: Readonly<Record<string, string>>
  /** Whether a held original says the same as the provider's record. */
  readonly isSame: (bytes: Uint8Array, mediaType: string) => boolean
}

export interface Confirmed {
  readonly contactId: string
  /** True if it was waiting and now continues. */
  readonly released: boolean
}

interface Row {
  readonly id: string
  readonly raw_sha256: string
  readonly media_type: string
  readonly state: ContactState
  readonly quarantine_code: string | null
  readonly unproved: boolean
}

/** Contacts with one id that are compared, because a forger may send an id many times. */
const LOOKED_AT = 20

/**
 * Finds the contact that says exactly what the provider has, in any state: one that a person
 * released, or else the earliest. From then on it has the provider's id. If it was waiting only for
 * its signature, it continues from its place.
 */
export async function confirmHeld(
  db: Db,
  blobs: Blobs,
  claim: ProviderClaim
): Promise<Confirmed | undefined> {
  const row = await findSame(db, blobs, claim)
  if (!row) return undefined
  const waits = row.state === 'quarantined' && row.quarantine_code === 'HELD_BY_CHANNEL'
  // It is about to be held; the next look will find it there.
  if (row.unproved && !waits) return { contactId: row.id, released: false }
  // The id is set first: if the process is killed in between, the contact waits for a person and is
  // not taken in twice.
  const known = await nameAs(db, row.id, claim)
  if (!waits || !known) return { contactId: row.id, released: false }
  await releaseContact(
    db,
    row.id,
    `system:${claim.source}`,
    'The provider has the same message under this id.'
  )
  return { contactId: row.id, released: true }
}

async function findSame(
  db: Db,
  blobs: Blobs,
  { channel, source, evidence, isSame }: ProviderClaim
): Promise<Row | undefined> {
  const rows = await db
    .selectFrom('contacts')
    .select([
      'id',
      'raw_sha256',
      'media_type',
      'state',
      'quarantine_code',
      sql<boolean>`evidence ? 'quarantine'`.as('unproved')
    ])
    .where('channel', '=', channel)
    .where('source', '=', source)
    .where(sql<boolean>`evidence ->> 'signature' = 'not valid'`)
    .where(sql<boolean>`evidence @> ${JSON.stringify(evidence)}::jsonb`)
    .orderBy(sql`evidence ? 'quarantine'`)
    .orderBy('ordinal')
    .limit(LOOKED_AT)
    .execute()
  for (const row of rows) if (isSame(await blobs.get(row.raw_sha256), row.media_type)) return row
  return undefined
}

/** False if another contact has the id, because the delivery itself came in meanwhile. */
async function nameAs(
  db: Db,
  contactId: string,
  { channel, source, id }: ProviderClaim
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const named = await trx
      .updateTable('contacts')
      .set({ external_id: id })
      .where('id', '=', contactId)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('contacts as other')
              .select('other.id')
              .where('other.channel', '=', channel)
              .where('other.source', '=', source)
              .where('other.external_id', '=', id)
          )
        )
      )
      .returning(
        sql<string>`contact_mark(receipt, channel, source, external_id, recipients)`.as('mark')
      )
      .executeTakeFirst()
    if (named)
      await appendEvents(trx, [
        { kind: 'contact.named', contactId, actor: `system:${source}`, data: { mark: named.mark } }
      ])
    return named !== undefined
  })
}
