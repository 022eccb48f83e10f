/** What a file is in its contact's envelope, before it is read. */
import { hash } from 'node:crypto'
import { NO_BYTES, type EnvelopeDocument } from '../envelope.ts'
import type { FetchedFile } from './channel.ts'

type Missing = Extract<FetchedFile, { missing: string }>

/** A file that is here. */
export interface File {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export function fileDocument({ name, mediaType, bytes }: File): EnvelopeDocument {
  return { name, mediaType, bytes: bytes.length, sha256: hash('sha256', bytes), pages: 0 }
}

/** One that could not be fetched. @param mediaType what it would have been, as far as is known */
export function missingDocument(
  { name, missing }: Missing,
  mediaType = 'application/octet-stream'
): EnvelopeDocument {
  return { name, mediaType, bytes: 0, sha256: NO_BYTES, pages: 0, withheld: missing }
}
