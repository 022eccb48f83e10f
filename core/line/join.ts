/**
 * Joining two cases that are one matter: the later leaves its line and joins the earlier, which
 * keeps its place if it stands in line. The joined case keeps its own arrival, so that undoing puts
 * it back at its old place. This file knows nothing of the people.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import type { CaseState } from './tables.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { copyLinks, moveContacts, removeLinks, returnContacts } from './joined-contacts.ts'
import { inLineOf, lockLinesOf } from './locks.ts'
import { requireReason } from './reasons.ts'
import { resumeLocked } from './pause.ts'
import { comeBack, isEnded } from './reopen.ts'

export interface JoinRequest {
  readonly laterCaseId: string
  readonly earlierCaseId: string
  readonly actor: string
  readonly reason: string
  /** How the later case's first contact relates to the earlier case; 'duplicate' if not said. */
  readonly role?: 'duplicate' | 'follow-up'
}

/** A case that came back into a line and now needs a ticket. */
export interface JoinedCase {
  readonly department: string
  readonly caseId: string
}

interface Row {
  readonly id: string
  readonly contact_id: string
  readonly department: string
  readonly state: CaseState
  readonly taken_by: string | null
  readonly joined_into: string | null
  readonly arrived: string
  readonly ordinal: string
}

/**
 * Takes a case out of its line, one that waits or that the actor holds, and joins it into a case
 * that arrived earlier. If the earlier case has ended, it comes back into the line as after a
 * follow-up, at the place of the joining case; if it waits for its resident, at its own. Returns the
 * case that came back, if one did.
 * @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN (somebody else holds it), CASE_NOT_JOINABLE
 */
export async function joinCase(
  db: Db,
  { reason, role = 'duplicate', ...request }: JoinRequest
): Promise<JoinedCase[]> {
  const why = requireReason(reason)
  return db.transaction().execute(async (trx) => {
    const [department] = await lockLinesOf(trx, [request.laterCaseId, request.earlierCaseId])
    return joinLocked(trx, { ...request, department: department!, why, role })
  })
}

interface Joining extends Required<Omit<JoinRequest, 'reason'>> {
  /** The department in whose line both cases stand. */
  readonly department: string
  /** The reason, checked. */
  readonly why: string
}

/** The same for a caller that has already locked the lines of both cases. @throws as joinCase */
export async function joinLocked(
  trx: Db,
  { laterCaseId, earlierCaseId, department, actor, why, role }: Joining
): Promise<JoinedCase[]> {
  const [later, earlier] = await lockBoth(trx, laterCaseId, earlierCaseId)
  refuseUnfit(later, earlier, department, actor)
  const reopened = isEnded(earlier.state)
  // What joins a case that waits for its resident is their word.
  const resumed = await resumeLocked(trx, earlier.id, { actor, reason: why, by: 'resident' })
  if (reopened)
    await comeBack(trx, earlier.id, {
      department: earlier.department,
      place: { joins: later.id },
      actor,
      reason: why
    })
  await sql`
    update cases set state = 'joined', joined_into = ${earlier.id}, taken_by = null,
      taken_at = null, lease_until = null, remind_at = null, updated_at = now()
    where id = ${later.id}`.execute(trx)
  await trx.deleteFrom('case_passes').where('case_id', '=', later.id).execute()
  await copyLinks(trx, later.id, earlier.id, role, why)
  await moveContacts(trx, later.id, earlier.id)
  await appendEvents(trx, [
    {
      kind: 'case.joined',
      department,
      caseId: later.id,
      actor,
      data: { into: earlier.id, role, reason: why }
    },
    {
      kind: 'contact.joined',
      caseId: earlier.id,
      contactId: later.contact_id,
      actor,
      data: { as: role, case: later.id, reason: why }
    }
  ])
  return reopened || resumed ? [{ department: earlier.department, caseId: earlier.id }] : []
}

/**
 * Puts a joined case back into its line, at its original place. Returns the department. @throws
 * REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_JOINED
 */
export async function undoJoin(
  db: Db,
  caseId: string,
  actor: string,
  reason: string
): Promise<string> {
  const why = requireReason(reason)
  return inLineOf(db, caseId, (trx, department) =>
    undoJoinLocked(trx, caseId, department, actor, why)
  )
}

/**
 * The same for a caller that has already locked the case's line. @throws CASE_UNKNOWN,
 * CASE_NOT_JOINED
 */
export async function undoJoinLocked(
  trx: Db,
  caseId: string,
  department: string,
  actor: string,
  why: string
): Promise<void> {
  const joined = await lockRow(trx, caseId)
  if (joined.state !== 'joined') throw new EvenhandError('CASE_NOT_JOINED')
  await removeLinks(trx, caseId)
  await trx
    .updateTable('cases')
    .set({ state: 'waiting', joined_into: null, updated_at: sql`now()` })
    .where('id', '=', caseId)
    .execute()
  await returnContacts(trx, caseId)
  await appendEvents(trx, [
    {
      kind: 'case.unjoined',
      department,
      caseId,
      actor,
      data: {
        from: joined.joined_into,
        reason: why,
        arrivedAt: joined.arrived,
        ordinal: Number(joined.ordinal)
      }
    },
    {
      kind: 'contact.left',
      caseId: joined.joined_into!,
      contactId: joined.contact_id,
      actor,
      data: { case: caseId, reason: why }
    }
  ])
}

// Locks both rows in the order of their ids, so that two joins at once do not wait for each other.
async function lockBoth(trx: Db, laterCaseId: string, earlierCaseId: string): Promise<[Row, Row]> {
  if (laterCaseId === earlierCaseId)
    throw new EvenhandError('CASE_NOT_JOINABLE', 'it is the same case')
  const rows = new Map<string, Row>()
  for (const id of [laterCaseId, earlierCaseId].toSorted()) rows.set(id, await lockRow(trx, id))
  return [rows.get(laterCaseId)!, rows.get(earlierCaseId)!]
}

async function lockRow(trx: Db, caseId: string): Promise<Row> {
  if (!isId(caseId)) throw new EvenhandError('CASE_UNKNOWN')
  const { rows } = await sql<Row>`
    select id, contact_id, department, state, taken_by, joined_into,
      ${exactTime('arrived_at')} as arrived, ordinal
    from cases where id = ${caseId} for no key update`.execute(trx)
  if (!rows[0]) throw new EvenhandError('CASE_UNKNOWN')
  return rows[0]
}

function refuseUnfit(later: Row, earlier: Row, department: string, actor: string): void {
  if (isEnded(later.state)) throw new EvenhandError('CASE_NOT_JOINABLE', 'it has ended')
  if (later.state === 'joined')
    throw new EvenhandError('CASE_NOT_JOINABLE', 'it has been joined already')
  if (earlier.state === 'joined')
    throw new EvenhandError(
      'CASE_NOT_JOINABLE',
      'the other has itself been joined into another case'
    )
  // The later case moved to another line while this one was being locked, or somebody else holds
  // it.
  if (later.department !== department || (later.state === 'taken' && later.taken_by !== actor))
    throw new EvenhandError('CASE_NOT_TAKEN')
  // An ended case stands nowhere and comes back at the later one's place, so its arrival does not
  // matter.
  if (!isEnded(earlier.state) && !arrivedBefore(earlier, later))
    throw new EvenhandError('CASE_NOT_JOINABLE', 'the other arrived later; join that one into this')
}

function arrivedBefore(a: Row, b: Row): boolean {
  if (a.arrived !== b.arrived) return a.arrived < b.arrived
  return a.ordinal === b.ordinal ? a.id < b.id : Number(a.ordinal) < Number(b.ordinal)
}
