import type { Agency } from '../../config/agency.ts'
import type { RawContact } from '../../core/intake/channel.ts'
import { storableText } from '../../platform/text/storable.ts'
import { throughGateway, type MailFacts } from '../../core/intake/mail-gateways.ts'
import { first, mailboxes, messageFields, type HeaderFields } from './headers.ts'
import { headerLimits } from './limits.ts'
import { isMsg, MSG_TYPE } from './msg.ts'

/**
 * The line "From sender date" that mail servers write before a mail that they pipe to a program
 * (mbox, RFC 4155). It is no part of the mail, and another one at each try.
 */
function withoutMailboxLine(bytes: Uint8Array): Uint8Array {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1_000))
  const line = /^From [^\r\n]*\r?\n/.exec(start.toString('latin1'))?.[0]
  return line ? bytes.subarray(line.length) : bytes
}

/**
 * A saved mail as SMTP would have delivered it. Recipients are those recorded at its delivery
 * (Delivered-To, X-Original-To), else those it is addressed to. The same bytes for the same
 * recipients are the same contact, however they come. A website's contact form is recognised by the
 * headers that our own mail server wrote, because a file has no network address or sign-in.
 */
export function fromFile(name: string, given: Uint8Array, agency: Agency): RawContact {
  if (isMsg({ mediaType: '', fileName: name, bytes: Buffer.from(given) }))
    return savedByOutlook(given)
  const bytes = withoutMailboxLine(given)
  const fields = messageFields(bytes)
  const { mailFrom, ...facts } = deliveredFacts(fields)
  const recipients = recipientsOf(fields, agency)
  const raw: RawContact = {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: 'message/rfc822',
    recipients,
    evidence: mailFrom === undefined ? {} : { mailFrom }
  }
  return throughGateway(
    raw,
    { ...facts, recipients },
    agency.gateways.filter(({ kind }) => kind === 'form' || kind === 'trusted')
  )
}

/** What Outlook saved says itself whom it is to, and nothing of its delivery. */
function savedByOutlook(bytes: Uint8Array): RawContact {
  return {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: MSG_TYPE,
    recipients: [],
    evidence: {}
  }
}

/** MAIL FROM as the last server noted it (RFC 5321 section 4.4); undefined if it did not. */
export function mailFromOf(fields: HeaderFields): string | undefined {
  const returnPath = first(fields, 'return-path')
  return returnPath === undefined ? undefined : (mailboxes([returnPath])[0]?.address ?? '')
}

/** What a mail that was delivered elsewhere says of its delivery; nobody signed in here. */
export function deliveredFacts(
  fields: HeaderFields
): Omit<MailFacts, 'recipients'> & { readonly mailFrom: string | undefined } {
  const mailFrom = mailFromOf(fields)
  return {
    mailFrom,
    remoteAddress: '',
    user: undefined,
    authenticationResults: (fields.get('authentication-results') ?? []).slice(
      0,
      headerLimits.values
    ),
    senders: [
      ...(mailFrom ? [mailFrom] : []),
      ...mailboxes(fields.get('from')).map(({ address }) => address)
    ]
  }
}

function recipientsOf(fields: HeaderFields, agency: Agency): string[] {
  const delivered = addresses(fields, ['delivered-to', 'x-original-to'])
  if (delivered.length > 0) return delivered.slice(0, headerLimits.addresses)
  const named = addresses(fields, ['to', 'cc'])
  if (named.length < headerLimits.addresses && !hasLongList(fields)) return named
  // Our own address may be at the end of a list that is longer than what is parsed.
  return distinct([...ownAddresses(fields, agency), ...named]).slice(0, headerLimits.addresses)
}

/** The addresses in these headers, in lower case. */
export function addresses(fields: HeaderFields, names: readonly string[]): string[] {
  return distinct(
    names
      .flatMap((name) => mailboxes(fields.get(name)))
      .map((mailbox) => storableText(mailbox.address).toLowerCase())
      .filter(Boolean)
  )
}

function hasLongList(fields: HeaderFields): boolean {
  return ['to', 'cc'].some((name) =>
    fields
      .get(name)
      ?.some(
        (value, index) => value.length > headerLimits.addressLength || index >= headerLimits.values
      )
  )
}

/** Addresses of our domain, and those that a routing rule names, found without parsing the rest. */
function ownAddresses(fields: HeaderFields, { departments, routes }: Agency): string[] {
  const domain = departments.agency.email.split('@')[1]!.toLowerCase()
  const ruled = new Set(
    routes.rules
      .flatMap(({ when }) => when.recipient ?? [])
      .map((recipient) => recipient.toLowerCase())
  )
  const listed = ['to', 'cc']
    .flatMap((name) => fields.get(name) ?? [])
    .flatMap((value) => value.match(/[^\s<>,;:"()[\]@]{1,64}@[^\s<>,;:"()[\]@]{1,255}/g) ?? [])
  return distinct(listed.map((address) => storableText(address).toLowerCase())).filter(
    (address) => address.endsWith(`@${domain}`) || ruled.has(address)
  )
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}
