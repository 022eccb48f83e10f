/** What a file that was fetched from a provider is in its contact's envelope. */
import { createHash } from 'node:crypto'
import { NO_BYTES, type EnvelopeDocument } from '../envelope.ts'
import type { FetchedFile } from './channel.ts'

type Missing = Extract<FetchedFile, { missing: string }>
type Fetched = Exclude<FetchedFile, Missing>

/** A file that is here. */
export function fetchedDocument({ name, mediaType, bytes }: Fetched): EnvelopeDocument {
  return {
    name,
    mediaType,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    pages: 0
  }
}

/** One that could not be fetched. @param mediaType what it would have been, as far as is known */
export function missingDocument(
  { name, missing }: Missing,
  mediaType = 'application/octet-stream'
): EnvelopeDocument {
  return { name, mediaType, bytes: 0, sha256: NO_BYTES, pages: 0, withheld: missing }
}
