/**
 * Browsers that somebody has signed in with before. Such a browser has its own count of failures,
 * so that nothing that others try elsewhere keeps its owner out. It opens nothing: the password is
 * asked for as ever.
 */
import { randomBytes } from 'node:crypto'
import { makeToken, readToken } from '../../platform/signing.ts'

export const DEVICE_COOKIE = 'evenhand-device'
/** Half a year, from the last sign-in on, in ms. */
export const DEVICE_MS = 180 * 24 * 3_600_000

/** A browser's mark for one account, as `random.signature`. */
export function makeDevice(secret: Uint8Array, staffId: string): string {
  return makeToken(secret, randomBytes(16).toString('base64url'), bindTo(staffId))
}

/** The browser's id, where the mark is ours and this account's. */
export function readDevice(
  secret: Uint8Array,
  staffId: string,
  mark: string | undefined
): string | undefined {
  const id = readToken(secret, mark, bindTo(staffId))
  return id !== undefined && /^[A-Za-z0-9_-]{22}$/.test(id) ? id : undefined
}

function bindTo(staffId: string): (id: string) => string {
  return (id) => `device ${staffId} ${id}`
}
