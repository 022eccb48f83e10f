/** Clients' keys. Only a hash of each is in the configuration, and none is stored with what it was sent with. */
import { createHash } from 'node:crypto'
import type { Agency } from '../../config/agency.ts'
import { boundaryOf } from '../../core/form-body.ts'

/** Whose key it is; undefined for one that nobody has. */
export function findClient(agency: Agency, key: string): string | undefined {
  const sha256 = createHash('sha256').update(key).digest('hex')
  return agency.services.keys.find((known) => known.sha256 === sha256)?.name
}

/**
 * The body with every api_key crossed out by asterisks and nothing else changed: whoever may look at a report's original must
 * not learn another system's key from it.
 */
export function withoutKey(bytes: Uint8Array, mediaType: string): Uint8Array {
  const body = Buffer.from(bytes)
  const boundary = boundaryOf(mediaType)
  if (/^\s*multipart\//i.test(mediaType)) crossOut(body, /\r\ncontent-disposition:[^\r\n]*\bname="?api_key"?[^]*?\r\n\r\n/gi, `\r\n--${boundary}`)
  else crossOut(body, /(?<=^|&)(?:api_key|api%5Fkey)=/gi, '&')
  return body
}

function crossOut(body: Buffer, start: RegExp, end: string): void {
  // Latin-1 gives one character for each byte, so that positions are the same.
  for (const match of body.toString('latin1').matchAll(start)) {
    const from = match.index + match[0].length
    const to = body.indexOf(end, from, 'latin1')
    body.fill('*', from, to === -1 ? body.length : to)
  }
}
