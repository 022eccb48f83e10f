/**
 * What a person has to do so that a resident hears from us: a letter to print, a call to make, an
 * answer that could not be delivered, or one that was reported as unwanted. Each stands on its case
 * until somebody settles it.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId, isShortNumber, SHORT_NUMBER } from '../../platform/ids.ts'
import { parseReceipt } from '../contacts/receipts.ts'
import { caseSubjectOf } from '../contacts/shown.ts'
import { caseEvents } from '../ledger/append.ts'
import { answerIdIn, FILED } from '../line/answered.ts'
import { optionalReason, requireReason } from '../line/reasons.ts'

export type DutyKind = 'undelivered' | 'complaint' | 'letter' | 'call'

/** How each kind can end, and whether the resident has heard from us then. */
export const endings = {
  undelivered: { called: true, 'sent-again': true, unreachable: false },
  complaint: { asked: true, 'nothing-to-do': true },
  letter: { printed: true, unreachable: false },
  call: { reached: true, unreachable: false }
} as const satisfies Readonly<Record<DutyKind, Readonly<Record<string, boolean>>>>

interface OpenDuty {
  readonly dutyId: string
  readonly kind: DutyKind
  readonly caseId: string
  readonly answerId: string
  readonly openedAt: Date
  /** Where the answer was to go; undefined for one to a campaign. */
  readonly address: string | undefined
  readonly name: string | undefined
  /** Why it was not delivered. */
  readonly reason: string | undefined
}

export interface Duty extends OpenDuty {
  readonly settled:
    | { readonly by: string; readonly at: Date; readonly how: string; readonly words: string }
    | undefined
}

interface OpenedDuties {
  readonly opened: RawBuilder<unknown>
  readonly openedEvents: RawBuilder<unknown>
}

/**
 * A part of a statement: `opened`, the duties that what became of answers leaves, from rows of
 * contact and kind of message; and `openedEvents`, rows of kind, case, contact, actor and data.
 */
export function dutiesOn(
  kind: 'undelivered' | 'complaint',
  ended: RawBuilder<unknown>
): OpenedDuties {
  return {
    opened: sql`opened as (
      insert into duties (id, kind, case_id, answer_id, contact_id)
      select gen_random_uuid(), ${kind}, coalesce(answers.case_id, contacts.case_id),
        answers.id, ended.contact_id
      from (${ended}) as ended (contact_id, kind)
        join answers on answers.id = ${answerIdIn(sql`ended.kind`)}
        join contacts on contacts.id = ended.contact_id
      where coalesce(answers.case_id, contacts.case_id) is not null
      on conflict (answer_id, contact_id, kind) do nothing
      returning id, kind, case_id, answer_id, contact_id
    )`,
    openedEvents: sql`select 'duty.opened', case_id, contact_id, 'system:outbound',
      jsonb_build_object('duty', id, 'as', kind, 'answer', answer_id) from opened`
  }
}

/** Opens the duty to print a letter or to call, for an answer that a person brings. */
export async function openByHand(
  trx: Db,
  { answerId, kind }: { readonly answerId: string; readonly kind: 'letter' | 'call' }
): Promise<void> {
  await sql`
    with opened as (
      insert into duties (id, kind, case_id, answer_id, contact_id)
      select gen_random_uuid(), ${kind}, case_id, id, contact_id from answers
      where id = ${answerId} and case_id is not null
      on conflict (answer_id, contact_id, kind) do nothing
      returning id, kind, case_id, answer_id, contact_id
    )
    ${caseEvents(sql`select 'duty.opened', case_id, contact_id, 'system:outbound',
      jsonb_build_object('duty', id, 'as', kind, 'answer', answer_id) from opened`)}`.execute(trx)
}

/**
 * Settles a duty with words that stay with it. What a person brought counts as sent from then on.
 * @throws REASON_REQUIRED without words where the resident was not reached, NOT_FOUND for an
 * unknown duty, DUTY_ENDING for an ending that its kind has not, DUTY_SETTLED if somebody was first
 */
export async function settleDuty(
  db: Db,
  {
    dutyId,
    actor,
    how,
    words
  }: {
    readonly dutyId: string
    readonly actor: string
    readonly how: string
    readonly words: string
  }
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const duty = await lockDuty(trx, dutyId)
    const ways: Readonly<Record<string, boolean>> = endings[duty.kind]
    if (!Object.hasOwn(ways, how))
      throw new EvenhandError('DUTY_ENDING', `of this one: ${Object.keys(ways).join(', ')}`)
    if (duty.settled) throw new EvenhandError('DUTY_SETTLED')
    const said = how === 'printed' ? optionalReason(words) : requireReason(words)
    await sql`
      with settled as (
        update duties set settled_at = now(), settled_by = ${actor}, how = ${how},
          words = ${said} where id = ${dutyId} returning id, kind, case_id, answer_id, contact_id
      ), brought as (
        update outbound set state = ${ways[how] ? 'sent' : 'undeliverable'},
          sent_at = case when ${ways[how]!} then now() end,
          reason = case when ${ways[how]!} then null else 'a person could not reach them' end
        from settled where outbound.contact_id = settled.contact_id
          and outbound.kind = 'answer:' || settled.answer_id
          and settled.kind in ('letter', 'call') and outbound.state = 'waiting'
        returning outbound.contact_id, outbound.kind, settled.case_id
      )
      ${caseEvents(sql`select 'duty.settled', case_id, contact_id, ${actor}::text,
          jsonb_build_object('duty', id, 'how', ${how}::text, 'answer', answer_id) from settled
        union all
        select case when ${ways[how]!} then 'message.sent' else 'message.not-sent' end, null,
          contact_id, ${actor}::text, jsonb_build_object('as', kind) || case
            when ${ways[how]!} then jsonb_build_object('by', ${how}::text)
            else jsonb_build_object('reason', 'a person could not reach them', 'state',
              'undeliverable') end from brought`)}`.execute(trx)
  })
}

async function lockDuty(
  trx: Db,
  dutyId: string
): Promise<{ readonly kind: DutyKind; readonly settled: boolean }> {
  if (!isId(dutyId)) throw new EvenhandError('NOT_FOUND')
  const { rows } = await sql<{ kind: DutyKind; settled: boolean }>`
    select kind, settled_at is not null as settled from duties where id = ${dutyId}
      for update`.execute(trx)
  if (!rows[0]) throw new EvenhandError('NOT_FOUND')
  return rows[0]
}

interface OpenRow {
  readonly id: string
  readonly kind: DutyKind
  readonly case_id: string
  readonly answer_id: string
  readonly opened_at: Date
  readonly address: string | null
  readonly name: string | null
  readonly reason: string | null
}

interface DutyRow extends OpenRow {
  readonly settled_by: string | null
  readonly settled_at: Date | null
  readonly how: string | null
  readonly words: string | null
}

/** Why it was not delivered. */
const reasonOf = sql`case when outbound.delivery = ${FILED}
  then 'written to a file, as nothing is set up to send it' else outbound.reason end`

const dutyRows = (where: RawBuilder<unknown>) => sql<DutyRow>`
  select duties.id, duties.kind, duties.case_id, answer_id, opened_at, answers.address,
    answers.name, ${reasonOf} as reason, settled_by, settled_at, how, words
  from duties join answers on answers.id = answer_id
    left join outbound on outbound.contact_id = duties.contact_id
      and outbound.kind = 'answer:' || answer_id
  where ${where}`

/** Who it is for, in one line: the name is not said again where the address begins with it. */
export function addressee({ name, address }: Pick<OpenDuty, 'name' | 'address'>): string {
  const lines = address?.split('\n') ?? []
  return (name && lacksName(name, lines) ? [name, ...lines] : lines).join(', ')
}

const plain = (text: string) => text.toLowerCase().replace(/[\s.,]+/g, ' ')

/** Whether an address does not begin with the name of who lives there. */
export function lacksName(name: string, lines: readonly string[]): boolean {
  return !plain(lines[0] ?? '').includes(plain(name).trim())
}

/** The duties of these cases, earliest first. */
export async function dutiesOf(db: Db, caseIds: readonly string[]): Promise<Duty[]> {
  const { rows } = await dutyRows(
    sql`duties.case_id = any(${caseIds}::uuid[]) order by opened_at, duties.id limit 500`
  ).execute(db)
  return rows.map(toDuty)
}

/** One duty; undefined where there is none of this id. */
export async function viewDuty(db: Db, dutyId: string): Promise<Duty | undefined> {
  if (!isId(dutyId)) return undefined
  const { rows } = await dutyRows(sql`duties.id = ${dutyId}`).execute(db)
  return rows[0] && toDuty(rows[0])
}

/**
 * The duties that a person means: by id, by short number, or the open ones of a case by its receipt.
 */
export async function findDuties(db: Db, named: string): Promise<Duty[]> {
  const receipt = parseReceipt(named)
  if (isId(named)) return [await viewDuty(db, named)].filter((duty) => duty !== undefined)
  if (!receipt && !isShortNumber(named)) return []
  const { rows } = await dutyRows(
    receipt
      ? sql`settled_at is null and duties.case_id in (
          select id from cases where cases.receipt = ${receipt}) order by opened_at, duties.id
            limit 20`
      : sql`right(duties.id::text, ${SHORT_NUMBER}) = ${named.toLowerCase()} limit 2`
  ).execute(db)
  return rows.map(toDuty)
}

function toDuty(row: DutyRow): Duty {
  return {
    ...toOpenDuty(row),
    settled: row.settled_at
      ? { by: row.settled_by!, at: row.settled_at, how: row.how!, words: row.words ?? '' }
      : undefined
  }
}

function toOpenDuty(row: OpenRow): OpenDuty {
  return {
    dutyId: row.id,
    kind: row.kind,
    caseId: row.case_id,
    answerId: row.answer_id,
    openedAt: row.opened_at,
    address: row.address ?? undefined,
    name: row.name ?? undefined,
    reason: row.reason ?? undefined
  }
}

/** An open duty with its case, which is the one where it is shown now: it may have joined another. */
export interface ListedDuty extends OpenDuty {
  readonly receipt: string
  /** Its subject, or else its first words; empty where it has neither. */
  readonly subject: string
  readonly department: string
}

/** Duties nobody has settled, of these departments' cases, earliest first. */
export async function listOpenDuties(
  db: Db,
  departments: readonly string[],
  limit: number
): Promise<{ readonly total: number; readonly duties: readonly ListedDuty[] }> {
  const { rows } = await sql<ListedRow & { total: string }>`
    select duties.id, duties.kind, coalesce(joined_into, cases.id) as case_id, answer_id, opened_at,
      answers.address, answers.name, ${reasonOf} as reason, cases.receipt, department,
      ${caseSubjectOf} as subject, count(*) over () as total
    from duties join cases on cases.id = duties.case_id
      join contacts on contacts.id = cases.contact_id
      join answers on answers.id = answer_id
      left join outbound on outbound.contact_id = duties.contact_id
        and outbound.kind = 'answer:' || answer_id
    where settled_at is null and department = any(${departments}::text[])
    order by opened_at, duties.id limit ${limit}`.execute(db)
  return { total: Number(rows[0]?.total ?? 0), duties: rows.map(toListed) }
}

interface ListedRow extends OpenRow {
  readonly receipt: string
  readonly subject: string
  readonly department: string
}

function toListed(row: ListedRow): ListedDuty {
  const { receipt, department, subject } = row
  return { ...toOpenDuty(row), receipt, department, subject }
}
