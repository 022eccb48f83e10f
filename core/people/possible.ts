/**
 * People named by contacts whom no machine could identify, as a page shows them to the person who
 * decides.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Sender } from '../envelope.ts'
import { isId } from '../../platform/ids.ts'
import type { WaterfallBar } from '../matching/model.ts'
import type { Mention } from './mention.ts'
import { FIRST_WORDS, showConstituents, type ShownConstituent } from './view.ts'

export interface PossibleCandidate {
  readonly linkId: string
  readonly constituent: ShownConstituent
  readonly bits: number
  readonly waterfall: readonly WaterfallBar[]
  readonly reason: string
}

/** One person named by one contact, and who it may be, best candidate first. */
export interface PossiblePerson {
  readonly contactId: string
  readonly role: Mention['role']
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly caseId: string | undefined
  readonly department: string | undefined
  /** Its subject, or else its first words. */
  readonly about: string
  /** As the contact gives them. */
  readonly named: Sender
  readonly candidates: readonly PossibleCandidate[]
}

/** The mentions that wait for a person, earliest arrival first, and how many in all. */
export async function listPossible(
  db: Db,
  limit = 50,
  departments?: readonly string[]
): Promise<{ total: number; people: PossiblePerson[] }> {
  const people = await readPossible(db, sql`true`, limit, departments)
  return {
    total: people.length < limit ? people.length : await countPossible(db, departments),
    people
  }
}

/**
 * One of them, at any position; undefined if it no longer waits or belongs to another department.
 */
export async function findPossible(
  db: Db,
  contactId: string,
  role: string,
  departments?: readonly string[]
): Promise<PossiblePerson | undefined> {
  return isId(contactId)
    ? (
        await readPossible(
          db,
          sql`link.contact_id = ${contactId} and link.role = ${role}`,
          1,
          departments
        )
      )[0]
    : undefined
}

/** How many wait for a person. */
export async function countPossible(db: Db, departments?: readonly string[]): Promise<number> {
  const { rows } = await sql<{ total: string }>`
    select count(*) as total from (${pairs(sql`true`)}) as pair
      join contacts on contacts.id = pair.contact_id left join cases on cases.id = contacts.case_id
      where ${within(departments)}`.execute(db)
  return Number(rows[0]!.total)
}

function pairs(which: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select distinct contact_id, role from constituent_links link
      where verdict = 'possible' and unlinked_at is null and ${which}`
}

function within(departments: readonly string[] | undefined): RawBuilder<unknown> {
  return departments ? sql`cases.department = any(${departments}::text[])` : sql`true`
}

// Sorted and cut before details are loaded, so that showing one does not read the evidence of
// thousands.
async function readPossible(
  db: Db,
  which: RawBuilder<unknown>,
  limit: number,
  departments: readonly string[] | undefined
): Promise<PossiblePerson[]> {
  const { rows } = await sql<PossibleRow>`
    with page as (
      select contacts.id, pair.role, contacts.receipt, contacts.channel, contacts.arrived_at,
        contacts.ordinal, contacts.case_id, cases.department,
        contacts.envelope -> 'sender' as sender, contacts.envelope -> 'parties' as parties,
        coalesce(nullif(contacts.envelope ->> 'subject', ''), left(contacts.envelope ->> 'text',
          ${FIRST_WORDS})) as about
      from (${pairs(which)}) as pair join contacts on contacts.id = pair.contact_id left
        join cases on cases.id = contacts.case_id
      where ${within(departments)} order by contacts.arrived_at, contacts.ordinal, pair.role
        limit ${limit}
    )
    select page.id as "contactId", page.role, receipt, channel, arrived_at as "arrivedAt",
      case_id as "caseId", department, sender, parties, about, gathered.candidates
    from page cross join lateral (
      select jsonb_agg(jsonb_build_object('linkId', link.id::text, 'root', coalesce(c.merged_into,
        c.id)::text, 'bits', bits, 'waterfall', waterfall, 'reason', reason)
        order by bits desc, link.id) as candidates
      from constituent_links link join constituents c on c.id = link.constituent_id
        where link.contact_id = page.id and link.role = page.role and verdict = 'possible'
        and unlinked_at is null
    ) as gathered
    order by arrived_at, ordinal, page.role`.execute(db)
  const shown = new Map(
    (
      await showConstituents(db, [
        ...new Set(rows.flatMap(({ candidates }) => candidates.map(({ root }) => root)))
      ])
    ).map((one) => [one.constituentId, one])
  )
  return rows.map(
    ({
      contactId,
      role,
      receipt,
      channel,
      arrivedAt,
      caseId,
      department,
      sender,
      parties,
      about,
      candidates
    }) => ({
      contactId,
      role,
      receipt,
      channel,
      arrivedAt,
      caseId: caseId ?? undefined,
      department: department ?? undefined,
      about: about ?? '',
      named: (role === 'sender' ? sender : parties?.find((party) => party.role === role)) ?? {
        emails: [],
        phones: [],
        addresses: []
      },
      candidates: candidates.map(({ root, ...one }) => ({ ...one, constituent: shown.get(root)! }))
    })
  )
}

interface PossibleRow {
  readonly contactId: string
  readonly role: Mention['role']
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly caseId: string | null
  readonly department: string | null
  readonly about: string | null
  readonly sender: Sender | null
  readonly parties: (Sender & { role: Mention['role'] })[] | null
  readonly candidates: readonly {
    linkId: string
    root: string
    bits: number
    waterfall: WaterfallBar[]
    reason: string
  }[]
}
