import type { Sender } from '../../core/envelope.ts'
import { isOfDomains } from './authenticated.ts'
import { domainOf } from '../../platform/text/mail-domain.ts'
import { lowerDomain, mailboxes, type HeaderFields, type Mailbox } from './headers.ts'

/** A list that says so itself; a form that proved itself; a sender of gateways.yaml, or ours. */
export type Through = 'list' | 'form' | 'trusted'

/** Who wrote a mail, and through whom it came if its From is not the writer. */
export interface Writer {
  readonly sender: Sender
  readonly through?: { readonly by: Through; readonly address: string }
}

/** What the transport knows besides the header. */
export interface Transport {
  /** Addresses it was delivered to, in lower case. */
  readonly recipients?: readonly string[]
  /**
   * It comes from the website's contact form, verifiably, or from a trusted sender
   * (config/gateways.yaml), which name the person elsewhere.
   */
  readonly relay?: 'form' | 'trusted' | undefined
}

/**
 * The sender. Usually From (else Sender). For a configured contact form: the Reply-To address. For
 * a trusted sender, or a list that puts itself into From to pass DMARC: the person that it names
 * elsewhere. If it names nobody, the sender is unknown, not the list. Our own address in From gives
 * way only to somebody of another domain.
 */
export function senderOf(fields: HeaderFields, { recipients = [], relay }: Transport = {}): Writer {
  const from = mailboxes(fields.get('from'))
  const people = from.some((mailbox) => mailbox.address)
    ? from
    : [...from, ...mailboxes(fields.get('sender'))]
  const own = new Set([...recipients, ...addressesOf(fields, ['to', 'cc', 'list-post'])])
  const address = from[0]?.address.toLowerCase() ?? ''
  const others = new Set([address, ...recipients])
  if (relay === 'form')
    return through('form', address, nameable(mailboxes(fields.get('reply-to')), others))
  if (relay === 'trusted') return through('trusted', address, named(fields, others))
  const name = listed(fields, from[0], own)
  if (name === undefined) {
    const other = recipients.includes(address) ? named(fields, others) : undefined
    return other && !isOfDomains(other.address, [domainOf(address)])
      ? through('trusted', address, other)
      : { sender: senderFrom(people) }
  }
  return through(
    'list',
    address,
    original(fields, name, new Set([address, ...own])) ?? { name, address: '' }
  )
}

/** Whom the headers of lists name, or else Reply-To. */
function named(fields: HeaderFields, others: ReadonlySet<string>): Mailbox | undefined {
  const people = [...originals, 'reply-to'].flatMap((name) => mailboxes(fields.get(name)))
  return nameable(people, others)
}

function through(by: Through, address: string, writer: Mailbox | undefined): Writer {
  return { sender: senderFrom(writer ? [writer] : []), through: { by, address } }
}

function senderFrom(people: readonly Mailbox[]): Sender {
  const name = people.find((mailbox) => mailbox.name)?.name
  const emails = [
    ...new Set(people.map((mailbox) => lowerDomain(mailbox.address)).filter(Boolean))
  ].slice(0, 10)
  return { ...(name ? { name } : {}), emails, phones: [], addresses: [] }
}

function addressesOf(fields: HeaderFields, names: readonly string[]): string[] {
  return names
    .flatMap((name) => mailboxes(withoutScheme(fields.get(name))))
    .map(({ address }) => address.toLowerCase())
    .filter(Boolean)
}

/** A list's address is a link (RFC 2369). */
function withoutScheme(values: readonly string[] = []): readonly string[] {
  return values.some((value) => /<mailto:/i.test(value))
    ? values.map((value) => value.replace(/<mailto:/gi, '<'))
    : values
}

/** "'Jane Doe' via Town Hello", as Google Groups, Mailman and Groups.io write it. */
const via =
  /^\s*['"“‘]?(.+?)['"”’]?\s+(via|through|a través de|por medio de|über|par l.intermédiaire de|tramite)\s+\S/i

/** The person's name if a list has put its own address into From; undefined for other mail. */
function listed(
  fields: HeaderFields,
  from: Mailbox | undefined,
  own: ReadonlySet<string>
): string | undefined {
  if (!from) return undefined
  const named = via.exec(from.name)?.[1]?.trim()
  const marked = originals.some((name) => fields.has(name))
  const isList =
    ['list-id', 'list-post', 'mailing-list'].some((name) => fields.has(name)) ||
    /^list$/i.test(fields.get('precedence')?.[0] ?? '')
  const isOwn = own.has(from.address.toLowerCase())
  if (named !== undefined && (marked || isList || isOwn)) return named
  return isOwn && marked ? (named ?? '') : undefined
}

const originals = ['x-original-from', 'x-original-sender']

/**
 * The person that the list names: in the lists' own headers first, then in Reply-To, then in a Cc
 * to a person of that name (Mailman).
 */
function original(
  fields: HeaderFields,
  name: string,
  own: ReadonlySet<string>
): Mailbox | undefined {
  const marked = nameable(
    originals.flatMap((header) => mailboxes(fields.get(header))),
    own
  )
  const answered = nameable(mailboxes(fields.get('reply-to')), own)
  const copied = mailboxes(fields.get('cc')).find(
    (mailbox) => mailbox.address && mailbox.name.toLowerCase() === name.toLowerCase()
  )
  const found = marked ?? answered ?? copied
  return (
    found && {
      address: found.address,
      name: found.name || (answered?.address === found.address ? answered.name : '') || name
    }
  )
}

function nameable(people: readonly Mailbox[], own: ReadonlySet<string>): Mailbox | undefined {
  return people.find(({ address }) => address !== '' && !own.has(address.toLowerCase()))
}
