/** Bytes of what came, as it came. */
import type { StoredFile } from './types.ts'
import type { Runtime } from '../runtime.ts'

/** The original bytes of a contact. */
export async function readOriginal(
  { db, blobs }: Pick<Runtime, 'db' | 'blobs'>,
  contactId: string
): Promise<StoredFile | undefined> {
  const row = await db
    .selectFrom('contacts')
    .select(['raw_sha256', 'media_type', 'receipt'])
    .where('id', '=', contactId)
    .executeTakeFirst()
  return (
    row && {
      name: `${row.receipt}.original`,
      mediaType: row.media_type,
      bytes: await blobs.get(row.raw_sha256)
    }
  )
}

/**
 * A document's content by its number in the envelope, also where no machine could read it;
 * undefined where there is none.
 */
export async function readDocument(
  { db, blobs }: Pick<Runtime, 'db' | 'blobs'>,
  contactId: string,
  index: number
): Promise<StoredFile | undefined> {
  const row = await db
    .selectFrom('contacts')
    .select('envelope')
    .where('id', '=', contactId)
    .executeTakeFirst()
  const document = row?.envelope?.documents[index]
  if (!document) return undefined
  return {
    name: document.name,
    mediaType: document.mediaType,
    bytes: await blobs.get(document.sha256)
  }
}

/** The first bytes of an original. */
export async function readHead(
  { db, blobs }: Pick<Runtime, 'db' | 'blobs'>,
  contactId: string,
  length: number
): Promise<Uint8Array> {
  const { raw_sha256: hash } = await db
    .selectFrom('contacts')
    .select('raw_sha256')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  return blobs.head(hash, length)
}
