/**
 * By which ways the resident of a case can be answered: addresses and numbers that they gave
 * themselves in the contacts of this case, the likeliest first.
 */
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js'
import type { Envelope } from '../envelope.ts'
import { traitsOf } from '../intake/traits.ts'
import { isMailbox } from '../outbox/receipt-mail.ts'
import type { ReplyWay } from '../outbox/reply-message.ts'
import { ADDRESS_LIMIT } from './limits.ts'

export interface Way {
  readonly way: ReplyWay
  readonly address: string
  /** The contact in which it was given, which the reply then answers. */
  readonly contactId: string
  readonly name: string | undefined
  /** Given only in a later message, whose writer may be another than the first one. */
  readonly later?: true
  /** Given only by somebody else whose message is on this case: chosen by a person, or not at all. */
  readonly another?: true
  /** What was last sent there did not arrive. */
  readonly returned?: Pick<ReturnedAddress, 'at' | 'reason'>
}

/** An address of a case to which the latest message did not arrive. */
export interface ReturnedAddress {
  readonly way: ReplyWay
  readonly address: string
  readonly at: Date
  readonly reason: string
}

export interface AnswerableContact extends WrittenContact {
  /** Who wrote it: a person, or a machine. */
  readonly kind: 'message' | 'auto-reply' | 'bounce'
}

/** Of a contact, what says who wrote it and how they can be answered. */
export interface WrittenContact {
  readonly contactId: string
  readonly channel: string
  readonly envelope: Envelope | undefined
  /** It came with another case that staff joined to this one. */
  readonly joined?: boolean
  /** Who on record its sender is taken to be. */
  readonly personId?: string | undefined
}

/** The addresses of a sender that each way of replying can use. */
const given: Readonly<
  Record<ReplyWay, (sender: Envelope['sender'], country: string) => readonly string[]>
> = {
  mail: ({ emails }) => emails.filter(isMailbox),
  text: ({ phones }, country) => phones.flatMap((phone) => textNumber(phone, country) ?? []),
  call: ({ phones }) => phones,
  letter: ({ addresses }) => addresses.map(toLines)
}

/**
 * From the contacts in order of arrival. What the first of them gave comes first, as whoever knows a
 * receipt can add a message to a case; then the latest counts. After those that serve come those to
 * which nothing arrives, and last those of somebody else. Each address once.
 * @param country whose numbers are meant where they do not say (ISO 3166)
 */
export function waysOf(
  contacts: readonly WrittenContact[],
  country: string,
  returned: readonly ReturnedAddress[] = []
): Way[] {
  const own = ownContacts(contacts, country)
  const ways = contacts.toReversed().flatMap((contact) => givenIn(contact, country))
  const [first, ownKeys] = [firstKeys(own, country), keysIn(own, country)]
  const seen = new Map(ways.toReversed().map((one) => [keyOf(one), one]))
  const marked = [...seen.values()].toReversed().map((one): Way => {
    const failed = returned.find((each) => isSameWay(one, each, country))
    return {
      ...one,
      ...(ownKeys.has(keyOf(one)) ? {} : { another: true }),
      ...(ownKeys.has(keyOf(one)) && !first.has(keyOf(one)) ? { later: true } : {}),
      ...(failed ? { returned: { at: failed.at, reason: failed.reason } } : {})
    }
  })
  return marked.toSorted((one, other) => rankOf(one) - rankOf(other))
}

/**
 * The way that a reply takes where nobody chose one: of what was given at first, and serves. A later
 * address may be that of anybody who holds the receipt, so that a person has to choose it.
 */
export function usualWay(ways: readonly Way[]): Way | undefined {
  return (
    ways.find(({ another, later, returned }) => !another && !later && !returned) ??
    (ways.every(({ another, later }) => !another && !later) ? ways[0] : undefined)
  )
}

function rankOf({ another, returned, later }: Way): number {
  return (another ? 4 : 0) + (returned ? 2 : 0) + (later ? 1 : 0)
}

function isSameWay(one: Way, other: Pick<Way, 'way' | 'address'>, country: string): boolean {
  return one.way === other.way && isSameAddress(one, other.address, country)
}

/**
 * The contacts of whoever wrote first, and those that may be theirs. Somebody else's is one that
 * staff joined with its case, or whose sender is known as another, and that gives no address or
 * number of the others.
 */
export function ownContacts<T extends WrittenContact>(
  contacts: readonly T[],
  country: string
): T[] {
  const own: T[] = []
  const keys = new Set<string>()
  const people = new Set<string>()
  for (const contact of contacts) {
    const { personId, joined = false } = contact
    const given = givenIn(contact, country).map(keyOf)
    const isKnown = personId !== undefined && people.has(personId)
    const isOther = joined || (personId !== undefined && people.size > 0)
    if (own.length > 0 && isOther && !isKnown && !given.some((key) => keys.has(key))) continue
    own.push(contact)
    for (const key of given) keys.add(key)
    if (personId !== undefined) people.add(personId)
  }
  return own
}

function keysIn(contacts: readonly WrittenContact[], country: string): ReadonlySet<string> {
  return new Set(contacts.flatMap((contact) => givenIn(contact, country).map(keyOf)))
}

/**
 * The latest contact of whoever wrote first, by an address that both gave: where a typed address is
 * answered. @param contacts at least one
 */
export function latestOfWriter<T extends WrittenContact>(
  contacts: readonly T[],
  country: string
): T {
  const own = ownContacts(contacts, country)
  const first = firstKeys(own, country)
  const latest = own.findLast((contact) =>
    givenIn(contact, country).some((way) => first.has(keyOf(way)))
  )
  return latest ?? contacts[0]!
}

/** Addresses of the first contact that gave one. */
function firstKeys(contacts: readonly WrittenContact[], country: string): ReadonlySet<string> {
  const given = contacts.map((contact) => givenIn(contact, country))
  return new Set(given.find((ways) => ways.length > 0)?.map(keyOf))
}

/** By which ways the sender of a contact can be answered. */
export function givenIn({ contactId, channel, envelope }: WrittenContact, country: string): Way[] {
  if (!envelope) return []
  const { name } = envelope.sender
  return preferred(channel).flatMap((way) =>
    given[way](envelope.sender, country).map((address): Way => ({ way, address, contactId, name }))
  )
}

/** What a draft has in its place where staff typed the address. */
export const TYPED = 'other'

/** A short name for a way, by which a page's choice is found again. */
export function keyOf({ way, address }: Pick<Way, 'way' | 'address'>): string {
  return `${way} ${address.toLowerCase()}`
}

/** Whether an address, as somebody writes it, is the one of a way. */
export function isSameAddress({ way, address }: Way, written: string, country: string): boolean {
  return comparable(way, address, country) === comparable(way, written, country)
}

function comparable(way: ReplyWay, address: string, country: string): string {
  const trimmed = address.trim().toLowerCase()
  if (way === 'letter') return toLines(trimmed)
  return way === 'mail' ? trimmed : (textNumber(trimmed, country) ?? trimmed)
}

/** The way a channel's senders are answered first; then what costs the resident least. */
function preferred(channel: string): ReplyWay[] {
  const { medium, carries, conversation } = traitsOf(channel)
  const first: ReplyWay = conversation
    ? 'text'
    : medium === 'voice'
      ? 'call'
      : medium === 'paper' && !carries
        ? 'letter'
        : 'mail'
  return [...new Set<ReplyWay>([first, 'mail', 'text', 'letter', 'call'])]
}

/** An address as that way needs it; undefined where it cannot be one. */
export function addressFor(way: ReplyWay, given: string, country: string): string | undefined {
  if (given === '' || given.length > ADDRESS_LIMIT) return undefined
  if (way === 'mail') return isMailbox(given) ? given : undefined
  if (way === 'text') return textNumber(given, country)
  // Short numbers such as 311 are called too; words without digits are not.
  if (way === 'call') return given.replace(/\D/g, '').length >= 3 ? given : undefined
  return given
}

/** A number that texts can be sent to, as E.164; undefined for short codes and what is none. */
export function textNumber(phone: string, country: string): string | undefined {
  const parsed = parsePhoneNumberFromString(phone.slice(0, 40), country as CountryCode)
  return parsed?.isPossible() && !parsed.ext ? parsed.number : undefined
}

/** The lines of an envelope's window. */
function toLines(address: string): string {
  return address
    .split(/\n|,(?=\s)/)
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n')
}
