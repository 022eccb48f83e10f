/** Contacts of one channel that name a kind of report, for its own clients to ask for again. What of them is shown is the channel's to say. */
import { sql } from 'kysely'
import type { Db } from './db/database.ts'
import type { CaseState, ContactState } from './db/tables.ts'
import type { ChannelKind, EnvelopeDraft } from './envelope.ts'

export interface ReportQuery {
  readonly channel: ChannelKind
  /** These receipts and no others, whatever else is asked. */
  readonly receipts?: readonly string[]
  /** Kinds of report; the evidence's `category`. */
  readonly categories?: readonly string[]
  /** Arrived from … to, both included. */
  readonly from?: Date
  readonly to?: Date
  /** Whether their cases are ended. */
  readonly ended?: boolean
  /** Leaves out what waits in quarantine for a person. */
  readonly reviewedOnly?: boolean
  readonly limit: number
  readonly offset: number
}

export interface Report {
  readonly receipt: string
  readonly category: string
  readonly arrivedAt: Date
  readonly updatedAt: Date
  readonly state: ContactState
  /** Undefined until it is settled. */
  readonly caseState: CaseState | undefined
  readonly department: string | undefined
  readonly envelope: EnvelopeDraft | undefined
}

interface Row {
  receipt: string
  category: string
  arrived_at: Date
  updated_at: Date
  state: ContactState
  case_state: CaseState | null
  department: string | null
  envelope: EnvelopeDraft | null
}

/** Latest arrival first. */
export async function findReports(db: Db, query: ReportQuery): Promise<Report[]> {
  const { rows } = await sql<Row>`
    select contacts.receipt, contacts.evidence ->> 'category' as category, contacts.arrived_at, contacts.state, contacts.envelope,
      cases.state as case_state, cases.department, coalesce(cases.updated_at, contacts.updated_at) as updated_at
    from contacts left join cases on cases.id = contacts.case_id
    where contacts.channel = ${query.channel} and contacts.evidence ->> 'category' is not null and ${sql.join(conditions(query), sql` and `)}
    order by contacts.arrived_at desc, contacts.ordinal desc limit ${query.limit} offset ${query.offset}`.execute(db)
  return rows.map((row) => ({
    receipt: row.receipt, category: row.category, arrivedAt: row.arrived_at, updatedAt: row.updated_at, state: row.state,
    caseState: row.case_state ?? undefined, department: row.department ?? undefined, envelope: row.envelope ?? undefined
  }))
}

function conditions({ receipts, categories, from, to, ended, reviewedOnly }: ReportQuery) {
  return [
    sql`true`,
    ...(receipts ? [sql`contacts.receipt = any(${receipts}::text[])`] : []),
    ...(categories ? [sql`contacts.evidence ->> 'category' = any(${categories}::text[])`] : []),
    ...(from ? [sql`contacts.arrived_at >= ${from}`] : []),
    ...(to ? [sql`contacts.arrived_at <= ${to}`] : []),
    ...(ended === undefined ? [] : [sql`coalesce(cases.state in ('closed', 'handed-off'), false) = ${ended}`]),
    ...(reviewedOnly ? [sql`contacts.state <> 'quarantined'`] : [])
  ]
}
