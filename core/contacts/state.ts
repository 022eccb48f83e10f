/**
 * The only writer of a contact's state and of what belongs to it: outcome, quarantine code, doubt,
 * whether it was put aside, and its trail. Each transition names the states it starts from and
 * leads to, and its statement checks these: a contact that another process has moved on in the
 * meantime stays unchanged, and the result says so. Statements take whole sets where contacts come
 * in sets.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { ContactState, Outcome, TrailStep } from './tables.ts'

interface Transition {
  readonly from: readonly ContactState[]
  readonly to: readonly ContactState[]
}

/** Every possible change of a contact's state. `accept` creates the row. */
export const transitions = {
  accept: { from: [], to: ['accepted'] },
  recordRead: { from: ['accepted'], to: ['read', 'documents', 'quarantined'] },
  settleAsBatch: { from: ['accepted'], to: ['settled'] },
  finishDocuments: { from: ['documents'], to: ['read', 'quarantined'] },
  settle: { from: ['read'], to: ['settled', 'quarantined'] },
  /** After undoing a wrong duplicate. */
  settleAnew: { from: ['settled'], to: ['settled', 'quarantined'] },
  quarantine: { from: ['accepted', 'documents', 'read'], to: ['quarantined'] },
  leaveQuarantine: { from: ['quarantined'], to: ['accepted', 'read'] },
  giveText: { from: ['quarantined'], to: ['read'] },
  discard: { from: ['quarantined'], to: ['quarantined'] },
  restore: { from: ['quarantined'], to: ['quarantined'] }
} as const satisfies Record<string, Transition>

// States are constants in the statement, so that PostgreSQL plans it for just these states.
function mayLeave(name: keyof typeof transitions): RawBuilder<boolean> {
  return sql<boolean>`contacts.state in
      (${sql.join(transitions[name].from.map((state) => sql.lit(state)))})`
}

const append = (steps: readonly TrailStep[]) =>
  sql<TrailStep[]>`trail || ${JSON.stringify(steps)}::jsonb`

/**
 * The part of the accepting statement that makes contacts from its rows named `given`. The extra
 * columns are letters' places.
 */
export function acceptedRows({
  columns,
  values,
  from
}: Readonly<Record<'columns' | 'values' | 'from', RawBuilder<unknown>>>): RawBuilder<unknown> {
  return sql`insert into contacts (id, receipt, channel, source, external_id, raw_sha256,
      raw_bytes, media_type, recipients, evidence, state${columns})
        select given.id, receipt, channel, source, external_id, raw_sha256, raw_bytes, media_type,
          array(select jsonb_array_elements_text(recipients)), evidence, 'accepted'${values}
        from given${from} order by n
        on conflict (channel, source, external_id) do nothing
        returning id, receipt, arrived_at, ordinal, channel, source, external_id, raw_sha256,
          recipients, media_type, raw_bytes`
}

export type StateOnceRead = (typeof transitions)['recordRead']['to'][number]

export interface StateOfRead {
  readonly id: string
  readonly state: StateOnceRead
  readonly kind: string
  readonly tokens: readonly string[]
  readonly envelope: object
  /** Why a person must supply the text. */
  readonly unsure: string | undefined
  readonly trail: readonly TrailStep[]
}

/**
 * Writes what reading made of contacts. `along` is written in the same statement, before it.
 * Returns those that were still to be read, with their states.
 */
export async function recordRead(
  db: Db,
  set: readonly StateOfRead[],
  along = sql``
): Promise<[string, StateOnceRead][]> {
  const column = <T>(pick: (read: StateOfRead) => T) => set.map(pick)
  const { rows } = await sql<{ id: string; state: StateOnceRead }>`
    ${along}
    update contacts set state = given.state, kind = given.kind,
      tokens = array(select jsonb_array_elements_text(given.tokens)), envelope = given.envelope,
      outcome = case when given.state = 'quarantined' then 'quarantined' end,
        quarantine_code = case when given.state = 'quarantined' then 'TEXT_UNSURE' end,
      unsure = given.unsure, trail = contacts.trail || given.trail, attempts = 0, updated_at = now()
    from unnest(${column(({ id }) => id)}::uuid[], ${column(({ state }) => state)}::text[],
      ${column(({ kind }) => kind)}::text[],
      ${column(({ tokens }) => JSON.stringify(tokens))}::jsonb[],
      ${column(({ envelope }) => JSON.stringify(envelope))}::jsonb[],
        ${column(({ unsure }) => unsure ?? null)}::text[],
        ${column(({ trail }) => JSON.stringify(trail))}::jsonb[])
      as given (id, state, kind, tokens, envelope, unsure, trail)
    where contacts.id = given.id and ${mayLeave('recordRead')}
    returning contacts.id, contacts.state`.execute(db)
  return rows.map(({ id, state }) => [id, state])
}

/** The files it brought have become a batch of the mailroom. False if it was read meanwhile. */
export async function settleAsBatch(trx: Db, contactId: string, step: TrailStep): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('contacts')
    .set({
      state: 'settled',
      outcome: 'batch',
      kind: 'message',
      trail: append([step]),
      updated_at: sql`now()`
    })
    .where('id', '=', contactId)
    .where(mayLeave('settleAsBatch'))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * The texts of its documents were read. It is set aside if a person must supply the text. False if
 * it no longer waits for documents.
 */
export async function finishDocuments(
  trx: Db,
  contactId: string,
  {
    envelope,
    step,
    aside
  }: { readonly envelope: object; readonly step: TrailStep; readonly aside: boolean }
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('contacts')
    .set({
      state: aside ? 'quarantined' : 'read',
      envelope: JSON.stringify(envelope),
      trail: append([step]),
      ...(aside ? { outcome: 'quarantined', quarantine_code: 'TEXT_UNSURE' } : {}),
      attempts: 0,
      updated_at: sql`now()`
    })
    .where('id', '=', contactId)
    .where(mayLeave('finishDocuments'))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export interface SettledContact {
  readonly id: string
  readonly outcome: Outcome
  /** The case that stands for it. */
  readonly caseId: string | null
  readonly quarantineCode: string | null
  readonly trail: readonly TrailStep[]
}

/**
 * Writes what settling decided. The caller has held the contacts' locks since it read their states,
 * so if one has moved on this is a bug, and everything is rolled back.
 */
export async function settle(
  trx: Db,
  set: readonly SettledContact[],
  by: 'settle' | 'settleAnew' = 'settle'
): Promise<void> {
  const column = <T>(pick: (settled: SettledContact) => T) => set.map(pick)
  const { numAffectedRows } = await sql`
    update contacts set state = case when given.outcome = 'quarantined' then 'quarantined'
      else 'settled' end, outcome = given.outcome, case_id = given.case_id,
      quarantine_code = given.code, trail = contacts.trail || given.trail, updated_at = now()
    from unnest(${column(({ id }) => id)}::uuid[], ${column(({ outcome }) => outcome)}::text[],
      ${column(({ caseId }) => caseId)}::uuid[],
      ${column(({ quarantineCode }) => quarantineCode)}::text[],
        ${column(({ trail }) => JSON.stringify(trail))}::jsonb[]) as given (id, outcome, case_id,
        code, trail)
    where contacts.id = given.id and ${mayLeave(by)}`.execute(trx)
  if (numAffectedRows !== BigInt(set.length))
    throw new EvenhandError('INTERNAL', 'a contact was to be settled that is not ready for it')
}

/** A machine must not decide, so it waits for a person. False if it is settled or already waits. */
export async function quarantine(
  trx: Db,
  contactId: string,
  code: string,
  step: TrailStep
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('contacts')
    .set({
      state: 'quarantined',
      outcome: 'quarantined',
      quarantine_code: code,
      trail: append([step]),
      updated_at: sql`now()`
    })
    .where('id', '=', contactId)
    .where(mayLeave('quarantine'))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export interface Released {
  /** `accepted` means that it is read again. */
  readonly to: (typeof transitions)['leaveQuarantine']['to'][number]
  readonly kind: string
  readonly evidence: object
  readonly envelope: object | null
  readonly step: TrailStep
}

/** A person releases it. False if it does not wait for a person. */
export async function leaveQuarantine(
  trx: Db,
  contactId: string,
  { to, kind, evidence, envelope, step }: Released
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('contacts')
    .set({
      state: to,
      outcome: null,
      discarded_at: null,
      quarantine_code: null,
      attempts: 0,
      unsure: null,
      kind,
      evidence: JSON.stringify(evidence),
      envelope: envelope && JSON.stringify(envelope),
      trail: append([step]),
      updated_at: sql`now()`
    })
    .where('id', '=', contactId)
    .where(mayLeave('leaveQuarantine'))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * A person supplied the text that no machine could read with certainty. False if it does not wait
 * for a text, for example because somebody put it aside.
 */
export async function giveText(
  trx: Db,
  contactId: string,
  envelope: object,
  step: TrailStep
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('contacts')
    .set({
      state: 'read',
      outcome: null,
      quarantine_code: null,
      unsure: null,
      attempts: 0,
      envelope: JSON.stringify(envelope),
      trail: append([step]),
      updated_at: sql`now()`
    })
    .where('id', '=', contactId)
    .where('quarantine_code', '=', 'TEXT_UNSURE')
    .where('discarded_at', 'is', null)
    .where(mayLeave('giveText'))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Puts contacts aside that need no case. Returns those that were waiting. */
export function discard(
  trx: Db,
  contactIds: readonly string[],
  step: TrailStep
): Promise<string[]> {
  return mark(trx, 'discard', contactIds, step)
}

/** Takes up contacts again that were put aside. Returns those that were. */
export function restore(
  trx: Db,
  contactIds: readonly string[],
  step: TrailStep
): Promise<string[]> {
  return mark(trx, 'restore', contactIds, step)
}

async function mark(
  trx: Db,
  by: 'discard' | 'restore',
  contactIds: readonly string[],
  step: TrailStep
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update contacts set discarded_at = ${by === 'discard' ? sql`now()` : null},
      trail = ${append([step])}, updated_at = now()
    where id = any(${contactIds}::uuid[]) and ${mayLeave(by)}
      and (discarded_at is not null) = ${by === 'restore'} returning id`.execute(trx)
  return rows.map(({ id }) => id)
}

/**
 * Records in the trail what was done for it, in any state, together with what its envelope and
 * evidence now say. Answers the mark of what the envelope says, for the ledger.
 */
export async function addToTrail(
  db: Db,
  contactId: string,
  step: TrailStep,
  also: { readonly envelope?: object; readonly evidence?: object } = {}
): Promise<string> {
  const { said } = await db
    .updateTable('contacts')
    .set({
      ...(also.envelope ? { envelope: JSON.stringify(also.envelope) } : {}),
      ...(also.evidence
        ? { evidence: sql<string>`evidence || ${JSON.stringify(also.evidence)}::jsonb` }
        : {}),
      trail: append([step]),
      updated_at: sql`now()`
    })
    .where('id', '=', contactId)
    .returning(sql<string>`said_mark(receipt, envelope)`.as('said'))
    .executeTakeFirstOrThrow()
  return said
}
