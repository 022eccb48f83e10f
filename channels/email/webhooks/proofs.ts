/** What several services show by: a password in the address, a signature over the whole body. */
import { verify, type KeyObject } from 'node:crypto'
import type { ChannelRequest } from '../../../core/intake/channel.ts'
import { isSameText } from '../../../platform/signing.ts'

/** A header's value, if it came once. */
export function headerOf({ headers }: ChannelRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/**
 * Whether the request has the password of the address that was entered at the service (basic
 * authentication, RFC 7617). The name is not looked at.
 */
export function hasPassword(request: ChannelRequest, password: string): boolean {
  const [, encoded = ''] =
    /^Basic +([A-Za-z0-9+/=_-]{1,2000})$/i.exec(headerOf(request, 'authorization') ?? '') ?? []
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  return pair.includes(':') && isSameText(pair.slice(pair.indexOf(':') + 1), password)
}

/** Whether a signature in base64 is this key's. */
export function isSignedBy(
  key: KeyObject,
  digest: 'sha1' | 'sha256',
  text: Uint8Array,
  signature: string | undefined
): boolean {
  return signature !== undefined && verify(digest, text, key, Buffer.from(signature, 'base64'))
}
