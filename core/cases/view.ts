/** What the desk and the API show of cases: those that somebody holds, and one with all it has. */
import { sql } from 'kysely'
import type { CaseView, HeldCase, NearCase } from './types.ts'
import { toEnvelope, viewCaseEvents } from '../contacts/find.ts'
import { caseSubjectOf } from '../contacts/shown.ts'
import { CONTACTS_SHOWN } from './messages.ts'
import { traitsOf } from '../intake/traits.ts'
import { wasAnswered } from '../line/answered.ts'
import { placeOf } from '../line/view.ts'
import { returnedOf } from '../replies/returned.ts'
import { transcriptsOf } from '../transcription/machine-transcripts.ts'
import type { Db } from '../../platform/db/database.ts'

/** The cases somebody holds, earliest arrival first. */
export async function heldBy(db: Db, actor: string): Promise<HeldCase[]> {
  const rows = await db
    .selectFrom('cases')
    .select(['id', 'receipt', 'department', 'channel', 'arrived_at', 'lease_until'])
    .where('state', '=', 'taken')
    .where('taken_by', '=', actor)
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .orderBy('id')
    .limit(200)
    .execute()
  return rows.map((row) => ({
    caseId: row.id,
    receipt: row.receipt,
    department: row.department,
    channel: row.channel,
    arrivedAt: row.arrived_at,
    leaseUntil: row.lease_until!
  }))
}

/** Who on record the sender of a contact is taken to be, merges followed. */
const senderOf = sql<string | null>`(select coalesce(person.merged_into, person.id)::text
  from constituent_links said join constituents person on person.id = said.constituent_id
  where said.contact_id = contacts.id and said.role = 'sender' and said.verdict <> 'possible'
    and said.unlinked_at is null order by said.id desc limit 1)`

export async function viewCase(db: Db, caseId: string): Promise<CaseView | undefined> {
  const found = await db
    .selectFrom('cases')
    .innerJoin('contacts as first', 'first.id', 'cases.contact_id')
    .selectAll('cases')
    .select(['first.arrived_at as first_at', 'first.ordinal as first_ordinal'])
    .where('cases.id', '=', caseId)
    .executeTakeFirst()
  if (!found) return undefined
  const contacts = await db
    .selectFrom('case_contacts')
    .innerJoin('contacts', 'contacts.id', 'case_contacts.contact_id')
    .leftJoin('outbound', (join) =>
      join
        .onRef('outbound.contact_id', '=', 'contacts.id')
        .on('outbound.kind', '=', 'acknowledgement')
    )
    .select([
      'contacts.id',
      'receipt',
      'channel',
      'arrived_at',
      'ordinal',
      'envelope',
      'trail',
      'role',
      'case_contacts.reason',
      'case_contacts.via',
      'case_contacts.linked_at',
      senderOf.as('person_id'),
      'contacts.kind',
      'outbound.state as told',
      'outbound.reason as told_why',
      'outbound.delivery'
    ])
    .where('case_contacts.case_id', '=', caseId)
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .limit(CONTACTS_SHOWN)
    .execute()
  return {
    caseId,
    receipt: found.receipt,
    department: found.department,
    state: found.state,
    arrivedAt: found.first_at,
    standsSince: found.ordinal === found.first_ordinal ? undefined : found.arrived_at,
    place: found.state === 'waiting' ? await placeOf(db, caseId) : undefined,
    heldBy: found.taken_by ?? undefined,
    leaseUntil: found.lease_until ?? undefined,
    remindAt: found.remind_at ?? undefined,
    outcome: found.outcome ?? undefined,
    outcomeId: found.outcome_id ?? undefined,
    answered: await wasAnswered(db, caseId),
    ...(await partsOf(db, caseId)),
    ...(await joinsOf(db, caseId)),
    contacts: await Promise.all(
      contacts.map(async (row) => ({
        contactId: row.id,
        receipt: row.receipt,
        role: row.role,
        joined: row.via !== null,
        personId: row.person_id ?? undefined,
        reason: row.reason,
        kind: row.kind ?? 'message',
        channel: row.channel,
        arrivedAt: row.arrived_at,
        linkedAt: row.linked_at,
        trail: row.trail,
        told: row.told ?? undefined,
        notTold: row.told_why ?? undefined,
        delivery: row.delivery ?? undefined,
        envelope: row.envelope ? toEnvelope(row.envelope, row.arrived_at, row.ordinal) : undefined,
        ...(traitsOf(row.channel).medium === 'voice'
          ? { transcripts: await transcriptsOf(db, row.id) }
          : {})
      }))
    ),
    returned: await returnedOf(db, caseId),
    events: await viewCaseEvents(db, caseId)
  }
}

/**
 * The other cases of a case's contacts that came of splitting one of them, still apart or joined
 * again, and what the case is about where it was split off itself. A case that the same contact has
 * in another department, because it was addressed to both, is none of them.
 */
async function partsOf(
  db: Db,
  caseId: string
): Promise<Pick<CaseView, 'parts' | 'siblings' | 'about'>> {
  const { rows } = await sql<{
    caseId: string
    about: string | null
    department: string
    joined: boolean
  }>`
    select other.id as "caseId", split.data ->> 'reason' as about, other.department,
      other.joined_into is not distinct from own.id as joined
    from cases own cross join lateral (
      select id, bool_or(named) as named from (
        select id, false from cases where contact_id = own.contact_id
        union all select (data ->> 'into')::uuid, true from events
          where case_id = own.id and kind = 'case.split'
        union all select (data ->> 'splitFrom')::uuid, true from events
          where case_id = own.id and kind = 'case.entered' and data ? 'splitFrom'
      ) as all_of (id, named) group by id
    ) as near join cases other on other.id = near.id
    left join events split on split.case_id = other.id and split.kind = 'case.entered'
      and split.data ? 'splitFrom'
    where own.id = ${caseId} and (near.named or split.id is not null
      or other.department = own.department) order by other.id`.execute(db)
  const [own, others] = [
    rows.find((row) => row.caseId === caseId),
    rows.filter((row) => row.caseId !== caseId)
  ]
  const shown = (joined: boolean) =>
    others
      .filter((row) => row.joined === joined)
      .map(({ caseId: id, about, department }) => ({ caseId: id, about: about ?? '', department }))
  return {
    parts: shown(true).map(({ caseId: id, about }) => ({ caseId: id, about })),
    siblings: shown(false),
    about: own?.about ?? undefined
  }
}

/** Cases joined that are shown; a case that gathered more is a campaign in the wrong place. */
const JOINED_SHOWN = 100

async function joinsOf(
  db: Db,
  caseId: string
): Promise<Pick<CaseView, 'joinedInto' | 'joinedCases'>> {
  const { rows } = await sql<NearCase & { above: boolean }>`
    select cases.id as "caseId", ${caseSubjectOf} as about, cases.department,
      cases.id is not distinct from own.joined_into as above
    from cases own join cases on cases.id = own.joined_into or cases.joined_into = own.id
      join contacts on contacts.id = cases.contact_id
    where own.id = ${caseId}
    order by above desc, contacts.arrived_at, contacts.ordinal limit ${JOINED_SHOWN}`.execute(db)
  const near = rows.map(({ above, ...one }) => ({ above, one }))
  return {
    joinedInto: near.find(({ above }) => above)?.one,
    joinedCases: near.filter(({ above }) => !above).map(({ one }) => one)
  }
}
