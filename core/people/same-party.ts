/**
 * Whether two contacts are from one party. This is all that duplicate detection learns about
 * people.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { SameParty } from '../duplicates/judge.ts'
import type { Sender } from '../envelope.ts'
import {
  BIRTH,
  EMAIL,
  FAMILY,
  GIVEN,
  IDENTIFIER,
  MISSING,
  ORGANISATION,
  PHONE
} from '../matching/fields.ts'
import {
  compareContact,
  nothingCarried,
  type CarriedValues,
  type ContactFit
} from '../matching/contact-fit.ts'
import { scoreOf, type Model } from '../matching/model.ts'
import type { Person } from '../matching/person.ts'
import { protectPerson } from '../matching/protect.ts'
import { judgeContact } from '../matching/verdict.ts'
import type { MatchContext } from './mention.ts'
import { carriedBy, personOf } from './sender.ts'

export interface Parties {
  /** By contact: earlier contacts of the same constituent, newest first. */
  readonly own: ReadonlyMap<string, readonly string[]>
  of(
    contactId: string,
    sender: Sender | undefined,
    other: { readonly contactId: string; readonly sender: Sender | undefined }
  ): SameParty
  /** Loads who sent these contacts. Call it before asking about them. */
  meet(contactIds: readonly string[]): Promise<void>
}

/** A person's earlier contacts that are compared whatever their words. */
const OWN_EARLIER = 20

export async function openParties(
  trx: Db,
  contactIds: readonly string[],
  context: MatchContext
): Promise<Parties> {
  const met = new Map<string, Met>()
  const persons = new Map<string, Person>()
  const personFor = (contactId: string, sender: Sender | undefined): Person | undefined => {
    if (sender && !persons.has(contactId))
      persons.set(contactId, protectPerson(personOf(sender, context.country), context.protection))
    return persons.get(contactId)
  }
  const meet = async (ids: readonly string[]) => {
    for (const one of await meetSenders(
      trx,
      ids.filter((id) => !met.has(id))
    ))
      met.set(one.id, one)
  }
  const partyOf = (contactId: string, person: Person): Party => {
    const { root, channel } = met.get(contactId) ?? {}
    return {
      person,
      root: root ?? undefined,
      carried: channel ? carriedBy(channel, 'sender') : nothingCarried
    }
  }
  await meet(contactIds)
  return {
    own: await ownEarlier(trx, contactIds),
    meet,
    of(contactId, sender, other) {
      const [mine, theirs] = [
        personFor(contactId, sender),
        personFor(other.contactId, other.sender)
      ]
      return mine && theirs
        ? compareParties(context.model, partyOf(contactId, mine), partyOf(other.contactId, theirs))
        : 'unknown'
    }
  }
}

interface Party {
  readonly person: Person
  /** The constituent it was linked to, if any. */
  readonly root: string | undefined
  readonly carried: CarriedValues
}

/**
 * Symmetric. Two constituents are two parties unless they look like one. An address alone never
 * makes two people one.
 */
export function compareParties(model: Model, a: Party, b: Party): SameParty {
  if (a.root !== undefined && a.root === b.root) return 'same'
  const fit = compareContact(model, a.person, b.person, {
    emails: a.carried.emails || b.carried.emails,
    phones: a.carried.phones || b.carried.phones
  })
  const verdict = judgeContact(scoreOf(model, fit), fit)
  const apart = a.root !== undefined && b.root !== undefined
  if (verdict.kind === 'linked') return apart ? 'possible' : 'same'
  if (differs(fit)) return 'different'
  if (verdict.kind === 'possible') return 'possible'
  return apart ? 'different' : 'unknown'
}

/** For each telling field, the lowest level at which two values clearly belong to two people. */
const plainlyOther: readonly (readonly [field: number, level: number])[] = [
  [GIVEN, 5],
  [FAMILY, 4],
  [BIRTH, 4],
  [IDENTIFIER, 2],
  [ORGANISATION, 4],
  [EMAIL, 3],
  [PHONE, 2]
]

// Names decide first: if they agree, a different mail address is the same person's second one.
// Without names, addresses decide.
function differs({ levels, otherMailbox, otherPhone }: ContactFit): boolean {
  const named = levels[GIVEN] !== MISSING && levels[FAMILY] !== MISSING
  const telling = named
    ? plainlyOther.filter(([field]) => field !== EMAIL && field !== PHONE)
    : plainlyOther
  const agrees = !named && (levels[EMAIL]! <= 1 || levels[PHONE] === 0)
  return (
    !agrees &&
    ((!named && (otherMailbox || otherPhone)) ||
      telling.some(([field, level]) => levels[field] !== MISSING && levels[field]! >= level))
  )
}

interface Met {
  readonly id: string
  readonly channel: string
  readonly root: string | null
}

async function meetSenders(trx: Db, contactIds: readonly string[]): Promise<Met[]> {
  if (contactIds.length === 0) return []
  const { rows } = await sql<Met>`
    select contacts.id, contacts.channel, who.root from contacts left join lateral (
      select coalesce(c.merged_into, c.id)::text as root from constituent_links link
        join constituents c on c.id = link.constituent_id
      where link.contact_id = contacts.id and link.role = 'sender'
        and link.verdict in ('linked', 'new') and not link.single and link.unlinked_at is null
        limit 1
    ) as who on true where contacts.id = any(${contactIds}::uuid[])`.execute(trx)
  return rows
}

async function ownEarlier(trx: Db, contactIds: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ contact_id: string; earlier: string[] }>`
    select mine.contact_id, earlier.ids as earlier from constituent_links mine
    cross join lateral (
      select array_agg(contact_id) as ids from (
        select contact_id from constituent_links other
          where other.constituent_id = mine.constituent_id and other.contact_id <> mine.contact_id
          and other.role = 'sender' and other.verdict in ('linked', 'new') and not other.single
            and other.unlinked_at is null order by other.id desc limit ${OWN_EARLIER}
      ) as newest
    ) as earlier
    where mine.contact_id = any(${contactIds}::uuid[]) and mine.role = 'sender'
      and mine.verdict = 'linked' and not mine.single and mine.unlinked_at is null
      and earlier.ids is not null`.execute(trx)
  return new Map(rows.map((row) => [row.contact_id, row.earlier]))
}
