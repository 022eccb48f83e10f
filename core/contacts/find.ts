/**
 * Looks up contacts and cases by receipt or id, for the command line, the desk and the status page.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { CaseState } from '../line/tables.ts'
import type { Outcome, TrailStep } from './tables.ts'
import { ENVELOPE_VERSION, type Envelope } from '../envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { placeOf } from '../line/view.ts'
import { parseReceipt } from './receipts.ts'
import { caseSubjectOf } from './shown.ts'

export interface SettledContact {
  readonly receipt: string
  readonly contactId: string
  readonly channel: string
  readonly outcome: Outcome | undefined
  readonly department: string | undefined
  readonly caseId: string | undefined
  readonly place: number | undefined
  readonly envelope: Envelope | undefined
  readonly trail: readonly TrailStep[]
  /** Every case of the contact: a mail to two departments has two, and one that was split. */
  readonly cases: readonly {
    caseId: string
    department: string
    state: CaseState
    place: number | undefined
    /** Its heading: what it is about, as whoever split it off said, or else its subject. */
    about: string
  }[]
}

/** @throws RECEIPT_UNKNOWN when no contact has this receipt or id */
export async function findContactId(db: Db, receiptOrId: string): Promise<string> {
  const receipt = parseReceipt(receiptOrId)
  const byReceipt = receipt
    ? await db.selectFrom('contacts').select('id').where('receipt', '=', receipt).executeTakeFirst()
    : undefined
  if (byReceipt) return byReceipt.id
  const byId =
    isId(receiptOrId) &&
    (await db.selectFrom('contacts').select('id').where('id', '=', receiptOrId).executeTakeFirst())
  if (byId) return byId.id
  throw new EvenhandError('RECEIPT_UNKNOWN')
}

/** Who or what submitted an existing contact. */
export async function sourceOf(db: Db, contactId: string): Promise<string> {
  const { source } = await db
    .selectFrom('contacts')
    .select('source')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  return source
}

/**
 * The case that is meant by a case id, or by a receipt of any of its contacts. @throws CASE_UNKNOWN
 */
export async function findCaseId(db: Db, receiptOrId: string): Promise<string> {
  const receipt = parseReceipt(receiptOrId)
  const byReceipt = receipt
    ? await db
        .selectFrom('contacts')
        .select('case_id')
        .where('receipt', '=', receipt)
        .executeTakeFirst()
    : undefined
  if (byReceipt?.case_id) return byReceipt.case_id
  const byId =
    isId(receiptOrId) &&
    (await db.selectFrom('cases').select('id').where('id', '=', receiptOrId).executeTakeFirst())
  if (byId) return byId.id
  throw new EvenhandError('CASE_UNKNOWN')
}

/** Whether a case's receipt stands for other cases, too: it was split, or went to several departments. */
export async function sharesReceipt(db: Db, caseId: string): Promise<boolean> {
  const { rows } = await sql`select from cases join cases other
      on other.contact_id = cases.contact_id and other.id <> cases.id
    where cases.id = ${caseId} limit 1`.execute(db)
  return rows.length > 0
}

/** A contact in its present state. @throws RECEIPT_UNKNOWN */
export async function viewContact(db: Db, contactId: string): Promise<SettledContact> {
  const row = await db
    .selectFrom('contacts')
    .selectAll()
    .where('id', '=', contactId)
    .executeTakeFirst()
  if (!row) throw new EvenhandError('RECEIPT_UNKNOWN')
  const cases = await viewCasesOf(db, contactId, row.case_id)
  const main = cases.find(({ caseId }) => caseId === row.case_id)
  return {
    receipt: row.receipt,
    contactId: row.id,
    channel: row.channel,
    outcome: row.outcome ?? undefined,
    department: main?.department,
    caseId: main?.caseId,
    place: main?.place,
    envelope: row.envelope ? toEnvelope(row.envelope, row.arrived_at, row.ordinal) : undefined,
    trail: row.trail,
    cases
  }
}

async function viewCasesOf(db: Db, contactId: string, mainCase: string | null) {
  const rows = await db
    .selectFrom('cases')
    .innerJoin('contacts', 'contacts.id', 'cases.contact_id')
    .select(['cases.id', 'department', 'cases.state', caseSubjectOf.as('about')])
    .where((row) => row.or([row('contact_id', '=', contactId), row('cases.id', '=', mainCase)]))
    .orderBy('cases.id')
    .execute()
  const cases = []
  for (const row of rows)
    cases.push({
      caseId: row.id,
      department: row.department,
      state: row.state,
      place: row.state === 'waiting' ? await placeOf(db, row.id) : undefined,
      about: row.about
    })
  return cases
}

/** An envelope, put together from its stored form and the arrival. */
export function toEnvelope(stored: object, arrivedAt: Date, ordinal: string): Envelope {
  return {
    version: ENVELOPE_VERSION,
    ...stored,
    arrivedAt: arrivedAt.toISOString(),
    ordinal: Number(ordinal)
  } as Envelope
}

export interface CaseEvent {
  readonly at: Date
  readonly kind: string
  readonly department: string | undefined
  readonly actor: string
  readonly data: Record<string, unknown>
}

/** The ledger's events of a contact and its case, in order. */
export async function viewEvents(
  db: Db,
  contactId: string,
  caseId: string | undefined
): Promise<CaseEvent[]> {
  const rows = await db
    .selectFrom('events')
    .select(['at', 'kind', 'department', 'actor', 'data'])
    .where((row) =>
      row.or([row('contact_id', '=', contactId), row('case_id', '=', caseId ?? null)])
    )
    .orderBy('id')
    .limit(1_000)
    .execute()
  return rows.map((row) => ({
    at: row.at,
    kind: row.kind,
    department: row.department ?? undefined,
    actor: row.actor,
    data: row.data
  }))
}

/** What people decide about a contact, and its case therefore tells. */
const decided = [
  'contact.attributed',
  'contact.released',
  'contact.transcribed',
  'constituent.linked',
  'constituent.unlinked'
] as const

/** The ledger's events of a case, with what people decided about its contacts, in order. */
export async function viewCaseEvents(db: Db, caseId: string): Promise<CaseEvent[]> {
  const { rows } = await sql<CaseEvent>`
    select at, kind, department, actor, data from (
      select id, at, kind, department, actor, data from events where case_id = ${caseId}
      union select id, at, kind, department, actor, data from events
        where contact_id in (select contact_id from case_contacts where case_id = ${caseId})
          and case_id is null and kind = any(${decided}::text[]) and actor not like 'system:%'
    ) as told order by id limit 1000`.execute(db)
  return rows.map((row) => ({ ...row, department: row.department ?? undefined }))
}

/** Contacts of the list for which a machine can do no more: settled or in quarantine. */
export async function findDone(db: Db, contactIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{
    id: string
  }>`select id from contacts where id = any(${contactIds}::uuid[])
      and state in ('settled', 'quarantined')`.execute(db)
  return new Set(rows.map((row) => row.id))
}
