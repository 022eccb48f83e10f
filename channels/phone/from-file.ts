import type { Agency } from '../../config/agency.ts'
import type { RawContact } from '../../core/channel.ts'
import { EvenhandError } from '../../core/errors.ts'
import { choiceEvidence, choiceOf } from './choice.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { rawCall } from './receive.ts'

/**
 * A saved webhook of Twilio's about a recording, as it would have come. Whoever may put files on this machine vouches for them.
 * @throws EvenhandError INTAKE_TOO_LARGE
 */
export function fromFile(_name: string, bytes: Uint8Array, agency: Agency): RawContact {
  if (bytes.length > MAX_BODY_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE')
  const json = /^\s*\{/.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1'))
  const raw = rawCall(bytes, json ? 'application/json' : 'application/x-www-form-urlencoded', true, choiceEvidence(choiceOf(new URLSearchParams(), agency), agency))
  return { ...raw, evidence: { ...raw.evidence, signature: 'handed in as a file' } }
}
