import type { RawContact } from '../../core/intake/channel.ts'
import { limits } from '../../core/documents/limits.ts'
import { EvenhandError } from '../../platform/errors.ts'

/**
 * One scanned file as one letter. `evenhand submit --channel postal` logs a batch instead, which
 * splits and collates the scans and counts their pages.
 * @throws EvenhandError INTAKE_TOO_LARGE, BAD_REQUEST for an empty file
 */
export function fromFile(name: string, bytes: Uint8Array): RawContact {
  if (bytes.length > limits.documentBytes) throw new EvenhandError('INTAKE_TOO_LARGE')
  if (bytes.length === 0) throw new EvenhandError('BAD_REQUEST', `${name}: the file is empty`)
  return {
    channel: 'postal',
    source: 'file',
    bytes,
    mediaType: 'application/octet-stream',
    evidence: { fileName: name }
  }
}
