/**
 * Brings an ended case back into its line. If a resident sent something new, the case stands at the
 * arrival of that: an old receipt must not lead to the front. Only staff can put it back at its
 * first place, by saying with a reason that the closing was wrong; these are counted. See
 * docs/decisions/0019-an-old-receipt-is-no-ticket.md
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import type { CaseState } from './tables.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { appendEvents } from '../ledger/append.ts'
import { inLineOf, lockForEntry } from './locks.ts'
import { requireReason } from './reasons.ts'

/** Whose arrival the case stands at: that of a contact, or of a case that joins it. */
export type StandsAt = { readonly contact: string } | { readonly joins: string }

/**
 * Puts a case back at its first place: an ended case, or a waiting one that a follow-up put at a
 * later place. Returns the department.
 * @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_CLOSED
 */
export async function reopen(
  db: Db,
  caseId: string,
  actor: string,
  reason: string
): Promise<string> {
  const why = requireReason(reason)
  return inLineOf(db, caseId, async (trx, department) => {
    const found = await lockCase(trx, caseId)
    const back = isEnded(found.state) || (found.state === 'waiting' && found.later)
    if (!back || found.department !== department) throw new EvenhandError('CASE_NOT_CLOSED')
    const place = { contact: found.contact_id }
    await standAt(trx, caseId, { department, place, actor, data: { reason: why } })
  })
}

interface ComingBack {
  readonly department: string
  readonly place: StandsAt
  readonly actor: string
  readonly reason: string
}

/**
 * Puts an ended case back into its line because something new arrived, at the arrival of that. The
 * caller has checked that it is ended and has locked its row.
 */
export async function comeBack(
  trx: Db,
  caseId: string,
  { department, place, actor, reason }: ComingBack
): Promise<void> {
  await lockForEntry(trx, [department])
  const because = 'contact' in place ? { followUp: place.contact } : { joins: place.joins }
  await standAt(trx, caseId, { department, place, actor, data: { reason, ...because } })
}

export function isEnded(state: CaseState): boolean {
  return state === 'closed' || state === 'handed-off'
}

async function standAt(
  trx: Db,
  caseId: string,
  {
    department,
    place,
    actor,
    data
  }: Omit<ComingBack, 'reason'> & { readonly data: Record<string, string> }
): Promise<void> {
  const from =
    'contact' in place
      ? sql`contacts where id = ${place.contact}`
      : sql`cases where id = ${place.joins}`
  const {
    rows: [stands]
  } = await sql<{ arrived: string; ordinal: string }>`
    update cases set state = 'waiting', outcome = null, outcome_id = null, arrived_at = place.arrived_at,
      ordinal = place.ordinal, updated_at = now()
    from (select arrived_at, ordinal from ${from}) as place where cases.id = ${caseId}
    returning ${exactTime('cases.arrived_at')} as arrived, cases.ordinal`.execute(trx)
  await appendEvents(trx, [
    {
      kind: 'case.reopened',
      department,
      caseId,
      actor,
      data: { ...data, arrivedAt: stands!.arrived, ordinal: Number(stands!.ordinal) }
    }
  ])
}

interface Found {
  readonly department: string
  readonly state: CaseState
  readonly contact_id: string
  /** Its place is later than the arrival of its first contact. */
  readonly later: boolean
}

async function lockCase(trx: Db, caseId: string): Promise<Found> {
  const {
    rows: [found]
  } = await sql<Found>`
    select department, cases.state, contact_id, (cases.arrived_at,
      cases.ordinal) > (contacts.arrived_at, contacts.ordinal) as later
    from cases join contacts on contacts.id = contact_id
      where cases.id = ${caseId} for no key update of cases`.execute(trx)
  if (!found) throw new EvenhandError('CASE_UNKNOWN')
  return found
}
