/**
 * What a resident's receipt shows: state, department and place; nothing of what was said or who
 * said it.
 */
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Localised } from '../../config/localised.ts'
import { findOutcome } from '../../config/outcomes.ts'
import type { Db } from '../../platform/db/database.ts'
import { answerOf } from '../line/answered.ts'
import { waitOf, type Wait } from '../estimate/wait.ts'
import type { CaseState } from '../line/tables.ts'
import { standingOf } from '../line/standing.ts'
import { leadingCase } from './leading-case.ts'
import { parseReceipt } from './receipts.ts'

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
}

const states: Record<CaseState, StatusState> = {
  waiting: 'waiting',
  taken: 'being-served',
  'waiting-for-resident': 'waiting-for-resident',
  closed: 'closed',
  'handed-off': 'handed-off',
  joined: 'waiting'
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
  const receipt = parseReceipt(typed)
  if (!receipt) return undefined
  const row = await db
    .selectFrom('contacts')
    .leftJoin('cases', (join) => join.on('cases.id', '=', leadingCase))
    .where('contacts.receipt', '=', receipt)
    .select([
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
      'cases.arrived_at as case_arrived_at',
      sql<boolean>`${answerOf(sql`cases.id`)} is not null`.as('answered')
    ])
    .executeTakeFirst()
  if (!row) return undefined
  const departmentName =
    agency.departments.departments.find(({ id }) => id === row.department)?.name ?? {}
  const common = {
    departmentName,
    arrivedAt: row.arrived_at,
    updatedAt: row.case_updated_at ?? row.updated_at
  }
  if (!row.case_id || !row.case_state)
    return {
      ...common,
      state: row.state !== 'quarantined' ? 'received' : row.discarded_at ? 'set-aside' : 'in-review'
    }
  if (row.case_state === 'closed' && row.department)
    return { ...common, ...ending(agency, row.department, row) }
  const standing = row.case_state === 'waiting' ? await standingOf(db, row.case_id) : undefined
  const place = standing?.place
  const since =
    row.case_arrived_at && row.case_arrived_at > row.arrived_at
      ? { inLineSince: row.case_arrived_at }
      : {}
  const wait =
    place && row.department
      ? await waitOf(db, agency.departments, row.department, place)
      : undefined
  const remind = row.remind_at ? { remindAt: row.remind_at } : {}
  return {
    ...common,
    ...remind,
    ...(wait ? { wait } : {}),
    state: states[row.case_state],
    ...(standing ? { place: standing.place, waiting: standing.waiting, ...since } : {})
  }
}

/** "Answered" is said only where an answer was sent, and did not come back. */
function ending(
  agency: Agency,
  department: string,
  { outcome_id: id, answered }: { readonly outcome_id: string | null; readonly answered: boolean }
): Pick<StatusView, 'state' | 'outcome'> {
  const outcome = findOutcome(agency.departments, department, id)
  if (!outcome?.answered) return { state: 'closed', ...(outcome ? { outcome: outcome.text } : {}) }
  return answered ? { state: 'answered', outcome: outcome.text } : { state: 'closed' }
}
