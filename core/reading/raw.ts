/** Loads a contact's row and original bytes as its channel sees them. */
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { StoredRaw } from '../intake/channel.ts'
import type { Db } from '../../platform/db/database.ts'
import type { ChannelKind } from '../envelope.ts'

export interface RawRow {
  id: string
  channel: string
  source: string
  external_id: string
  raw_sha256: string
  media_type: string
  recipients: string[]
  evidence: Record<string, unknown>
}

export const rawColumns = [
  'id',
  'channel',
  'source',
  'external_id',
  'raw_sha256',
  'media_type',
  'recipients',
  'evidence'
] as const

export function toRaw(row: RawRow, bytes: Uint8Array): StoredRaw {
  return {
    channel: row.channel as ChannelKind,
    source: row.source,
    externalId: row.external_id,
    bytes,
    mediaType: row.media_type,
    recipients: row.recipients,
    evidence: row.evidence,
    sha256: row.raw_sha256
  }
}

/** @throws READ_BLOB_MISSING, or the database driver's error */
export async function loadRaw(db: Db, blobs: Blobs, contactId: string): Promise<StoredRaw> {
  const row = (await db
    .selectFrom('contacts')
    .select(rawColumns)
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()) as RawRow
  return toRaw(row, await blobs.get(row.raw_sha256))
}
