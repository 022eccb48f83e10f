import type { SMTPServerSession } from 'smtp-server'
import type { RawContact } from '../../core/channel.ts'
import { storableText } from '../../core/envelope.ts'
import type { MailFacts } from '../../core/gateways.ts'
import { mailboxes, messageFields } from './headers.ts'
import { headerLimits } from './limits.ts'

/** A received mail as it is handed to the core: the DATA bytes untouched, the rest of the session as evidence. */
export function rawContact(session: SMTPServerSession, bytes: Uint8Array): RawContact {
  const { mailFrom, rcptTo } = session.envelope
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
      ...(session.user ? { authenticatedUser: String(session.user) } : {})
    }
  }
}

/** What tells whether a mail is a gateway's. The headers are a stranger's word but for those our own mail server wrote. */
export function mailFacts(session: SMTPServerSession, bytes: Uint8Array): MailFacts {
  const fields = messageFields(bytes)
  const { mailFrom, rcptTo } = session.envelope
  return {
    remoteAddress: session.remoteAddress,
    user: session.user ? String(session.user) : undefined,
    senders: [...(mailFrom ? [mailFrom.address] : []), ...mailboxes(fields.get('from')).map(({ address }) => address)],
    recipients: rcptTo.map(({ address }) => address),
    authenticationResults: (fields.get('authentication-results') ?? []).slice(0, headerLimits.values)
  }
}
