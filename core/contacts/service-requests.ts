/**
 * Contacts of one channel that name a kind of report, for its own clients to look up. The channel
 * decides what is shown of them.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { answerOf } from '../line/answered.ts'
import type { CaseState } from '../line/tables.ts'
import type { ContactState } from './tables.ts'
import type { ChannelKind, EnvelopeDraft } from '../envelope.ts'

export interface ReportQuery {
  readonly channel: ChannelKind
  /** Only these receipts, whatever other filters say. */
  readonly receipts?: readonly string[]
  /** Kinds of report (`category` in the evidence). */
  readonly categories?: readonly string[]
  /** First and last arrival, both included. */
  readonly from?: Date
  readonly to?: Date
  /** First and last change, both included. */
  readonly updatedFrom?: Date
  readonly updatedTo?: Date
  /** Whether their cases have ended. */
  readonly ended?: boolean
  /** Leaves out contacts that wait in quarantine for a person. */
  readonly reviewedOnly?: boolean
  readonly limit: number
  readonly offset: number
}

export interface ServiceReport {
  readonly receipt: string
  readonly category: string
  readonly arrivedAt: Date
  readonly updatedAt: Date
  readonly state: ContactState
  /** Undefined until it is settled. */
  readonly caseState: CaseState | undefined
  readonly department: string | undefined
  /** Of the department's outcomes, the one its case was closed with. */
  readonly outcomeId: string | undefined
  /** An answer was sent in its case. */
  readonly answered: boolean
  /** An answer to it is being sent, or a person has yet to mail it or to call. */
  readonly answerComing: boolean
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
  outcome_id: string | null
  answered: boolean
  answer_coming: boolean
  envelope: EnvelopeDraft | null
}

/** When the shown data of a report last changed. */
const updatedAt = sql`coalesce(cases.updated_at, contacts.updated_at)`

/** Latest arrival first. */
export async function findReports(db: Db, query: ReportQuery): Promise<ServiceReport[]> {
  const { rows } = await sql<Row>`
    select contacts.receipt, contacts.evidence ->> 'category' as category, contacts.arrived_at,
      contacts.state, contacts.envelope,
      cases.state as case_state, cases.department, cases.outcome_id,
      ${answerOf(sql`cases.id`)} is not null as answered, exists (select from outbound
        where outbound.contact_id = contacts.id and outbound.kind like 'answer:%'
          and outbound.state = 'waiting') as answer_coming, ${updatedAt} as updated_at
    from contacts left join cases on cases.id = contacts.case_id
    where contacts.channel = ${query.channel} and contacts.evidence ->> 'category' is not null
      and ${sql.join(conditions(query), sql` and `)}
    order by contacts.arrived_at desc, contacts.ordinal desc
      limit ${query.limit} offset ${query.offset}`.execute(db)
  return rows.map((row) => ({
    receipt: row.receipt,
    category: row.category,
    arrivedAt: row.arrived_at,
    updatedAt: row.updated_at,
    state: row.state,
    caseState: row.case_state ?? undefined,
    department: row.department ?? undefined,
    outcomeId: row.outcome_id ?? undefined,
    answered: row.answered,
    answerComing: row.answer_coming,
    envelope: row.envelope ?? undefined
  }))
}

function conditions({
  receipts,
  categories,
  from,
  to,
  updatedFrom,
  updatedTo,
  ended,
  reviewedOnly
}: ReportQuery) {
  return [
    sql`true`,
    ...(receipts ? [sql`contacts.receipt = any(${receipts}::text[])`] : []),
    ...(categories ? [sql`contacts.evidence ->> 'category' = any(${categories}::text[])`] : []),
    ...(from ? [sql`contacts.arrived_at >= ${from}`] : []),
    ...(to ? [sql`contacts.arrived_at <= ${to}`] : []),
    ...(updatedFrom ? [sql`${updatedAt} >= ${updatedFrom}`] : []),
    ...(updatedTo ? [sql`${updatedAt} <= ${updatedTo}`] : []),
    ...(ended === undefined
      ? []
      : [sql`coalesce(cases.state in ('closed', 'handed-off'), false) = ${ended}`]),
    ...(reviewedOnly ? [sql`contacts.state <> 'quarantined'`] : [])
  ]
}
