import type { Response } from 'express'
import { EvenhandError } from '../platform/errors.ts'
import type { StoredFile } from '../core/cases/types.ts'

/**
 * Sends an untrusted file. It is always a download, never shown in our pages, its type is never
 * guessed, and it has no rights if a browser opens it all the same.
 */
export function sendFile(response: Response, file: StoredFile | undefined): void {
  if (!file) throw new EvenhandError('NOT_FOUND')
  response.attachment(file.name || 'file')
  response.set(fileHeaders(file))
  response.send(Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length))
}

/** Headers that keep a browser from doing anything with an untrusted file except storing it. */
export function fileHeaders({ mediaType }: Pick<StoredFile, 'mediaType'>): Record<string, string> {
  return {
    'content-type': safeType(mediaType),
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store'
  }
}

/** Types that browsers would run are sent as plain bytes. */
function safeType(claimed: string): string {
  return /^(image\/(jpeg|png|gif|tiff|webp)|application\/pdf|audio\/[\w.+-]+|text\/plain)$/.test(
    claimed
  )
    ? claimed
    : 'application/octet-stream'
}
