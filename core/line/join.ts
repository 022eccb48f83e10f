/**
 * Two cases that are one matter: the later leaves its line and joins the earlier, which keeps its place. The joined case keeps its
 * own arrival, so that undoing puts it back where it stood. Who the people are is no concern of this file.
 */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { CaseState } from '../db/tables.ts'
import { EvenhandError } from '../errors.ts'
import { isId } from '../ids.ts'
import { appendEvents } from '../ledger.ts'
import { copyLinks, moveContacts, removeLinks, returnContacts } from './joined-contacts.ts'
import { lockForEntry } from './locks.ts'
import { requireReason } from './reasons.ts'
import { reopenLocked } from './serve.ts'

export interface JoinOptions {
  /** What the later case's first contact is to the earlier case. */
  readonly role?: 'duplicate' | 'follow-up'
}

/** A case that came back into a line, which needs a ticket for it. */
export interface Entered {
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
 * Takes a case that waits, or that the actor holds, out of its line and joins it into one that arrived earlier. Where that one has ended
 * it is reopened, as by a follow-up, so that the matter stands at the earlier place; answers what came back into a line so.
 * @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN (somebody else holds it), CASE_NOT_JOINABLE
 */
export async function joinCase(db: Db, laterCaseId: string, earlierCaseId: string, actor: string, reason: string, { role = 'duplicate' }: JoinOptions = {}): Promise<Entered[]> {
  const why = requireReason(reason)
  return db.transaction().execute(async (trx) => {
    const department = await departmentOf(trx, laterCaseId)
    // The lines first, both in one order, then the rows, as takes do.
    await lockForEntry(trx, [department, await departmentOf(trx, earlierCaseId)])
    return joinLocked(trx, laterCaseId, earlierCaseId, department, actor, why, role)
  })
}

/** The joining itself, for a caller that holds the lines of both cases. @throws as joinCase */
export async function joinLocked(trx: Db, laterCaseId: string, earlierCaseId: string, department: string, actor: string, why: string, role: 'duplicate' | 'follow-up'): Promise<Entered[]> {
  const [later, earlier] = await lockBoth(trx, laterCaseId, earlierCaseId)
  refuseUnfit(later, earlier, department, actor)
  const reopened = isEnded(earlier)
  if (reopened) await reopenLocked(trx, earlier.id, earlier.department, actor, why)
  await sql`
    update cases set state = 'joined', joined_into = ${earlier.id}, taken_by = null, taken_at = null, lease_until = null, updated_at = now() where id = ${later.id}`.execute(trx)
  await trx.deleteFrom('case_passes').where('case_id', '=', later.id).execute()
  await copyLinks(trx, later.id, earlier.id, role, why)
  await moveContacts(trx, later.id, earlier.id)
  await appendEvents(trx, [
    { kind: 'case.joined', department, caseId: later.id, actor, data: { into: earlier.id, role, reason: why } },
    { kind: 'contact.joined', caseId: earlier.id, contactId: later.contact_id, actor, data: { as: role, case: later.id, reason: why } }
  ])
  return reopened ? [{ department: earlier.department, caseId: earlier.id }] : []
}

/** Puts a joined case back into its line, at its original place; answers whose line. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_JOINED */
export async function undoJoin(db: Db, caseId: string, actor: string, reason: string): Promise<string> {
  const why = requireReason(reason)
  return db.transaction().execute(async (trx) => {
    const department = await departmentOf(trx, caseId)
    await lockForEntry(trx, [department])
    await undoJoinLocked(trx, caseId, department, actor, why)
    return department
  })
}

/** The undoing itself, for a caller that holds the case's line. @throws CASE_UNKNOWN, CASE_NOT_JOINED */
export async function undoJoinLocked(trx: Db, caseId: string, department: string, actor: string, why: string): Promise<void> {
  const joined = await lockRow(trx, caseId)
  if (joined.state !== 'joined') throw new EvenhandError('CASE_NOT_JOINED')
  await removeLinks(trx, caseId)
  await trx.updateTable('cases').set({ state: 'waiting', joined_into: null, updated_at: sql`now()` }).where('id', '=', caseId).execute()
  await returnContacts(trx, caseId)
  await appendEvents(trx, [
    { kind: 'case.unjoined', department, caseId, actor, data: { from: joined.joined_into, reason: why, arrivedAt: joined.arrived, ordinal: Number(joined.ordinal) } },
    { kind: 'contact.left', caseId: joined.joined_into!, contactId: joined.contact_id, actor, data: { case: caseId, reason: why } }
  ])
}

async function departmentOf(trx: Db, caseId: string): Promise<string> {
  const found = isId(caseId) ? await trx.selectFrom('cases').select('department').where('id', '=', caseId).executeTakeFirst() : undefined
  if (!found) throw new EvenhandError('CASE_UNKNOWN')
  return found.department
}

// In the order of their ids, so that two joins at once do not wait for each other.
async function lockBoth(trx: Db, laterCaseId: string, earlierCaseId: string): Promise<[Row, Row]> {
  if (laterCaseId === earlierCaseId) throw new EvenhandError('CASE_NOT_JOINABLE', 'it is the same case')
  const rows = new Map<string, Row>()
  for (const id of [laterCaseId, earlierCaseId].toSorted()) rows.set(id, await lockRow(trx, id))
  return [rows.get(laterCaseId)!, rows.get(earlierCaseId)!]
}

async function lockRow(trx: Db, caseId: string): Promise<Row> {
  if (!isId(caseId)) throw new EvenhandError('CASE_UNKNOWN')
  const { rows } = await sql<Row>`
    select id, contact_id, department, state, taken_by, joined_into, to_char(arrived_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as arrived, ordinal
    from cases where id = ${caseId} for no key update`.execute(trx)
  if (!rows[0]) throw new EvenhandError('CASE_UNKNOWN')
  return rows[0]
}

function refuseUnfit(later: Row, earlier: Row, department: string, actor: string): void {
  if (isEnded(later)) throw new EvenhandError('CASE_NOT_JOINABLE', 'it has ended')
  if (later.state === 'joined') throw new EvenhandError('CASE_NOT_JOINABLE', 'it has been joined already')
  if (earlier.state === 'joined') throw new EvenhandError('CASE_NOT_JOINABLE', 'the other has itself been joined into another case')
  // It went to another line while this one was being locked: whoever moved it holds it.
  if (later.department !== department || (later.state === 'taken' && later.taken_by !== actor)) throw new EvenhandError('CASE_NOT_TAKEN')
  if (!arrivedBefore(earlier, later)) throw new EvenhandError('CASE_NOT_JOINABLE', 'the other arrived later; join that one into this')
}

function isEnded({ state }: Row): boolean {
  return state === 'closed' || state === 'handed-off'
}

function arrivedBefore(a: Row, b: Row): boolean {
  return a.arrived === b.arrived ? Number(a.ordinal) < Number(b.ordinal) : a.arrived < b.arrived
}
