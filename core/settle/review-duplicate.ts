/**
 * What the desk shows about contacts that say the same, and what staff can decide. Each decision
 * has a reason, is in the ledger, and can be undone.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { CaseState } from '../line/tables.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { Line } from '../line/line.ts'
import type { Router } from '../routing/rules.ts'
import type { Runtime } from '../runtime.ts'
import { isId } from '../../platform/ids.ts'
import { appendEvents, type EventKind } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import { undoDuplicate as undoInTables } from './undo.ts'
import { decideLink, type LinkState } from '../duplicates/links.ts'

/** Another contact that is, or may be, the same matter as a case. */
export interface CaseSuggestion {
  readonly linkId: string
  readonly state: LinkState
  /** Whether the other contact arrived before or after the one of this case. */
  readonly direction: 'earlier' | 'later'
  /** The contact of this case that the link is about. */
  readonly ownContactId: string
  readonly contactId: string
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  /** The other contact's case; undefined until it is settled. */
  readonly caseId: string | undefined
  readonly caseState: CaseState | undefined
  readonly department: string | undefined
  readonly reason: string
  readonly evidence: {
    readonly similarity?: number
    readonly sharedWords?: readonly string[]
    readonly differences?: readonly string[]
    readonly hoursApart?: number
    readonly metresApart?: number
  }
  readonly madeBy: string
  readonly decidedBy: string | undefined
  readonly decidedWhy: string | undefined
  readonly decidedAt: Date | undefined
}

const SHOWN = 50

/** Links of the case's contacts to others, undecided ones first; at most 50. */
export async function suggestionsOf(db: Db, caseId: string): Promise<CaseSuggestion[]> {
  if (!isId(caseId)) throw new EvenhandError('CASE_UNKNOWN')
  const { rows } = await sql<CaseSuggestion>`
    select link.id as "linkId", link.state, case
      when link.contact_id = own.contact_id then 'earlier'
      else 'later' end as direction, own.contact_id as "ownContactId",
      other.id as "contactId", other.receipt, other.channel, other.arrived_at as "arrivedAt",
        other.case_id as "caseId", cases.state as "caseState", cases.department,
      link.reason, link.evidence, link.made_by as "madeBy", link.decided_by as "decidedBy",
        link.decided_why as "decidedWhy", link.decided_at as "decidedAt"
    from case_contacts own
    join case_links link on own.contact_id in (link.contact_id, link.earlier_contact_id)
    join contacts other on other.id = case
      when link.contact_id = own.contact_id then link.earlier_contact_id else link.contact_id end
    left join cases on cases.id = other.case_id
    where own.case_id = ${caseId} order by link.state <> 'suggested', link.made_at, link.id
      limit ${SHOWN}`.execute(db)
  return rows.map((row) => ({
    ...row,
    caseId: row.caseId ?? undefined,
    caseState: row.caseState ?? undefined,
    department: row.department ?? undefined,
    decidedBy: row.decidedBy ?? undefined,
    decidedWhy: row.decidedWhy ?? undefined,
    decidedAt: row.decidedAt ?? undefined
  }))
}

/**
 * Joins the two cases of a link: the case that arrived later leaves its line for the earlier one.
 * @throws REASON_REQUIRED, LINK_UNKNOWN, CASE_UNKNOWN, CASE_NOT_TAKEN (somebody else holds the
 * later case), CASE_NOT_JOINABLE
 */
export async function joinSuggested(
  { db, line }: Pick<Runtime, 'db'> & { readonly line: Pick<Line, 'join'> },
  linkId: string,
  actor: string,
  reason: string
): Promise<void> {
  const why = requireReason(reason)
  const link = await undecided(db, linkId)
  if (!link.later || !link.earlier) throw new EvenhandError('CASE_UNKNOWN')
  // Other joins may already have made them one case.
  if (link.later !== link.earlier)
    await line.join({
      laterCaseId: link.later,
      earlierCaseId: link.earlier,
      actor,
      reason: why
    })
  await settleLink(db, { linkId, contactId: link.contactId, decision: 'join', actor, why })
}

/**
 * Records that the two are not the same matter. No machine suggests the pair again. @throws
 * REASON_REQUIRED, LINK_UNKNOWN
 */
export async function declineSuggested(
  db: Db,
  linkId: string,
  actor: string,
  reason: string
): Promise<void> {
  const why = requireReason(reason)
  const { contactId } = await undecided(db, linkId)
  await settleLink(db, { linkId, contactId, decision: 'decline', actor, why })
}

/**
 * Gives a joined contact its own case back, or the one it would have had, at the place of its own
 * arrival. @throws REASON_REQUIRED, RECEIPT_UNKNOWN, CONTACT_NOT_DUPLICATE
 */
export async function undoDuplicate(
  { db, router, queues }: Pick<Runtime, 'db' | 'queues'> & { router(): Router },
  contactId: string,
  actor: string,
  reason: string
): Promise<void> {
  const entered = await undoInTables(db, router(), contactId, actor, reason)
  for (const { department, caseId } of entered) queues.issueTickets(department, [caseId])
}

interface Undecided {
  readonly contactId: string
  readonly later: string | null
  readonly earlier: string | null
}

// Finds which of the two cases is the later. After other joins that need not be the later contact's
// case. An ended case is always the one joined into, wherever it stood.
async function undecided(db: Db, linkId: string): Promise<Undecided> {
  const { rows } = isId(linkId)
    ? await sql<Undecided & { swapped: boolean | null }>`
    select link.contact_id as "contactId", mine.id as later, theirs.id as earlier,
      case when (mine.state in ('closed', 'handed-off')) = (theirs.state in ('closed',
        'handed-off')) then (mine.arrived_at, mine.ordinal) < (theirs.arrived_at, theirs.ordinal)
        else mine.state in ('closed', 'handed-off') end as swapped
    from case_links link join contacts own on own.id = link.contact_id
      join contacts other on other.id = link.earlier_contact_id
    left join cases mine on mine.id = own.case_id left
      join cases theirs on theirs.id = other.case_id
    where link.id = ${linkId} and link.state = 'suggested'`.execute(db)
    : { rows: [] }
  const found = rows[0]
  if (!found) throw new EvenhandError('LINK_UNKNOWN')
  return found.swapped ? { ...found, later: found.earlier, earlier: found.later } : found
}

interface LinkDecision {
  readonly linkId: string
  readonly contactId: string
  readonly decision: 'join' | 'decline'
  readonly actor: string
  readonly why: string
}

const eventOf = { join: 'link.joined', decline: 'link.declined' } as const satisfies Record<
  LinkDecision['decision'],
  EventKind
>

async function settleLink(
  db: Db,
  { linkId, contactId, decision, actor, why }: LinkDecision
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await decideLink(trx, linkId, decision, actor, why)))
      throw new EvenhandError('LINK_UNKNOWN')
    await appendEvents(trx, [
      { kind: eventOf[decision], contactId, actor, data: { link: linkId, reason: why } }
    ])
  })
}
