import type { SMTPServerSession } from 'smtp-server'
import type { RawContact } from '../../core/channel.ts'
import { storableText } from '../../core/envelope.ts'

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
