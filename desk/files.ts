import type { Response } from 'express'
import { EvenhandError } from '../core/errors.ts'
import type { StoredFile } from './core.ts'

/**
 * A stranger's file: always downloaded, never shown in our pages, never guessed at, and without any rights should a browser
 * open it all the same.
 */
export function sendFile(response: Response, file: StoredFile | undefined): void {
  if (!file) throw new EvenhandError('NOT_FOUND')
  response.attachment(file.name || 'file')
  response.set(fileHeaders(file))
  response.send(Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length))
}

/** What keeps a browser from doing anything with a stranger's file but storing it. */
export function fileHeaders({ mediaType }: Pick<StoredFile, 'mediaType'>): Record<string, string> {
  return { 'content-type': safeType(mediaType), 'content-security-policy': "default-src 'none'; sandbox", 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
}

/** Types that browsers run are sent as bytes. */
function safeType(claimed: string): string {
  return /^(image\/(jpeg|png|gif|tiff|webp)|application\/pdf|audio\/[\w.+-]+|text\/plain)$/.test(claimed) ? claimed : 'application/octet-stream'
}
