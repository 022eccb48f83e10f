/**
 * Stores what was read of a scan under the letter's own document, so that the documents stage reads
 * no page twice.
 */
import { sha256 } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import { outcomeOf } from '../documents/outcome.ts'
import { storeDocument } from '../documents/store.ts'
import type { LetterFile } from './letter-file.ts'

/** A file that could not be read is left to the documents stage, which says why. */
export async function storePageText(
  db: Db,
  { bytes, mediaType, pages }: LetterFile
): Promise<void> {
  if (!pages) return
  const hash = sha256(bytes)
  const { outcome, reason } = outcomeOf(pages)
  await storeDocument(db, {
    sha256: hash,
    bytes: bytes.length,
    mediaType,
    kind: 'pdf',
    outcome,
    ...(reason ? { reason } : {}),
    searchablePdf: hash,
    pages
  })
}
