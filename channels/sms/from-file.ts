import type { RawContact } from '../../core/intake/channel.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { rawContact } from './receive.ts'

/**
 * A saved Twilio webhook, form or JSON, as if it had just come. It is trusted, because only trusted
 * people can put files on this machine.
 * @throws EvenhandError INTAKE_TOO_LARGE
 */
export function fromFile(_name: string, bytes: Uint8Array): RawContact {
  if (bytes.length > MAX_BODY_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE')
  const json = /^\s*\{/.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1'))
  const raw = rawContact(
    bytes,
    json ? 'application/json' : 'application/x-www-form-urlencoded',
    true
  )
  return { ...raw, evidence: { ...raw.evidence, signature: 'handed in as a file' } }
}
