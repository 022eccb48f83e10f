/**
 * Who of a case hears nothing of a reply: it goes to one address, and the case can hold messages of
 * several people.
 */
import type { ReplyWay } from '../outbox/reply-message.ts'
import { givenIn, isSameAddress, ownContacts, type AnswerableContact, type Way } from './ways.ts'

export interface Unheard {
  readonly name: string | undefined
  /** When they first wrote, and how. */
  readonly at: Date
  readonly channel: string
  /** By which ways they can be answered; empty where they gave none. */
  readonly ways: readonly ReplyWay[]
}

type Contact = AnswerableContact & { readonly arrivedAt: Date }

/**
 * @param contacts of the case, in order of arrival
 * @param to the contact that is answered, and the address, undefined for an answer to a campaign
 * @param country whose numbers are meant where they do not say (ISO 3166)
 */
export function unheardBy(
  contacts: readonly Contact[],
  to: { readonly contactId: string; readonly address?: string | undefined },
  country: string
): Unheard[] {
  const written = contacts.filter(({ kind }) => kind === 'message')
  return peopleIn(written, country)
    .filter((person) => !hears(person, to, country))
    .map((person) => ({
      name: person.map(({ envelope }) => envelope?.sender.name).find(Boolean),
      at: person[0]!.arrivedAt,
      channel: person[0]!.channel,
      ways: [...new Set(person.flatMap((one) => givenIn(one, country).map(({ way }) => way)))]
    }))
}

/** The contacts of each person: whoever wrote first, then of the rest whoever wrote first, ... */
function peopleIn(contacts: readonly Contact[], country: string): Contact[][] {
  const people: Contact[][] = []
  for (let rest = contacts; rest.length > 0;) {
    // Of those that staff joined, the first stands for a person as the case's own first does.
    const [first, ...others] = rest
    const person = ownContacts(
      people.length === 0 ? rest : [first!, ...others.map((one) => ({ ...one, joined: true }))],
      country
    )
    const ids = new Set(person.map(({ contactId }) => contactId))
    people.push(person)
    rest = rest.filter(({ contactId }) => !ids.has(contactId))
  }
  return people
}

function hears(
  person: readonly Contact[],
  { contactId, address }: { readonly contactId: string; readonly address?: string | undefined },
  country: string
): boolean {
  const gave = (way: Way) => address !== undefined && isSameAddress(way, address, country)
  return person.some((one) => one.contactId === contactId || givenIn(one, country).some(gave))
}
