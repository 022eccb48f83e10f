/**
 * What a resident's receipt shows: state, department and place; nothing of what was said or who
 * said it.
 */
import { findDepartment } from '../../config/departments.ts'
import { sql, type RawBuilder } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Localised } from '../../config/localised.ts'
import { findOutcome } from '../../config/outcomes.ts'
import type { Db } from '../../platform/db/database.ts'
import { waitOf, type Wait } from '../estimate/wait.ts'
import type { CaseState } from '../line/tables.ts'
import { standingOf } from '../line/standing.ts'
import { leadingCase } from './leading-case.ts'
import { parseReceipt } from './receipts.ts'
import {
  answersFor,
  comingBy,
  isHeard,
  type ComingWay,
  type ResidentAnswer
} from './resident-answers.ts'

export type StatusState =
  | 'received'
  | 'waiting'
  | 'being-served'
  | 'waiting-for-resident'
  | 'answered'
  | 'closed'
  | 'handed-off'
  | 'in-review'
  | 'set-aside'

export interface StatusView {
  readonly state: StatusState
  /** By language; empty until the department is known. */
  readonly departmentName: Localised
  /** By language: what a closed case came to, where its department chose a public outcome. */
  readonly outcome?: Localised
  /** 1 = next to be served. */
  readonly place?: number
  /** All cases that wait in the department's line; only while this one waits. */
  readonly waiting?: number
  /** How long this place takes; missing while too few takes are known. */
  readonly wait?: Wait
  readonly arrivedAt: Date
  /**
   * If the case had ended and came back because of a new message: the arrival of that message, by
   * which the case now stands in line.
   */
  readonly inLineSince?: Date
  readonly updatedAt: Date
  /** While the resident is waited for: when it goes on without an answer. */
  readonly remindAt?: Date
  /** How answers are still to come: being sent, to be mailed by a person, a call to be made. */
  readonly coming?: readonly ComingWay[]
}

const states: Record<CaseState, StatusState> = {
  waiting: 'waiting',
  taken: 'being-served',
  'waiting-for-resident': 'waiting-for-resident',
  closed: 'closed',
  'handed-off': 'handed-off',
  joined: 'waiting'
}

/** The status of one of the cases in which a message stands. */
export interface CaseStatus {
  /** Undefined before it is sorted. */
  readonly caseId: string | undefined
  readonly contactId: string
  readonly status: StatusView
  /** Of this case. */
  readonly answers: readonly ResidentAnswer[]
}

/**
 * The status of a receipt. Undefined if it is malformed, unknown or not to be shown; callers must
 * answer these three alike.
 */
export async function viewStatus(
  db: Db,
  agency: Agency,
  typed: string
): Promise<StatusView | undefined> {
  return (await statusesOf(db, agency, typed, sql`cases.id = ${leadingCase}`))[0]?.status
}

/**
 * The same for each of the cases that a message is dealt with as: it went to several departments, or
 * was split. In the order of their places; empty where `viewStatus` shows nothing.
 */
export async function viewCaseStatuses(
  db: Db,
  agency: Agency,
  typed: string
): Promise<CaseStatus[]> {
  const standing = sql<boolean>`cases.id in (select standing_case(link.case_id)
    from case_contacts link where link.contact_id = contacts.id and link.via is null)`
  return statusesOf(db, agency, typed, standing)
}

async function statusesOf(
  db: Db,
  agency: Agency,
  typed: string,
  which: RawBuilder<boolean>
): Promise<CaseStatus[]> {
  const receipt = parseReceipt(typed)
  const rows = receipt ? await loadRows(db, receipt, which) : []
  const answers = rows[0]?.case_id ? await answersFor(db, rows[0].id) : []
  return Promise.all(
    rows.map(async (row) => {
      const own = answers.filter(({ caseId }) => caseId === row.case_id)
      const status = await statusOf(db, agency, row, own)
      return { caseId: row.case_id ?? undefined, contactId: row.id, status, answers: own }
    })
  )
}

type Row = Awaited<ReturnType<typeof loadRows>>[number]

function loadRows(db: Db, receipt: string, which: RawBuilder<boolean>) {
  return db
    .selectFrom('contacts')
    .leftJoin('cases', (join) => join.on(which))
    .where('contacts.receipt', '=', receipt)
    .select([
      'contacts.id',
      'contacts.state',
      'contacts.discarded_at',
      'contacts.arrived_at',
      'contacts.updated_at',
      'cases.id as case_id',
      'cases.state as case_state',
      'cases.outcome_id',
      'cases.remind_at',
      'cases.department',
      'cases.updated_at as case_updated_at',
      'cases.arrived_at as case_arrived_at'
    ])
    .orderBy('cases.arrived_at')
    .orderBy('cases.ordinal')
    .orderBy('cases.id')
    .execute()
}

async function statusOf(
  db: Db,
  agency: Agency,
  row: Row,
  answers: readonly ResidentAnswer[]
): Promise<StatusView> {
  const departmentName = findDepartment(agency.departments, row.department)?.name ?? {}
  const coming = comingBy(answers)
  const common = {
    departmentName,
    arrivedAt: row.arrived_at,
    updatedAt: row.case_updated_at ?? row.updated_at,
    ...(coming.length > 0 ? { coming } : {})
  }
  if (!row.case_id || !row.case_state)
    return {
      ...common,
      state: row.state !== 'quarantined' ? 'received' : row.discarded_at ? 'set-aside' : 'in-review'
    }
  if (row.case_state === 'closed' && row.department)
    return { ...common, ...ending(agency, row.department, row.outcome_id, answers) }
  return { ...common, ...(await openStatus(db, agency, row)) }
}

async function openStatus(
  db: Db,
  agency: Agency,
  row: Row
): Promise<Omit<StatusView, 'departmentName' | 'arrivedAt' | 'updatedAt'>> {
  const standing = row.case_state === 'waiting' ? await standingOf(db, row.case_id!) : undefined
  const since =
    row.case_arrived_at && row.case_arrived_at > row.arrived_at
      ? { inLineSince: row.case_arrived_at }
      : {}
  const wait =
    standing && row.department
      ? await waitOf(db, agency.departments, row.department, standing.place)
      : undefined
  return {
    ...(row.remind_at ? { remindAt: row.remind_at } : {}),
    ...(wait ? { wait } : {}),
    state: states[row.case_state!],
    ...(standing ? { place: standing.place, waiting: standing.waiting, ...since } : {})
  }
}

/** "Answered" is said only where an answer reached the sender of this very message. */
function ending(
  agency: Agency,
  department: string,
  outcomeId: string | null,
  answers: readonly ResidentAnswer[]
): Pick<StatusView, 'state' | 'outcome'> {
  const outcome = findOutcome(agency.departments, department, outcomeId)
  if (!outcome?.answered) return { state: 'closed', ...(outcome ? { outcome: outcome.text } : {}) }
  return answers.some(isHeard) ? { state: 'answered', outcome: outcome.text } : { state: 'closed' }
}
