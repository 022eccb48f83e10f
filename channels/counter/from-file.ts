import type { Agency } from '../../config/agency.ts'
import type { RawContact } from '../../core/intake/channel.ts'
import {
  checkEntry,
  counterContact,
  MAX_ENTRY_BYTES,
  readEntry,
  type CounterEntry
} from '../../core/intake/counter-entry.ts'
import { EvenhandError } from '../../platform/errors.ts'

/**
 * A staff entry as a JSON file: `{"kind": "walk-in" or "call", "text": "…", "answers"?: {"topic":
 * "water"}, "language"?: "es", "sender"?: {"name", "email", "phone", "address"}, "behalf"?: the
 * same, "files"?: [{"name", "mediaType", "content": base64}]}`.
 * @throws EvenhandError BAD_REQUEST, INTAKE_TOO_LARGE
 */
export function fromFile(name: string, bytes: Uint8Array, agency: Agency): RawContact {
  if (bytes.length > MAX_ENTRY_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE')
  const entry = read(name, bytes)
  const problems = checkEntry(agency, entry)
  if (problems.length > 0)
    throw new EvenhandError(
      'BAD_REQUEST',
      `${name}: ${problems.map(({ field, problem }) => `${field}: ${problem}`).join(', ')}`
    )
  return counterContact(entry)
}

function read(name: string, bytes: Uint8Array): CounterEntry {
  try {
    return readEntry(bytes)
  } catch (error) {
    throw new EvenhandError(
      'BAD_REQUEST',
      `${name}: a JSON file {"text": "…", "answers": {"topic": "…"}, "sender": {"name": "…"}} is expected`,
      { cause: error }
    )
  }
}
