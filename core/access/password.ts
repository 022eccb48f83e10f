/** Passwords as scrypt hashes (RFC 7914). */
import { randomBytes, scrypt, type ScryptOptions } from 'node:crypto'
import { isSame } from '../../platform/signing.ts'

export const MIN_PASSWORD_LENGTH = 12
/** Longer ones would only cost hashing time. */
export const MAX_PASSWORD_LENGTH = 200

// 32 MiB and about 0.2 s on one core; Node hashes at most four at once, so sign-ins cannot fill the
// memory.
const COST = { N: 2 ** 15, r: 8, p: 3 }
const KEY_BYTES = 32

/** `scrypt$N$r$p$salt$key`, so that the cost can be raised without losing what is stored. */
export async function hashPassword(password: string, cost = COST): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, cost)
  return [
    'scrypt',
    cost.N,
    cost.r,
    cost.p,
    salt.toString('base64url'),
    key.toString('base64url')
  ].join('$')
}

/**
 * Takes as long for an account that does not exist (`stored` undefined) as for a wrong password.
 */
export async function verifyPassword(
  password: string,
  stored: string | null | undefined
): Promise<boolean> {
  const [, n, r, p, salt, key] = (stored ?? absent).split('$')
  const expected = Buffer.from(key ?? '', 'base64url')
  const given = await derive(password, Buffer.from(salt ?? '', 'base64url'), {
    N: Number(n),
    r: Number(r),
    p: Number(p)
  })
  return isSame(given, expected) && Boolean(stored)
}

const absent = [
  'scrypt',
  COST.N,
  COST.r,
  COST.p,
  Buffer.alloc(16).toString('base64url'),
  Buffer.alloc(KEY_BYTES).toString('base64url')
].join('$')

/**
 * Composed and decomposed letters are one password whatever keyboard they come from (NFKC, as NIST
 * SP 800-63B advises).
 */
function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  const text = password.slice(0, MAX_PASSWORD_LENGTH).normalize('NFKC')
  return new Promise((resolve, reject) => {
    scrypt(text, salt, KEY_BYTES, { ...cost, maxmem: 128 * 1024 ** 2 }, (error, key) =>
      error ? reject(error) : resolve(key)
    )
  })
}
