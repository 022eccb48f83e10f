/** Whether two contacts are of one party: all that the finding of duplicates is told about people. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { SameParty } from '../duplicates/judge.ts'
import type { Sender } from '../envelope.ts'
import { BIRTH, EMAIL, FAMILY, GIVEN, IDENTIFIER, MISSING, ORGANISATION, PHONE } from '../matching/fields.ts'
import { compareUnder, scoreOf, type Model } from '../matching/model.ts'
import type { Person } from '../matching/person.ts'
import { protectPerson } from '../matching/protect.ts'
import { judge } from '../matching/verdict.ts'
import type { Means } from './recognise.ts'
import { personOf } from './sender.ts'

export interface Parties {
  /** Earlier contacts of the same constituent, newest first, by contact. */
  readonly own: ReadonlyMap<string, readonly string[]>
  of(contactId: string, sender: Sender | undefined, other: { readonly contactId: string; readonly sender: Sender | undefined }): SameParty
  /** Learns who sent these; call it before asking about them. */
  meet(contactIds: readonly string[]): Promise<void>
}

/** A person's own earlier contacts that are compared whatever their words. */
const OWN_EARLIER = 20

export async function openParties(trx: Db, contactIds: readonly string[], means: Means): Promise<Parties> {
  const roots = new Map<string, string>()
  const persons = new Map<string, Person>()
  const personFor = (contactId: string, sender: Sender | undefined): Person | undefined => {
    if (sender && !persons.has(contactId)) persons.set(contactId, protectPerson(personOf(sender, means.country), means.protection))
    return persons.get(contactId)
  }
  const meet = async (ids: readonly string[]) => {
    for (const { contact_id: id, root } of await rootsOf(trx, ids.filter((id) => !roots.has(id)))) roots.set(id, root)
  }
  await meet(contactIds)
  return {
    own: await ownEarlier(trx, contactIds), meet,
    of(contactId, sender, other) {
      const [mine, theirs] = [personFor(contactId, sender), personFor(other.contactId, other.sender)]
      return mine && theirs ? compareParties(means.model, { person: mine, root: roots.get(contactId) }, { person: theirs, root: roots.get(other.contactId) }) : 'unknown'
    }
  }
}

interface Party {
  readonly person: Person
  /** The constituent it was linked to, if it was. */
  readonly root: string | undefined
}

/** Order does not matter. Two constituents are two parties unless they look like one; an address alone never makes two people one. */
export function compareParties(model: Model, a: Party, b: Party): SameParty {
  if (a.root !== undefined && a.root === b.root) return 'same'
  const comparison = compareUnder(model, a.person, b.person)
  const verdict = judge(scoreOf(model, comparison), comparison)
  const apart = a.root !== undefined && b.root !== undefined
  if (verdict.kind === 'linked') return apart ? 'possible' : 'same'
  if (differs(comparison.levels)) return 'different'
  if (verdict.kind === 'possible') return 'possible'
  return apart ? 'different' : 'unknown'
}

/** Lowest level of each telling field at which two values plainly are two people's. */
const plainlyOther: readonly (readonly [field: number, level: number])[] = [[GIVEN, 5], [FAMILY, 4], [BIRTH, 4], [IDENTIFIER, 2], [ORGANISATION, 4], [EMAIL, 3], [PHONE, 2]]

// Names first: where they agree, another mail address is the same person's second one; where there are none, addresses speak.
function differs(levels: Uint8Array): boolean {
  const named = levels[GIVEN] !== MISSING && levels[FAMILY] !== MISSING
  const telling = named ? plainlyOther.filter(([field]) => field !== EMAIL && field !== PHONE) : plainlyOther
  const agrees = !named && (levels[EMAIL]! <= 1 || levels[PHONE] === 0)
  return !agrees && telling.some(([field, level]) => levels[field] !== MISSING && levels[field]! >= level)
}

async function rootsOf(trx: Db, contactIds: readonly string[]): Promise<{ contact_id: string; root: string }[]> {
  if (contactIds.length === 0) return []
  const { rows } = await sql<{ contact_id: string; root: string }>`
    select link.contact_id, coalesce(c.merged_into, c.id)::text as root from constituent_links link join constituents c on c.id = link.constituent_id
    where link.contact_id = any(${contactIds}::uuid[]) and link.role = 'sender' and link.verdict in ('linked', 'new') and link.unlinked_at is null`.execute(trx)
  return rows
}

async function ownEarlier(trx: Db, contactIds: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ contact_id: string; earlier: string[] }>`
    select mine.contact_id, earlier.ids as earlier from constituent_links mine
    cross join lateral (
      select array_agg(contact_id) as ids from (
        select contact_id from constituent_links other where other.constituent_id = mine.constituent_id and other.contact_id <> mine.contact_id
          and other.role = 'sender' and other.verdict in ('linked', 'new') and other.unlinked_at is null order by other.id desc limit ${OWN_EARLIER}
      ) as newest
    ) as earlier
    where mine.contact_id = any(${contactIds}::uuid[]) and mine.role = 'sender' and mine.verdict = 'linked' and mine.unlinked_at is null and earlier.ids is not null`.execute(trx)
  return new Map(rows.map((row) => [row.contact_id, row.earlier]))
}
