/** Two cases that a person says are one matter: the other is named by a receipt. */
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { findCaseId } from '../contacts/find.ts'
import { parseReceipt } from '../contacts/receipts.ts'
import type { Line } from '../line/line.ts'
import { compare, type Place } from '../line/place.ts'
import { isEnded } from '../line/reopen.ts'
import type { CaseState } from '../line/tables.ts'

interface Joining {
  readonly caseId: string
  /** A receipt of the other case, as typed. */
  readonly receipt: string
  readonly actor: string
  readonly reason: string
  /** Whether the actor may know of a case of this department. */
  readonly maySee: (department: string) => boolean
}

interface JoinableCase {
  readonly id: string
  readonly department: string
  readonly state: CaseState
  /** Who serves it, while it is taken. */
  readonly heldBy: string | null
  readonly place: Place
}

/**
 * Joins the later of the two into the earlier, which keeps its place; an ended one comes back at
 * the place of the other. Returns the case that both are now.
 * @throws REASON_REQUIRED, CASE_UNKNOWN also for one that the actor may not see, CASE_ELSEWHERE,
 * CASE_NOT_TAKEN, OTHER_CASE_HELD, CASE_NOT_JOINABLE
 */
export async function joinByHand(
  { db, line }: { readonly db: Db; readonly line: Line },
  { caseId, receipt, actor, reason, maySee }: Joining
): Promise<string> {
  const own = await joinableCase(db, caseId)
  const other = await joinableCase(db, await otherCase(db, own, receipt))
  if (!maySee(other.department)) throw new EvenhandError('CASE_UNKNOWN')
  if (own.department !== other.department) throw new EvenhandError('CASE_ELSEWHERE')
  const [later, earlier] =
    isEnded(other.state) || compare(other.place, own.place) < 0 ? [own, other] : [other, own]
  if (later === other && later.state === 'taken' && later.heldBy !== actor)
    throw new EvenhandError('OTHER_CASE_HELD')
  await line.join({ laterCaseId: later.id, earlierCaseId: earlier.id, actor, reason })
  return earlier.id
}

/** Another case of the same contact first: both have its receipt, where it was split. */
async function otherCase(db: Db, own: JoinableCase, typed: string): Promise<string> {
  const receipt = parseReceipt(typed)
  if (!receipt) throw new EvenhandError('CASE_UNKNOWN')
  const part = await db
    .selectFrom('cases')
    .select('id')
    .where('receipt', '=', receipt)
    .where('department', '=', own.department)
    .where('state', '<>', 'joined')
    .where('id', '<>', own.id)
    .orderBy('id')
    .executeTakeFirst()
  return part?.id ?? (await findCaseId(db, receipt))
}

async function joinableCase(db: Db, caseId: string): Promise<JoinableCase> {
  const found = await db
    .selectFrom('cases')
    .select(['department', 'state', 'taken_by', exactTime('arrived_at').as('arrivedAt'), 'ordinal'])
    .where('id', '=', caseId)
    .executeTakeFirst()
  if (!found) throw new EvenhandError('CASE_UNKNOWN')
  const { department, state, taken_by: heldBy, arrivedAt, ordinal } = found
  return {
    id: caseId,
    department,
    state,
    heldBy,
    place: { caseId, arrivedAt, ordinal: Number(ordinal) }
  }
}
