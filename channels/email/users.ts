import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { EvenhandError } from '../../platform/errors.ts'
import { isSame } from '../../platform/signing.ts'

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(
  scrypt
)
// OWASP's lowest recommended cost for scrypt (N 2^14, r 8, p 5): 16 MiB and about 150 ms per try.
const cost = { N: 16_384, r: 8, p: 5 }

/**
 * Turns a password into the second half of an SMTP_USERS entry, "name:scrypt.<salt>.<hash>"
 * (base64url).
 */
export async function hashSmtpPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, 32, cost)
  return `scrypt.${salt.toString('base64url')}.${key.toString('base64url')}`
}

/** Whether somebody can be called so in an entry. */
export function isSmtpName(name: string): boolean {
  return /^[^:\s,]{1,64}$/.test(name)
}

/**
 * Checks sign-ins against SMTP_USERS entries. An unknown name takes as long as a wrong password.
 * @throws EvenhandError CONFIG_INVALID with the entry's position if one cannot be read.
 */
export function smtpUsers(
  entries: readonly string[]
): (name: string, password: string) => Promise<boolean> {
  const users = new Map(entries.map(readEntry))
  const nobody = { salt: randomBytes(16), key: randomBytes(32) }
  return async (name, password) => {
    const user = users.get(name)
    const { salt, key } = user ?? nobody
    const given = await derive(password.slice(0, 1024), salt, key.length, cost)
    return isSame(given, key) && user !== undefined
  }
}

function readEntry(entry: string, index: number): [string, { salt: Buffer; key: Buffer }] {
  const match = /^([^:\s]{1,64}):scrypt\.([\w-]{16,64})\.([\w-]{43})$/.exec(entry)
  if (!match)
    throw new EvenhandError(
      'CONFIG_INVALID',
      `SMTP_USERS: entry ${index + 1} is not "name:scrypt.<salt>.<hash>"`
    )
  return [
    match[1]!,
    { salt: Buffer.from(match[2]!, 'base64url'), key: Buffer.from(match[3]!, 'base64url') }
  ]
}
