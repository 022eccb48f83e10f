/** A mail that was pulled from a mailbox, as a raw contact. */
import type { Agency } from '../../config/agency.ts'
import type { PulledMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import type { RawContact } from '../../core/intake/channel.ts'
import type { Numbering } from '../../core/intake/mailbox-records.ts'
import { throughGateway } from '../../core/intake/mail-gateways.ts'
import { sha256 } from '../../platform/storage/blob-store.ts'
import { addresses, deliveredFacts } from './from-file.ts'
import { headerEnd, messageFields, type HeaderFields } from './headers.ts'
import { headerLimits, pullLimits } from './limits.ts'
import type { FetchedMessage } from './mailbox.ts'
import { serverMarks, type MarkSettings } from './server-marks.ts'

/**
 * When the server says that it came is evidence, as anybody with the password can have set it. Its
 * size is that of the whole, also where only its start was fetched.
 */
export interface Pulled extends FetchedMessage {
  readonly mailbox: PulledMailbox
  readonly numbering: Numbering
  /** How the server knows it. */
  readonly message: string
}

export interface PulledOptions {
  readonly agency: Agency
  readonly settings: Pick<Settings, 'SMTP_MAX_BYTES'> & MarkSettings
}

/**
 * A mail as a contact. The same mail in two mailboxes is one contact, if it names both as its
 * recipients; one that it does not name (Bcc) is a delivery of its own.
 */
export function pulledMail(pulled: Pulled, options: PulledOptions): RawContact {
  const most = options.settings.SMTP_MAX_BYTES
  if (Math.max(pulled.size ?? 0, pulled.bytes.length) > most)
    return heldMail(
      pulled,
      `The mail has ${pulled.size ?? `over ${most}`} bytes, more than are taken in. Only its start is here.`
    )
  try {
    return wholeMail(pulled, options)
  } catch {
    return heldMail(pulled, 'The header of the mail could not be read.')
  }
}

function wholeMail(pulled: Pulled, { agency, settings }: PulledOptions): RawContact {
  const { mailbox, bytes } = pulled
  const fields = messageFields(bytes)
  const { mailFrom, ...facts } = deliveredFacts(fields)
  const recipients = recipientsOf(mailbox, fields)
  const { evidence, ...marks } = serverMarks(() => fields, settings)
  const identity = identityOf(fields, bytes, recipients)
  return throughGateway(
    {
      ...bareMail(pulled),
      ...(identity === undefined ? {} : { externalId: identity }),
      recipients,
      evidence: {
        ...origin(pulled),
        ...(mailFrom === undefined ? {} : { mailFrom }),
        ...evidence
      },
      ...marks
    },
    { ...facts, recipients },
    agency.gateways
  )
}

/** Kept with its place for a person, who finds the whole of it in the mailbox. */
function heldMail(pulled: Pulled, quarantine: string): RawContact {
  const { mailbox, numbering, message, bytes, size } = pulled
  return {
    ...bareMail(pulled),
    bytes: bytes.subarray(0, pullLimits.startBytes),
    externalId: `${numbering.place} ${numbering.uidValidity} ${message}`,
    recipients: [mailbox.address],
    evidence: { ...origin(pulled), ...(size === undefined ? {} : { bytes: size }) },
    quarantine: `${quarantine} The original lies in the mailbox ${mailbox.id}.`
  }
}

function bareMail({ bytes }: Pulled): Pick<RawContact, 'channel' | 'source' | 'bytes'> & {
  readonly mediaType: string
} {
  return { channel: 'email', source: 'mailbox', bytes, mediaType: 'message/rfc822' }
}

function origin({ mailbox, evidence, receivedAt }: Pulled): Record<string, unknown> {
  return {
    mailbox: mailbox.id,
    ...evidence,
    ...(receivedAt ? { providerTime: receivedAt.toISOString() } : {})
  }
}

function recipientsOf({ address }: PulledMailbox, fields: HeaderFields): string[] {
  return [...new Set([address, ...addresses(fields, ['to', 'cc'])])].slice(
    0,
    headerLimits.addresses
  )
}

/**
 * Headers that the writer's program wrote. What is written on the way (Received, Delivered-To,
 * verdicts of filters) differs between two mailboxes.
 */
const lasting = [
  ['from', 'sender', 'reply-to', 'to', 'cc', 'date', 'subject', 'message-id', 'in-reply-to'],
  ['references', 'auto-submitted', 'content-type', 'content-transfer-encoding']
].flat()

/**
 * What makes two deliveries the same mail: everything that its writer wrote, and whom it reached.
 * The Message-ID alone is not enough, as anybody can write one that stands elsewhere already. A
 * mail without one is known by its bytes.
 */
function identityOf(
  fields: HeaderFields,
  bytes: Uint8Array,
  recipients: readonly string[]
): string | undefined {
  const end = headerEnd(bytes)
  if (end === undefined || !fields.get('message-id')) return undefined
  const written = JSON.stringify(lasting.map((name) => fields.get(name) ?? []))
  const reached = sha256(Buffer.from([...recipients].sort().join('\n'))).slice(0, 16)
  const content = sha256(Buffer.concat([Buffer.from(`${written}\n`), bytes.subarray(end)]))
  return `mail:${content}:${reached}`
}
