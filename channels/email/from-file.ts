import type { RawContact } from '../../core/channel.ts'
import { storableText } from '../../core/envelope.ts'
import { first, mailboxes, messageFields, type HeaderFields } from './headers.ts'
import { headerLimits } from './limits.ts'

/**
 * A saved mail as SMTP would have brought it: the recipients are those its delivery wrote down (Delivered-To, X-Original-To), else those it
 * is addressed to. The same bytes for the same recipients are the same contact, whichever way they come.
 */
export function fromFile(_name: string, bytes: Uint8Array): RawContact {
  const fields = messageFields(bytes)
  const returnPath = first(fields, 'return-path')
  return {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: 'message/rfc822',
    recipients: recipientsOf(fields),
    evidence: returnPath === undefined ? {} : { mailFrom: mailboxes([returnPath])[0]?.address ?? '' }
  }
}

function recipientsOf(fields: HeaderFields): string[] {
  const delivered = addresses(fields, ['delivered-to', 'x-original-to'])
  return delivered.length > 0 ? delivered : addresses(fields, ['to', 'cc'])
}

function addresses(fields: HeaderFields, names: readonly string[]): string[] {
  const found = names.flatMap((name) => mailboxes(fields.get(name))).map((mailbox) => storableText(mailbox.address).toLowerCase()).filter(Boolean)
  return [...new Set(found)].slice(0, headerLimits.addresses)
}
