/** Hands what was read of a scan to the documents' store under the letter's own document, so that no page is read twice. */
import { sha256 } from '../blobs.ts'
import type { Db } from '../db/database.ts'
import { storeDocument, type StoredPage } from '../documents/store.ts'
import type { LetterFile } from './letter-file.ts'

/** A file nothing could read is left to the documents' stage, which says why. */
export async function keepReading(db: Db, { bytes, mediaType, pages }: LetterFile): Promise<void> {
  if (!pages) return
  const hash = sha256(bytes)
  const stored = pages.map(({ page, image }): StoredPage => ({ ...page, ...(image ? { image: { sha256: image.sha256, mediaType: image.mediaType as 'image/png' | 'image/jpeg' } } : {}) }))
  const lost = stored.filter(({ withheld }) => withheld)
  const reason = lost.length > 0 ? `${lost.length} of ${stored.length} pages could not be read: ${lost[0]!.withheld}` : undefined
  await storeDocument(db, {
    sha256: hash, bytes: bytes.length, mediaType, kind: 'pdf', outcome: lost.length === stored.length ? 'withheld' : 'read', ...(reason ? { reason } : {}), searchablePdf: hash, pages: stored
  })
}
