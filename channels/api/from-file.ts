import type { RawContact } from '../../core/intake/channel.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { contactSchema } from './contact.ts'
import { MAX_BODY_BYTES } from './limits.ts'

/**
 * A JSON file in the format of POST /v1/contacts, submitted on this machine instead of with a key.
 * @throws EvenhandError BAD_REQUEST, INTAKE_TOO_LARGE
 */
export function fromFile(name: string, bytes: Uint8Array): RawContact {
  if (bytes.length > MAX_BODY_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE')
  const parsed = contactSchema.safeParse(readFile(name, bytes))
  if (!parsed.success)
    throw new EvenhandError(
      'BAD_REQUEST',
      `${name}: ${parsed.error.issues[0]?.path.join('.') || 'the file'}: ${parsed.error.issues[0]?.message}`
    )
  return {
    channel: 'api',
    source: 'file',
    ...(parsed.data.id ? { externalId: parsed.data.id } : {}),
    bytes,
    mediaType: 'application/json',
    recipients: parsed.data.recipients,
    evidence: {}
  }
}

function readFile(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new EvenhandError('BAD_REQUEST', `${name}: a JSON file {"text": "…"} is expected`, {
      cause: error
    })
  }
}
