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
}

export interface AnswerableContact {
  readonly contactId: string
  readonly channel: string
  /** Who wrote it: a person, or a machine. */
  readonly kind: 'message' | 'auto-reply' | 'bounce'
  readonly envelope: Envelope | undefined
}

/** What of a sender serves which way. */
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
 * receipt can add a message to a case; then the latest counts. Each address once.
 * @param country whose numbers are meant where they do not say (ISO 3166)
 */
export function waysOf(
  contacts: readonly Omit<AnswerableContact, 'kind'>[],
  country: string
): Way[] {
  const ways = contacts.toReversed().flatMap((contact) => givenIn(contact, country))
  const seen = new Map(ways.toReversed().map((one) => [keyOf(one), one]))
  const first = firstKeys(contacts, country)
  const [own, later] = [[] as Way[], [] as Way[]]
  for (const one of ways.filter((way) => seen.get(keyOf(way)) === way))
    if (first.has(keyOf(one))) own.push(one)
    else later.push({ ...one, later: true })
  return [...own, ...later]
}

/**
 * The latest contact of whoever wrote first, by an address that both gave: where a typed address is
 * answered. @param contacts at least one
 */
export function latestOfWriter<T extends Omit<AnswerableContact, 'kind'>>(
  contacts: readonly T[],
  country: string
): T {
  const first = firstKeys(contacts, country)
  const own = contacts.findLast((contact) =>
    givenIn(contact, country).some((way) => first.has(keyOf(way)))
  )
  return own ?? contacts[0]!
}

/** Addresses of the first contact that gave one. */
function firstKeys(
  contacts: readonly Omit<AnswerableContact, 'kind'>[],
  country: string
): ReadonlySet<string> {
  const given = contacts.map((contact) => givenIn(contact, country))
  return new Set(given.find((ways) => ways.length > 0)?.map(keyOf))
}

function givenIn(
  { contactId, channel, envelope }: Omit<AnswerableContact, 'kind'>,
  country: string
): Way[] {
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
