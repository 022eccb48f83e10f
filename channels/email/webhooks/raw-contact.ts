import type { RawContact } from '../../../core/intake/channel.ts'
import type { Gateway } from '../../../config/gateways.ts'
import { throughGateway } from '../../../core/intake/mail-gateways.ts'
import { storableText } from '../../../platform/text/storable.ts'
import { mailFromOf } from '../from-file.ts'
import { cut, mailboxes, messageFields } from '../headers.ts'
import { MSG_TYPE } from '../msg.ts'
import { MAX_FACT } from './limits.ts'
import type { MailService, PostedMail } from './service.ts'

/** The media type of a mail; what a service posted has the type of its request. */
export const MAIL_TYPE = 'message/rfc822'

/** What came in one request. */
export interface Delivery {
  readonly service: MailService
  readonly body: Uint8Array
  readonly mediaType: string
  readonly mail: PostedMail | undefined
}

/**
 * A proved mail is what SMTP would have brought: the same bytes for the same recipients are one
 * contact by either way, and when a service brings them again.
 */
export function postedContact(delivery: Delivery, gateways: readonly Gateway[]): RawContact {
  const { mail, service } = delivery
  if (!mail?.raw) return noticeContact(delivery)
  const { recipients, mailFrom } = envelopeOf(mail, mail.raw)
  const raw: RawContact = {
    channel: 'email',
    source: 'smtp',
    bytes: mail.raw,
    mediaType: MAIL_TYPE,
    recipients,
    evidence: { ...origin(service, mail), ...(mailFrom === undefined ? {} : { mailFrom }) }
  }
  // No server of ours took away what was written in its name, so that its words prove nothing here.
  const known = { remoteAddress: '', user: undefined, authenticationResults: [] }
  const written = mailboxes(messageFields(mail.raw).get('from')).map(({ address }) => address)
  const senders = [...(mailFrom ? [mailFrom] : []), ...written]
  return throughGateway(raw, { ...known, recipients, senders }, gateways)
}

/**
 * A delivery that nothing proves: kept as it came, and read where mails are read. It is a contact
 * of its own, so that it cannot take the place of the real one.
 */
export function heldContact(delivery: Omit<Delivery, 'mail'>, quarantine: string): RawContact {
  return {
    ...asItCame(delivery),
    evidence: { service: delivery.service.id, signed: false },
    quarantine
  }
}

/** A proved request without the mail itself. */
function noticeContact(delivery: Delivery): RawContact {
  const { service, mail } = delivery
  const quarantine = mail ? service.missing : `It is nothing that ${service.name} is known to send.`
  return {
    ...asItCame(delivery),
    ...(mail?.id ? { externalId: mail.id } : {}),
    recipients: mail ? recipientsOf(mail) : [],
    evidence: origin(service, mail),
    ...(mail?.stored ? {} : { quarantine })
  }
}

function asItCame({
  service,
  body,
  mediaType
}: Omit<Delivery, 'mail'>): Pick<RawContact, 'channel' | 'source' | 'bytes' | 'mediaType'> {
  // What a request says of itself must not make a mail of it.
  const type = [MAIL_TYPE, MSG_TYPE, ''].includes(mediaType)
    ? 'application/octet-stream'
    : mediaType
  return { channel: 'email', source: service.id, bytes: body, mediaType: type }
}

function origin(service: MailService, mail: PostedMail | undefined): Record<string, unknown> {
  const verdicts = Object.entries(mail?.verdicts ?? {}).map(([name, value]) => [name, fact(value)])
  return {
    service: service.id,
    signed: true,
    ...(mail?.id ? { delivery: fact(mail.id) } : {}),
    ...(verdicts.length > 0 ? { verdicts: Object.fromEntries(verdicts) as object } : {})
  }
}

/** MAIL FROM and RCPT TO: as the service says, else MAIL FROM as the last server noted it. */
export function envelopeOf(
  mail: PostedMail,
  raw: Uint8Array
): { readonly recipients: string[]; readonly mailFrom: string | undefined } {
  const mailFrom = mail.mailFrom ?? mailFromOf(messageFields(raw))
  return {
    recipients: recipientsOf(mail),
    mailFrom: mailFrom === undefined ? undefined : fact(mailFrom, 320)
  }
}

function recipientsOf({ recipients }: PostedMail): string[] {
  const addresses = mailboxes([recipients.join(', ')])
    .map(({ address }) => storableText(address).toLowerCase())
    .filter(Boolean)
  return [...new Set(addresses)]
}

function fact(text: string, length = MAX_FACT): string {
  return cut(storableText(text), length)
}
