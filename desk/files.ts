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
  response.set({ 'content-type': safeType(file.mediaType), 'content-security-policy': "default-src 'none'; sandbox", 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  response.send(Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length))
}

/** Types that browsers run are sent as bytes. */
function safeType(claimed: string): string {
  return /^(image\/(jpeg|png|gif|tiff|webp)|application\/pdf|audio\/[\w.+-]+|text\/plain)$/.test(claimed) ? claimed : 'application/octet-stream'
}
