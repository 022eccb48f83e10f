import type { RawContact } from '../../core/channel.ts'
import { EvenhandError } from '../../core/errors.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { rawContact } from './receive.ts'

/**
 * A saved webhook of Twilio's, form or JSON, as it would have come. Whoever may put files on this machine vouches for them.
 * @throws EvenhandError INTAKE_TOO_LARGE
 */
export function fromFile(_name: string, bytes: Uint8Array): RawContact {
  if (bytes.length > MAX_BODY_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE')
  const json = /^\s*\{/.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1'))
  const raw = rawContact(bytes, json ? 'application/json' : 'application/x-www-form-urlencoded', true)
  return { ...raw, evidence: { ...raw.evidence, signature: 'handed in as a file' } }
}
