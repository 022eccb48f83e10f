/** Clients' keys. None is stored with what it was sent with. */
import type { Intake } from '../../core/channel.ts'
import { EvenhandError } from '../../core/errors.ts'
import { boundaryOf } from '../../core/form-body.ts'
import type { Problem } from './format.ts'

/** Who sends, as the ledger names them; undefined for anybody. A key is asked for only where the agency requires one. */
export async function findClient(collect: Intake, key: string | undefined): Promise<{ client?: string | undefined; problems: Problem[] }> {
  try {
    return key === undefined && !collect.agency().services.keyRequired ? { problems: [] } : { client: (await collect.requireKey(key)).actor, problems: [] }
  } catch (error) {
    if (!(error instanceof EvenhandError) || (error.code !== 'KEY_REQUIRED' && error.code !== 'KEY_SCOPE')) throw error
    return { problems: collect.agency().services.keyRequired ? [{ status: 403, description: key === undefined ? 'api_key was not provided.' : 'The api_key is not valid for reports.' }] : [] }
  }
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
