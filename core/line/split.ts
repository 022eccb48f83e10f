/**
 * One contact about two matters becomes two cases with the same arrival. The second stands right
 * behind the first: cases of one arrival are ordered by their ids, which rise. Where it is a contact
 * that joined a case later, the second case stands at that contact's own arrival, and never earlier.
 * Either may stand in another department's line, at the place that the arrival gives it there.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId, newId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { lockLineOf } from './locks.ts'
import { requireReason } from './reasons.ts'

/** Cases that one contact may become; a letter about more matters is rare. */
const MOST_PARTS = 20

interface Part {
  readonly contactId: string
  readonly arrivedAt: string
  readonly ordinal: string
}

export interface SplitRequest {
  readonly caseId: string
  readonly actor: string
  /** What the second case is about: its heading, kept in the ledger. */
  readonly about: string
  /** The contact of the case that is about two matters; its first one, where it is left out. */
  readonly contactId?: string | undefined
  /** In whose line the second case stands; in that of the first, where it is left out. */
  readonly into?: string | undefined
}

/**
 * Opens a second case for a contact of a case that the actor holds: for its first one at the same
 * arrival, for one that came later at that one's own. Everything else stays with the first case.
 * Returns the new case.
 * @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN, CASE_PARTS, CONTACT_NOT_HERE
 */
export async function split(
  db: Db,
  { caseId, actor, about, contactId: chosen, into }: SplitRequest
): Promise<{ department: string; caseId: string }> {
  const reason = requireReason(about)
  return db.transaction().execute(async (trx) => {
    const from = await lockLineOf(trx, caseId, into)
    const department = into ?? from
    const first = await requireHeld(trx, caseId, from, actor)
    const of = { caseId, contactId: await requireShown(trx, caseId, chosen ?? first), department }
    const id = newId()
    const { contactId, arrivedAt, ordinal } = await openPart(trx, of, id)
    const place = { arrivedAt, ordinal: Number(ordinal) }
    await appendEvents(trx, [
      {
        kind: 'case.entered',
        department,
        caseId: id,
        contactId,
        actor,
        data: { ...place, splitFrom: caseId, reason }
      },
      { kind: 'case.split', caseId, actor, data: { into: id, reason } }
    ])
    return { department, caseId: id }
  })
}

async function requireHeld(
  trx: Db,
  caseId: string,
  department: string,
  actor: string
): Promise<string> {
  const held = await trx
    .selectFrom('cases')
    .select('contact_id')
    .where('id', '=', caseId)
    .where('department', '=', department)
    .where('state', '=', 'taken')
    .where('taken_by', '=', actor)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!held) throw new EvenhandError('CASE_NOT_TAKEN')
  return held.contact_id
}

/** @throws CONTACT_NOT_HERE */
async function requireShown(trx: Db, caseId: string, contactId: string): Promise<string> {
  const link = isId(contactId)
    ? await trx
        .selectFrom('case_contacts')
        .select('contact_id')
        .where('case_id', '=', caseId)
        .where('contact_id', '=', contactId)
        .executeTakeFirst()
    : undefined
  if (!link) throw new EvenhandError('CONTACT_NOT_HERE')
  return contactId
}

/** @throws CASE_PARTS where the contact has as many cases as it may have */
async function openPart(
  trx: Db,
  {
    caseId,
    contactId,
    department
  }: { readonly caseId: string; readonly contactId: string; readonly department: string },
  id: string
): Promise<Part> {
  const {
    rows: [part]
  } = await sql<Part>`
    insert into cases (id, contact_id, department, state, arrived_at, ordinal, channel, receipt,
      language, part)
    select ${id}, place.contact_id, ${department}, 'waiting', place.arrived_at, place.ordinal,
      place.channel, place.receipt, place.language, greatest(parts.latest, 1) + 1
    from cases cross join lateral (
      select cases.contact_id, cases.arrived_at, cases.ordinal, cases.channel, cases.receipt,
        cases.language where cases.contact_id = ${contactId}
      union all select id, arrived_at, ordinal, channel, receipt,
        coalesce(envelope ->> 'language', 'und') from contacts
        where id = ${contactId} and id <> cases.contact_id
    ) as place cross join lateral (select coalesce(max(part), 0) as latest, count(*) as many
      from cases other where other.contact_id = ${contactId}) as parts
    where cases.id = ${caseId} and parts.many < ${MOST_PARTS}
    returning contact_id as "contactId", ${exactTime('arrived_at')} as "arrivedAt",
      ordinal`.execute(trx)
  if (!part) throw new EvenhandError('CASE_PARTS')
  await trx
    .insertInto('case_contacts')
    .values({
      case_id: id,
      contact_id: part.contactId,
      role: 'first',
      reason: 'opened the case',
      via: null
    })
    .execute()
  return part
}
