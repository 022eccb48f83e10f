/** What the desk shows of "says the same", and what a person does about it. Each decision has a reason, is in the ledger, and can be undone. */
import { sql } from 'kysely'
import { anyTables, type Db } from '../db/database.ts'
import type { CaseState } from '../db/tables.ts'
import { EvenhandError } from '../errors.ts'
import type { Ground } from '../ground.ts'
import { isId } from '../ids.ts'
import { appendEvents, type EventKind } from '../ledger.ts'
import { requireReason } from '../line/reasons.ts'
import { undoDuplicate as undoInTables } from '../settle/undo.ts'
import { decideLink, type LinkState } from './links.ts'

/** Another contact that may be, or is, the same matter as a case. */
export interface CaseSuggestion {
  readonly linkId: string
  readonly state: LinkState
  /** Whether the other contact arrived before or after the one of this case. */
  readonly direction: 'earlier' | 'later'
  /** The contact of this case that it is linked to. */
  readonly ownContactId: string
  readonly contactId: string
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  /** Where that contact stands now; undefined while it is not settled. */
  readonly caseId: string | undefined
  readonly caseState: CaseState | undefined
  readonly department: string | undefined
  readonly reason: string
  readonly evidence: { readonly similarity?: number; readonly sharedWords?: readonly string[]; readonly hoursApart?: number; readonly metresApart?: number }
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
    select link.id as "linkId", link.state, case when link.contact_id = own.contact_id then 'earlier' else 'later' end as direction, own.contact_id as "ownContactId",
      other.id as "contactId", other.receipt, other.channel, other.arrived_at as "arrivedAt", other.case_id as "caseId", cases.state as "caseState", cases.department,
      link.reason, link.evidence, link.made_by as "madeBy", link.decided_by as "decidedBy", link.decided_why as "decidedWhy", link.decided_at as "decidedAt"
    from case_contacts own
    join case_links link on own.contact_id in (link.contact_id, link.earlier_contact_id)
    join contacts other on other.id = case when link.contact_id = own.contact_id then link.earlier_contact_id else link.contact_id end
    left join cases on cases.id = other.case_id
    where own.case_id = ${caseId} order by link.state <> 'suggested', link.made_at, link.id limit ${SHOWN}`.execute(db)
  return rows.map((row) => ({
    ...row, caseId: row.caseId ?? undefined, caseState: row.caseState ?? undefined, department: row.department ?? undefined,
    decidedBy: row.decidedBy ?? undefined, decidedWhy: row.decidedWhy ?? undefined, decidedAt: row.decidedAt ?? undefined
  }))
}

/**
 * Joins what a link suggests: the case that arrived later leaves its line for the earlier one.
 * @throws REASON_REQUIRED, LINK_UNKNOWN, CASE_UNKNOWN, CASE_NOT_TAKEN (somebody else holds the later case), CASE_NOT_JOINABLE
 */
export async function joinSuggested({ db, line }: Pick<Ground, 'db' | 'line'>, linkId: string, actor: string, reason: string): Promise<void> {
  const why = requireReason(reason)
  const link = await undecided(db, linkId)
  if (!link.later || !link.earlier) throw new EvenhandError('CASE_UNKNOWN')
  // Other joins may have made one case of them already.
  if (link.later !== link.earlier) await line.join(link.later, link.earlier, actor, why)
  await settleLink(db, linkId, 'join', 'link.joined', link.contactId, actor, why)
}

/** Says that the two are not the same matter; no machine suggests it again. @throws REASON_REQUIRED, LINK_UNKNOWN */
export async function declineSuggested(db: Db, linkId: string, actor: string, reason: string): Promise<void> {
  const why = requireReason(reason)
  const { contactId } = await undecided(db, linkId)
  await settleLink(db, linkId, 'decline', 'link.declined', contactId, actor, why)
}

/** Gives a joined contact its own case back, or the one it would have had, at its own place. @throws REASON_REQUIRED, RECEIPT_UNKNOWN, CONTACT_NOT_DUPLICATE */
export async function undoDuplicate({ db, router, queues }: Pick<Ground, 'db' | 'router' | 'queues'>, contactId: string, actor: string, reason: string): Promise<void> {
  const entered = await undoInTables(db, router(), contactId, actor, reason)
  for (const { department, caseId } of entered) queues.mint(department, [caseId])
}

interface Undecided {
  readonly contactId: string
  readonly later: string | null
  readonly earlier: string | null
}

// Which of the two cases is the later: after other joins it need not be the later contact's.
async function undecided(db: Db, linkId: string): Promise<Undecided> {
  const { rows } = isId(linkId) ? await sql<Undecided & { swapped: boolean | null }>`
    select link.contact_id as "contactId", mine.id as later, theirs.id as earlier, (mine.arrived_at, mine.ordinal) < (theirs.arrived_at, theirs.ordinal) as swapped
    from case_links link join contacts own on own.id = link.contact_id join contacts other on other.id = link.earlier_contact_id
    left join cases mine on mine.id = own.case_id left join cases theirs on theirs.id = other.case_id
    where link.id = ${linkId} and link.state = 'suggested'`.execute(db) : { rows: [] }
  const found = rows[0]
  if (!found) throw new EvenhandError('LINK_UNKNOWN')
  return found.swapped ? { ...found, later: found.earlier, earlier: found.later } : found
}

async function settleLink(db: Db, linkId: string, decision: 'join' | 'decline', kind: EventKind, contactId: string, actor: string, why: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!await decideLink(anyTables(trx), linkId, decision, actor, why)) throw new EvenhandError('LINK_UNKNOWN')
    await appendEvents(trx, [{ kind, contactId, actor, data: { link: linkId, reason: why } }])
  })
}
