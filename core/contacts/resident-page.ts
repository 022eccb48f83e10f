/**
 * The page behind a receipt: the state, the line, what happened and when, and what was received.
 * Nothing of what was said, no name, no whole address: a receipt can be read over a shoulder.
 */
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Db } from '../../platform/db/database.ts'
import { unpacked } from '../../platform/db/unpacked.ts'
import { leadingCase, ownCasesOf } from './leading-case.ts'
import { maskAddress } from './mask-address.ts'
import { viewStatus, type StatusView } from './resident-status.ts'
import { stepsOf, type Step } from './resident-steps.ts'
import { parseReceipt } from './receipts.ts'

export interface ResidentPage extends StatusView {
  readonly receipt: string
  readonly contactId: string
  /** The case it stands in; undefined before it is sorted. */
  readonly caseId?: string
  /** Where the message became several cases: how many, and how many of them are ended. */
  readonly ownCases?: { readonly all: number; readonly ended: number }
  readonly steps: readonly Step[]
  readonly channel: string
  readonly files: number
  /** Answers that can be read after a second proof. */
  readonly hasAnswers: boolean
  /** Whether anything can still be told of it: not where it was put aside. */
  readonly canGetUpdates: boolean
  /** Addresses that get updates, with most of each hidden. */
  readonly updatesTo: readonly string[]
  /** Where its receipt went, with most of the address hidden. */
  readonly told?: { readonly to: string; readonly at: Date }
}

interface Found {
  readonly contactId: string
  readonly caseId: string | null
  readonly ownCases: { readonly all: number; readonly ended: number }
  readonly channel: string
  readonly files: number | null
  readonly email: string | null
  readonly phone: string | null
  readonly toldAt: Date | null
  readonly updatesTo: readonly string[]
}

/** Undefined where `viewStatus` shows nothing; callers must answer all of these alike. */
export async function viewResidentPage(
  db: Db,
  agency: Agency,
  typed: string
): Promise<ResidentPage | undefined> {
  const receipt = parseReceipt(typed)
  const status = receipt ? await viewStatus(db, agency, receipt) : undefined
  const found = receipt && status ? await findContact(db, receipt) : undefined
  if (!receipt || !status || !found) return undefined
  const { caseId } = found
  const steps = await stepsOf(db, agency, found.contactId, caseId)
  const to = found.email ?? found.phone
  return {
    ...status,
    receipt,
    contactId: found.contactId,
    ...(caseId ? { caseId } : {}),
    ...(found.ownCases.all > 1 ? { ownCases: found.ownCases } : {}),
    steps: [{ kind: 'received', at: status.arrivedAt }, ...steps],
    channel: found.channel,
    files: found.files ?? 0,
    hasAnswers: steps.some(({ kind }) => kind === 'answered'),
    canGetUpdates: status.state !== 'set-aside',
    updatesTo: found.updatesTo.map(maskAddress),
    ...(found.toldAt && to ? { told: { to: maskAddress(to), at: found.toldAt } } : {})
  }
}

async function findContact(db: Db, receipt: string): Promise<Found | undefined> {
  const { rows } = await sql<Found>`
    select contacts.id as "contactId", ${leadingCase} as "caseId", ${ownCasesOf} as "ownCases",
      contacts.channel, jsonb_array_length(letter -> 'documents') as files,
      letter #>> '{sender,emails,0}' as email, letter #>> '{sender,phones,0}' as phone,
      told.sent_at as "toldAt",
      coalesce((select array_agg(address order by way) from address_proofs
        where contact_id = contacts.id and told_event is not null and stopped_at is null),
        '{}') as "updatesTo"
    from contacts cross join ${unpacked(sql`contacts.envelope`, 'letter')}
      left join outbound as told on told.contact_id = contacts.id
        and told.kind = 'acknowledgement' and told.state = 'sent'
    where contacts.receipt = ${receipt}`.execute(db)
  return rows[0]
}
