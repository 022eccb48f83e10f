/**
 * What was typed into a form that could not be accepted. It is encrypted on its way through the
 * sign-in page, so that only the person who typed it sees it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { z } from 'zod'

export interface Unsent {
  /** Who typed it. */
  readonly staffId: string
  /** The path that the form is sent to. */
  readonly action: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Name of the field for files, which are not kept. */
  readonly files?: 'files' | 'scans' | undefined
  /** When it was received, in ms. */
  readonly at: number
}

const schema = z.object({
  staffId: z.string(),
  action: z.string().startsWith('/desk/'),
  fields: z.array(z.tuple([z.string(), z.string()])),
  files: z.enum(['files', 'scans']).optional(),
  at: z.number()
})

/**
 * Most characters of the encrypted text. With the rest of the sign-in form it stays below the limit
 * of a form (1 MB).
 */
export const MAX_SEALED = 700_000
/** Bytes of the decrypted text; a form has at most 1 MB. */
const MAX_OPENED = 2 * 1024 ** 2
/** In ms: a working day. A person who returns to yesterday's page types again. */
const KEPT_MS = 12 * 3_600_000
const [IV_LENGTH, TAG_LENGTH] = [12, 16]

/** Encrypts it for a hidden field; undefined if it is too large. @param key of 32 bytes */
export function seal(unsent: Unsent, key: Uint8Array): string | undefined {
  const iv = randomBytes(IV_LENGTH)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const sealed = Buffer.concat([
    iv,
    cipher.update(deflateRawSync(JSON.stringify(unsent))),
    cipher.final(),
    cipher.getAuthTag()
  ]).toString('base64url')
  return sealed.length > MAX_SEALED ? undefined : sealed
}

/** Undefined if it is not ours, was changed, or is too old. */
export function unseal(sealed: string, key: Uint8Array, now = Date.now()): Unsent | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length <= IV_LENGTH + TAG_LENGTH) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_LENGTH), {
      authTagLength: TAG_LENGTH
    })
    decipher.setAuthTag(bytes.subarray(-TAG_LENGTH))
    const opened = Buffer.concat([
      decipher.update(bytes.subarray(IV_LENGTH, -TAG_LENGTH)),
      decipher.final()
    ])
    const unsent = schema.parse(
      JSON.parse(inflateRawSync(opened, { maxOutputLength: MAX_OPENED }).toString())
    )
    return now - unsent.at <= KEPT_MS ? unsent : undefined
  } catch {
    return undefined
  }
}
