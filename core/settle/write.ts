/**
 * Writes a set of verdicts: cases, links, events, owed acknowledgements. The caller's transaction
 * holds the line locks.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { CaseState } from '../line/tables.ts'
import { settle } from '../contacts/state.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { appendEvents, type LedgerEvent } from '../ledger/append.ts'
import { joinLocked } from '../line/join.ts'
import { recordNotices } from '../outbox/mail-delivery.ts'
import { withdrawEarly } from '../outbox/early-receipts.ts'
import { enqueueAcknowledgements } from '../outbox/enqueue.ts'
import { lockForEntry } from '../line/locks.ts'
import { resumeLocked } from '../line/pause.ts'
import { comeBack, isEnded } from '../line/reopen.ts'
import type { Verdict } from './decide.ts'

/** Why a contact waits for a person that its channel did not let through. */
const HELD = 'HELD_BY_CHANNEL'

export interface EnteredCase {
  readonly department: string
  readonly caseId: string
}

interface Link {
  readonly caseId: string
  readonly contactId: string
  readonly role: 'first' | 'duplicate' | 'follow-up'
  readonly reason: string
}

interface NewCase {
  readonly id: string
  readonly department: string
  readonly verdict: Verdict & { kind: 'case' }
}

/** Answers which cases entered a line and which contacts are owed an acknowledgement. */
export async function writeVerdicts(
  trx: Db,
  verdicts: Verdict[],
  actor = 'system:settle',
  by: 'settle' | 'settleAnew' = 'settle'
): Promise<{ entered: EnteredCase[]; acknowledge: string[] }> {
  const opened = verdicts.flatMap((verdict) =>
    verdict.kind === 'case'
      ? verdict.opens.map(({ caseId, department }) => ({ id: caseId, department, verdict }))
      : []
  )
  const acknowledge = verdicts.filter(isNews).map((verdict) => verdict.contact.id)
  const joined = await lockJoined(trx, verdicts)
  await insertCases(trx, opened)
  await insertLinks(trx, [...opened.map(firstLink), ...verdicts.flatMap(laterLink)])
  await appendEvents(trx, [
    ...opened.map((one) => enteredEvent(one, actor)),
    ...verdicts.flatMap(contactEvent)
  ])
  const reopened = await reopenEnded(trx, joined, verdicts)
  await updateContacts(trx, verdicts, opened, by)
  await absorbLater(trx, verdicts)
  await recordNotices(
    trx,
    verdicts.flatMap((verdict) =>
      verdict.kind === 'bounce' && verdict.thread
        ? [{ receipt: verdict.thread.receipt, notice: verdict.contact.report }]
        : []
    )
  )
  await withdrawEarly(
    trx,
    verdicts.filter(isKnown).map(({ contact }) => contact.id)
  )
  await enqueueAcknowledgements(trx, acknowledge)
  return {
    entered: [...opened.map(({ id, department }) => ({ caseId: id, department })), ...reopened],
    acknowledge
  }
}

async function insertCases(trx: Db, opened: NewCase[]): Promise<void> {
  if (opened.length === 0) return
  const column = <T>(pick: (one: NewCase) => T) => opened.map(pick)
  await sql`
    insert into cases (id, contact_id, department, state, arrived_at, ordinal, channel, receipt,
      language)
    select id, contact_id, department, 'waiting', arrived_at, ordinal, channel, receipt, language
      from unnest(
      ${column(({ id }) => id)}::uuid[], ${column(({ verdict }) => verdict.contact.id)}::uuid[],
        ${column(({ department }) => department)}::text[],
      ${column(({ verdict }) => verdict.contact.arrivedAtText)}::timestamptz[],
        ${column(({ verdict }) => verdict.contact.ordinal)}::bigint[],
      ${column(({ verdict }) => verdict.contact.channel)}::text[],
        ${column(({ verdict }) => verdict.contact.receipt)}::text[],
        ${column(({ verdict }) => verdict.contact.language)}::text[]
    ) as given (id, contact_id, department, arrived_at, ordinal, channel, receipt,
      language)`.execute(trx)
}

async function insertLinks(trx: Db, links: Link[]): Promise<void> {
  if (links.length === 0) return
  await sql`
    insert into case_contacts (case_id, contact_id, role, reason)
    select * from unnest(${links.map((link) => link.caseId)}::uuid[],
      ${links.map((link) => link.contactId)}::uuid[], ${links.map((link) => link.role)}::text[],
      ${links.map((link) => link.reason)}::text[])
    on conflict do nothing`.execute(trx)
}

function firstLink({ id, verdict }: NewCase): Link {
  return { caseId: id, contactId: verdict.contact.id, role: 'first', reason: 'opened the case' }
}

function laterLink(verdict: Verdict): Link[] {
  if (verdict.kind === 'duplicate')
    return [
      {
        caseId: verdict.caseId,
        contactId: verdict.contact.id,
        role: 'duplicate',
        reason: verdict.match?.reason ?? 'it is the same message, delivered again'
      }
    ]
  const caseId = joinedCase(verdict)
  return caseId
    ? [{ caseId, contactId: verdict.contact.id, role: 'follow-up', reason: reasonOf(verdict) }]
    : []
}

function reasonOf(verdict: Verdict): string {
  return ('thread' in verdict ? verdict.thread?.by : undefined) ?? 'it answers a message of ours'
}

function joinedCase(verdict: Verdict): string | undefined {
  return verdict.kind === 'follow-up' || verdict.kind === 'auto-reply' || verdict.kind === 'bounce'
    ? verdict.thread?.caseId
    : undefined
}

function enteredEvent({ id, department, verdict }: NewCase, actor: string): LedgerEvent {
  const { contact } = verdict
  return {
    kind: 'case.entered',
    department,
    caseId: id,
    contactId: contact.id,
    actor,
    data: { arrivedAt: contact.arrivedAtText, ordinal: contact.ordinal, said: contact.said }
  }
}

function contactEvent(verdict: Verdict): LedgerEvent[] {
  const contactId = verdict.contact.id
  if (verdict.kind === 'case') return []
  if (verdict.kind === 'quarantined')
    return [
      {
        kind: 'contact.quarantined',
        contactId,
        actor: 'system:settle',
        data: { code: HELD, reason: verdict.reason }
      }
    ]
  const caseId = verdict.kind === 'duplicate' ? verdict.caseId : joinedCase(verdict)
  return [
    {
      kind: caseId ? 'contact.joined' : 'contact.set-aside',
      contactId,
      caseId,
      actor: 'system:settle',
      data: { as: verdict.kind, said: verdict.contact.said, ...sameAs(verdict), ...why(verdict) }
    }
  ]
}

/** Why it joined the case it joined. */
function why(verdict: Verdict): { reason?: string } {
  const [link] = laterLink(verdict)
  return link ? { reason: link.reason } : {}
}

function sameAs(verdict: Verdict): { sameAs?: string } {
  return verdict.kind === 'duplicate' && verdict.match ? { sameAs: verdict.match.otherId } : {}
}

interface Joined {
  readonly id: string
  readonly state: CaseState
  readonly department: string
}

/**
 * Locks the cases that contacts join, in one order and before the links are written: a link holds
 * its case against deletion, and two sets that held one case so would both wait for the other to
 * let it be reopened.
 */
async function lockJoined(trx: Db, verdicts: Verdict[]): Promise<Joined[]> {
  const ids = [
    ...new Set(
      verdicts.flatMap((verdict) =>
        verdict.kind === 'follow-up'
          ? [verdict.thread.caseId]
          : verdict.kind === 'duplicate' && verdict.match
            ? [verdict.caseId]
            : []
      )
    )
  ]
  if (ids.length === 0) return []
  const joined = await trx
    .selectFrom('cases')
    .select(['id', 'state', 'department'])
    .where('id', 'in', ids)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  // Joined or ended since it was looked up: the contacts are settled one by one and find where it
  // stands now.
  const waitsFor = new Set(
    verdicts.flatMap((verdict) =>
      verdict.kind === 'duplicate' && verdict.match ? [verdict.caseId] : []
    )
  )
  if (joined.some(({ id, state }) => state === 'joined' || (isEnded(state) && waitsFor.has(id))))
    throw new EvenhandError('CASE_NOT_JOINABLE')
  return joined
}

/**
 * A follow-up brings an ended case back at the follow-up's own place, of several the earliest; a
 * reaction, an out-of-office reply or a bounce never does.
 */
async function reopenEnded(trx: Db, joined: Joined[], verdicts: Verdict[]): Promise<EnteredCase[]> {
  const followUps = Map.groupBy(
    verdicts.flatMap((verdict) =>
      verdict.kind === 'follow-up' && !verdict.quiet ? [verdict] : []
    ),
    ({ thread }) => thread.caseId
  )
  const resumed = await resumePaused(trx, joined, followUps)
  const ended = joined.filter(({ id, state }) => isEnded(state) && followUps.has(id))
  for (const { id, department } of ended) {
    const [first] = followUps
      .get(id)!
      .map(({ contact }) => contact)
      .toSorted(byArrival)
    await comeBack(trx, id, {
      department,
      place: { contact: first!.id },
      actor: 'system:settle',
      reason: 'a follow-up arrived'
    })
  }
  return [...resumed, ...ended].map(({ id, department }) => ({ caseId: id, department }))
}

/** A follow-up ends the wait for the resident: the case stands at its own place again. */
async function resumePaused(
  trx: Db,
  joined: Joined[],
  followUps: ReadonlyMap<string, unknown>
): Promise<Joined[]> {
  const paused = joined.filter(
    ({ id, state }) => state === 'waiting-for-resident' && followUps.has(id)
  )
  await lockForEntry(
    trx,
    paused.map(({ department }) => department)
  )
  for (const { id } of paused)
    await resumeLocked(trx, id, {
      actor: 'system:settle',
      reason: 'a follow-up arrived',
      by: 'resident'
    })
  return paused
}

function byArrival(one: Verdict['contact'], other: Verdict['contact']): number {
  if (one.arrivedAtText !== other.arrivedAtText)
    return one.arrivedAtText < other.arrivedAtText ? -1 : 1
  return one.ordinal - other.ordinal
}

/**
 * Who sent something new hears of it, also where it says what was said before; a mere redelivery
 * was acknowledged the first time.
 */
function isNews(verdict: Verdict): boolean {
  return verdict.kind === 'case' || (verdict.kind === 'duplicate' && verdict.match !== undefined)
}

/** Who adds to a case, or delivers the same again, has its receipt. */
function isKnown(verdict: Verdict): boolean {
  return verdict.kind === 'follow-up' || (verdict.kind === 'duplicate' && !verdict.match)
}

/**
 * A case that came into line first although it arrived later joins the one that its earlier copy
 * has just opened.
 */
async function absorbLater(trx: Db, verdicts: Verdict[]): Promise<void> {
  for (const verdict of verdicts) {
    if (verdict.kind !== 'case' || !verdict.absorbs) continue
    const { caseId, department, match } = verdict.absorbs
    const into = verdict.opens.find((one) => one.department === department) ?? verdict.opens[0]!
    await joinLocked(trx, {
      laterCaseId: caseId,
      earlierCaseId: into.caseId,
      department,
      actor: 'system:settle',
      why: match.reason,
      role: 'duplicate'
    })
  }
}

async function updateContacts(
  trx: Db,
  verdicts: Verdict[],
  opened: NewCase[],
  by: 'settle' | 'settleAnew'
): Promise<void> {
  const firstCase = new Map(
    opened.map((one) => [one.verdict.contact.id, one.id] as const).toReversed()
  )
  const caseOf = (verdict: Verdict) =>
    verdict.kind === 'duplicate'
      ? verdict.caseId
      : (joinedCase(verdict) ?? firstCase.get(verdict.contact.id) ?? null)
  await settle(
    trx,
    verdicts.map((verdict) => ({
      id: verdict.contact.id,
      outcome: verdict.kind,
      caseId: caseOf(verdict),
      quarantineCode: verdict.kind === 'quarantined' ? HELD : null,
      trail: verdict.trail
    })),
    by
  )
}
