import type { Settings } from '../../config/settings.ts'
import type { RawContact } from '../../core/intake/channel.ts'
import { authenticatedDomains } from './authenticated.ts'
import type { HeaderFields } from './headers.ts'

export type MarkSettings = Pick<Settings, 'MAIL_AUTH_SERVER' | 'MAIL_SPAM_HEADER'>

/**
 * What the agency's own mail server says of a mail in its headers, as parts of a raw contact. The
 * headers are read only where a setting asks for one: it is done for every mail before its 250.
 */
export function serverMarks(
  fieldsOf: () => HeaderFields,
  { MAIL_AUTH_SERVER: server, MAIL_SPAM_HEADER: mark }: MarkSettings
): Pick<RawContact, 'evidence' | 'quarantine'> {
  if (server === undefined && mark === undefined) return { evidence: {} }
  const fields = fieldsOf()
  const authenticated = authenticatedDomains(fields, server)
  const spam = spamReason(fields, mark)
  return {
    evidence: authenticated.length > 0 ? { authenticated } : {},
    ...(spam === undefined ? {} : { quarantine: spam })
  }
}

/**
 * Why a mail waits for a person because the agency's own mail server marked it as spam: by the
 * header that MAIL_SPAM_HEADER names, if its value begins so. It keeps its place and is released
 * with one press; nothing is dropped, and no mark that is not configured counts.
 */
export function spamReason(fields: HeaderFields, mark: string | undefined): string | undefined {
  const [, name, begins] = /^([^:]+):\s*(.*)$/.exec(mark ?? '') ?? []
  if (name === undefined) return undefined
  const isMarked = fields
    .get(name.toLowerCase())
    ?.some((value) => value.trim().toLowerCase().startsWith(begins!.trim().toLowerCase()))
  return isMarked ? `The mail server marked it as spam (${name}).` : undefined
}
