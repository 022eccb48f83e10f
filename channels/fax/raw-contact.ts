import { createHash } from 'node:crypto'
import path from 'node:path'
import type { RawContact } from '../../core/intake/channel.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { FaxFacts } from './facts.ts'
import { MAX_FAX_BYTES } from './limits.ts'
import { factsOfName } from './sidecar.ts'

const mediaTypes: Readonly<Record<string, string>> = {
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.pdf': 'application/pdf'
}

/** Whether a file in the spool folder is a fax, and not its sidecar or something else. */
export function isFaxName(name: string): boolean {
  return path.posix.extname(name).toLowerCase() in mediaTypes
}

/**
 * A file of a fax server as a contact. Its identity is the file's name together with its bytes: a
 * reinstalled fax server starts its numbers again, and a new fax must not be answered with an old
 * one's receipt. A fax sent again has another number and is another contact.
 */
export function spooledFax(
  name: string,
  bytes: Uint8Array,
  facts: FaxFacts,
  sidecar?: 'read' | 'unreadable'
): RawContact {
  return {
    channel: 'fax',
    source: 'spool',
    externalId: `${path.posix.basename(name)}:${createHash('sha256').update(bytes).digest('hex')}`,
    bytes,
    mediaType: mediaTypes[path.posix.extname(name).toLowerCase()] ?? 'application/octet-stream',
    recipients: facts.calledNumber ? [facts.calledNumber] : [],
    evidence: { file: path.posix.basename(name), fax: facts, ...(sidecar ? { sidecar } : {}) }
  }
}

/**
 * A file as the spool folder would have brought it, without a sidecar. @throws EvenhandError
 * INTAKE_TOO_LARGE
 */
export function fromFile(name: string, bytes: Uint8Array): RawContact {
  if (bytes.length > MAX_FAX_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE')
  return spooledFax(name, bytes, factsOfName(name))
}
