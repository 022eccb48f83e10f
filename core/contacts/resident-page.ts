/**
 * The page behind a receipt: the state, the line, what happened and when, and what was received.
 * Nothing of what was said, no name, no whole address: a receipt can be read over a shoulder.
 */
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Db } from '../../platform/db/database.ts'
import { unpacked } from '../../platform/db/unpacked.ts'
import { leadingCase } from './leading-case.ts'
import { maskAddress } from './mask-address.ts'
import { FILED } from '../line/answered.ts'
import {
  isReadable,
  type AnswerFate,
  type AnswerWay,
  type ResidentAnswer
} from './resident-answers.ts'
import { viewCaseStatuses, type CaseStatus, type StatusView } from './resident-status.ts'
import { stepsOf, type Step } from './resident-steps.ts'
import { parseReceipt } from './receipts.ts'

/** One of the cases that a message is dealt with as. */
export interface ResidentCase extends StatusView {
  readonly caseId?: string
  readonly steps: readonly Step[]
  /** Answers of this case that can be read after a second proof. */
  readonly hasAnswers: boolean
  /** What has to be said of the latest answer where it is not simply words that were sent. */
  readonly latest?: LatestAnswer
}

export interface LatestAnswer {
  readonly fate: Exclude<AnswerFate, 'coming'>
  /** Undefined where it went each by the way it came, or to somebody else. */
  readonly way?: AnswerWay
  readonly at: Date
}

export interface ResidentPage extends StatusView {
  readonly receipt: string
  readonly contactId: string
  /** The case that stands for it, whose status this is; undefined before it is sorted. */
  readonly caseId?: string
  /** Every case that the message is dealt with as; one without a case before it is sorted. */
  readonly cases: readonly ResidentCase[]
  readonly channel: string
  readonly files: number
  /** Answers that can be read after a second proof, in whichever case. */
  readonly hasAnswers: boolean
  /** Whether anything can still be told of it: not where it was put aside. */
  readonly canGetUpdates: boolean
  /** Addresses that get updates, with most of each hidden. */
  readonly updatesTo: readonly string[]
  /** Where its receipt went, with most of the address hidden. */
  readonly told?: { readonly to: string; readonly at: Date; readonly filed: boolean }
}

interface Found {
  readonly contactId: string
  readonly caseId: string | null
  readonly channel: string
  readonly files: number | null
  readonly email: string | null
  readonly phone: string | null
  readonly toldAt: Date | null
  readonly filed: boolean
  readonly updatesTo: readonly string[]
}

/** Undefined where `viewStatus` shows nothing; callers must answer all of these alike. */
export async function viewResidentPage(
  db: Db,
  agency: Agency,
  typed: string
): Promise<ResidentPage | undefined> {
  const receipt = parseReceipt(typed)
  const statuses = receipt ? await viewCaseStatuses(db, agency, receipt) : []
  const found = receipt && statuses.length > 0 ? await findContact(db, receipt) : undefined
  if (!receipt || !found) return undefined
  const cases = await Promise.all(statuses.map((one) => viewResidentCase(db, agency, one)))
  const leading = cases.find(({ caseId }) => caseId === (found.caseId ?? undefined)) ?? cases[0]!
  const { steps: _steps, latest: _latest, ...status } = leading
  const to = found.email ?? found.phone
  return {
    ...status,
    receipt,
    contactId: found.contactId,
    cases,
    channel: found.channel,
    files: found.files ?? 0,
    hasAnswers: cases.some(({ hasAnswers }) => hasAnswers),
    canGetUpdates: status.state !== 'set-aside',
    updatesTo: found.updatesTo.map(maskAddress),
    ...(found.toldAt && to
      ? { told: { to: maskAddress(to), at: found.toldAt, filed: found.filed } }
      : {})
  }
}

async function viewResidentCase(
  db: Db,
  agency: Agency,
  { caseId, contactId, status, answers }: CaseStatus
): Promise<ResidentCase> {
  const steps = await stepsOf(db, agency, contactId, caseId, answers)
  const latest = latestOf(answers)
  return {
    ...status,
    ...(caseId ? { caseId } : {}),
    steps: [{ kind: 'received', at: status.arrivedAt }, ...steps],
    hasAnswers: answers.some(isReadable),
    ...(latest ? { latest } : {})
  }
}

/** An answer to somebody else is told of only to who got none. */
function latestOf(answers: readonly ResidentAnswer[]): LatestAnswer | undefined {
  const known = answers.filter(({ fate }) => fate !== 'coming')
  const last = known.findLast(({ fate }) => fate !== 'elsewhere') ?? known.at(-1)
  if (!last?.at || last.told !== null) return undefined
  const { at, way } = last
  const fate = last.fate as LatestAnswer['fate']
  if (fate === 'elsewhere') return { fate, at }
  if (fate === 'sent' && way !== 'letter' && way !== 'call') return undefined
  return { fate, at, ...(way ? { way } : {}) }
}

async function findContact(db: Db, receipt: string): Promise<Found | undefined> {
  const { rows } = await sql<Found>`
    select contacts.id as "contactId", ${leadingCase} as "caseId", contacts.channel,
      jsonb_array_length(letter -> 'documents') as files,
      letter #>> '{sender,emails,0}' as email, letter #>> '{sender,phones,0}' as phone,
      told.sent_at as "toldAt", coalesce(told.delivery = ${FILED}, false) as filed,
      coalesce((select array_agg(address order by way) from address_proofs
        where contact_id = contacts.id and told_event is not null and stopped_at is null),
        '{}') as "updatesTo"
    from contacts cross join ${unpacked(sql`contacts.envelope`, 'letter')}
      left join outbound as told on told.contact_id = contacts.id
        and told.kind = 'acknowledgement' and told.state = 'sent'
    where contacts.receipt = ${receipt}`.execute(db)
  return rows[0]
}
