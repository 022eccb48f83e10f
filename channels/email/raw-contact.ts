import type { SMTPServerSession } from 'smtp-server'
import type { RawContact } from '../../core/intake/channel.ts'
import { storableText } from '../../platform/text/storable.ts'
import type { MailFacts } from '../../core/intake/mail-gateways.ts'
import { mailboxes, messageFields } from './headers.ts'
import { headerLimits } from './limits.ts'
import { serverMarks, type MarkSettings } from './server-marks.ts'

/**
 * A received mail as a raw contact: the DATA bytes unchanged, the rest of the session as evidence.
 */
export function rawContact(
  session: SMTPServerSession,
  bytes: Uint8Array,
  settings: MarkSettings
): RawContact {
  const { mailFrom, rcptTo } = session.envelope
  const { evidence, ...marks } = serverMarks(() => messageFields(bytes), settings)
  return {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: 'message/rfc822',
    recipients: [...new Set(rcptTo.map(({ address }) => storableText(address).toLowerCase()))],
    evidence: {
      mailFrom: storableText(mailFrom ? mailFrom.address : ''),
      remoteAddress: session.remoteAddress,
      hello: storableText(session.hostNameAppearsAs || ''),
      tls: session.tlsOptions ? `${session.tlsOptions.version} ${session.tlsOptions.name}` : false,
      ...(session.user ? { authenticatedUser: String(session.user) } : {}),
      ...evidence
    },
    ...marks
  }
}

/**
 * What decides whether a mail is from a gateway. Headers are untrusted, except those that our own
 * mail server wrote.
 */
export function mailFacts(session: SMTPServerSession, bytes: Uint8Array): MailFacts {
  const fields = messageFields(bytes)
  const { mailFrom, rcptTo } = session.envelope
  return {
    remoteAddress: session.remoteAddress,
    user: session.user ? String(session.user) : undefined,
    senders: [
      ...(mailFrom ? [mailFrom.address] : []),
      ...mailboxes(fields.get('from')).map(({ address }) => address)
    ],
    recipients: rcptTo.map(({ address }) => address),
    authenticationResults: (fields.get('authentication-results') ?? []).slice(
      0,
      headerLimits.values
    )
  }
}
