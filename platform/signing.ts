/**
 * Makes and checks signatures: HMAC (RFC 2104), with comparisons in constant time. Keys are
 * derived, one per purpose (derived-keys.ts), unless a provider sets them.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'

/** HMAC-SHA-256: 32 bytes. */
export function sign(key: Uint8Array | string, said: Uint8Array | string): Buffer {
  return createHmac('sha256', key).update(said).digest()
}

/** HMAC-SHA-1, for providers that still use it. */
export function signSha1(key: string, said: string): Buffer {
  return createHmac('sha1', key).update(said).digest()
}

/**
 * A keyed digest of several values in order, in base64url. Each value is preceded by its length, so
 * that two different lists never give the same input.
 */
export function signList(key: Uint8Array, values: Iterable<Uint8Array | string>): string {
  const digest = createHmac('sha256', key)
  for (const value of values) digest.update(`${Buffer.byteLength(value)}:`).update(value)
  return digest.digest('base64url')
}

/**
 * Compares in constant time. Different lengths count as different, because timingSafeEqual throws
 * on them.
 */
export function isSame(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/**
 * The same for secrets as text. It compares hashes, so that the time does not reveal the length
 * either.
 */
export function isSameText(given: string, expected: string): boolean {
  return isSame(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'))
}

/**
 * A token: its content, a full stop, and the signature in base64url. The signature may cover more
 * than the content, such as whom the token is bound to.
 * @param bind makes the signed text from the content
 */
export function makeToken(key: Uint8Array, says: string, bind: (says: string) => string): string {
  return `${says}.${sign(key, bind(says)).toString('base64url')}`
}

/** The content of a token, if we signed it with the same binding; else undefined. */
export function readToken(
  key: Uint8Array,
  token: string | undefined,
  bind: (says: string) => string
): string | undefined {
  const point = token?.lastIndexOf('.') ?? -1
  const [says, signature] = [token?.slice(0, point) ?? '', token?.slice(point + 1) ?? '']
  // The 32 bytes of a signature are 43 characters.
  if (point < 1 || !/^[A-Za-z0-9_-]{43}$/.test(signature)) return undefined
  return isSame(Buffer.from(signature, 'base64url'), sign(key, bind(says))) ? says : undefined
}
