/** Loads the files fetched for a contact, for its channel's `translate`. */
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { FetchedFile } from '../intake/channel.ts'
import type { StoredFile } from '../contacts/remote-files.ts'

const HELD = 'It is fetched when a person releases the contact.'

/** In the channel's order; empty if the channel asked for none. @throws READ_BLOB_MISSING */
export async function loadFetched(
  blobs: Blobs,
  files: readonly StoredFile[]
): Promise<{ fetched?: readonly FetchedFile[] }> {
  if (files.length === 0) return {}
  const fetched = files.map(async ({ name, sha256, mediaType, reason }): Promise<FetchedFile> => {
    return sha256 && mediaType
      ? { name, mediaType, bytes: await blobs.get(sha256) }
      : { name, missing: reason ?? HELD }
  })
  return { fetched: await Promise.all(fetched) }
}
