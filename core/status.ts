/** What a resident's receipt shows: state, department and place; nothing of what was said or who said it. */
import type { Agency } from '../config/agency.ts'
import type { Db } from './db/database.ts'
import type { CaseState } from './db/tables.ts'
import { placeOf } from './line/view.ts'
import { parseReceipt } from './receipts.ts'

export type StatusState = 'received' | 'waiting' | 'being-served' | 'answered' | 'handed-off' | 'in-review'

export interface StatusView {
  readonly state: StatusState
  /** By language. */
  readonly departmentName: Readonly<Record<string, string>>
  /** 1 = next to be served. */
  readonly place?: number
  readonly arrivedAt: Date
  readonly updatedAt: Date
}

const states: Record<CaseState, StatusState> = { waiting: 'waiting', taken: 'being-served', closed: 'answered', 'handed-off': 'handed-off', joined: 'waiting' }

/** The status of a receipt, or undefined for one that is malformed, unknown or not to be shown: callers answer these alike. */
export async function viewStatus(db: Db, agency: Agency, typed: string): Promise<StatusView | undefined> {
  const receipt = parseReceipt(typed)
  if (!receipt) return undefined
  const row = await db.selectFrom('contacts').leftJoin('cases', 'cases.id', 'contacts.case_id').where('contacts.receipt', '=', receipt)
    .select(['contacts.state', 'contacts.arrived_at', 'contacts.updated_at', 'cases.id as case_id', 'cases.state as case_state', 'cases.department', 'cases.updated_at as case_updated_at']).executeTakeFirst()
  if (!row) return undefined
  const { general, departments } = agency.departments
  const departmentName = departments.find(({ id }) => id === (row.department ?? general))?.name ?? {}
  const common = { departmentName, arrivedAt: row.arrived_at, updatedAt: row.case_updated_at ?? row.updated_at }
  if (!row.case_id || !row.case_state) return { ...common, state: row.state === 'quarantined' ? 'in-review' : 'received' }
  const place = row.case_state === 'waiting' ? await placeOf(db, row.case_id) : undefined
  return { ...common, state: states[row.case_state], ...(place ? { place } : {}) }
}
