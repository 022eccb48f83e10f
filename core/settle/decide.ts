/**
 * Decides what becomes of one contact from what was looked up, without seeing who the person is.
 * Each step adds a line to the trail. The first step with a result decides.
 */
import type { TrailStep } from '../contacts/tables.ts'
import { newId } from '../../platform/ids.ts'
import type { RoutingDecision, Router } from '../routing/rules.ts'
import type { Redeliveries, ReadyContact, Thread } from './lookups.ts'
import type { Match, CaseStanding } from './duplicate-lookup.ts'

export type Verdict = { readonly contact: ReadyContact; readonly trail: readonly TrailStep[] } & (
  | { readonly kind: 'case'; readonly opens: readonly Opening[]; readonly absorbs?: Absorbed }
  /**
   * With a match: it says the same as an earlier contact. Without one: the same bytes were
   * delivered before.
   */
  | { readonly kind: 'duplicate'; readonly caseId: string; readonly match?: Match }
  /**
   * A quiet follow-up is only a reaction to a message. It is kept with its case and does not move
   * it.
   */
  | { readonly kind: 'follow-up'; readonly thread: Thread; readonly quiet?: true }
  | { readonly kind: 'auto-reply' | 'bounce'; readonly thread: Thread | undefined }
  | { readonly kind: 'quarantined'; readonly reason: string }
)

/** A case that is to be opened. */
export interface Opening {
  readonly caseId: string
  readonly department: string
}

/** A waiting case that arrived later than the one to be opened, and joins it. */
export interface Absorbed {
  readonly caseId: string
  readonly department: string
  readonly match: Match
}

export interface KnownToSettle {
  readonly redeliveries: Redeliveries
  readonly threads: ReadonlyMap<string, Thread>
  /** By text message: the case whose question it answers exactly. */
  readonly answered: ReadonlyMap<string, Thread>
  /** By text message that is only a reaction: the case of the message it reacts to. */
  readonly reacted: ReadonlyMap<string, Thread>
  readonly rules: Router
  /** By contact: which contacts say the same. */
  readonly matches: ReadonlyMap<string, readonly Match[]>
  /** By contact: nearly equal contacts of the same party that it must not be confused with. */
  readonly apart: ReadonlyMap<string, readonly string[]>
  /** By earlier contact: where its cases stand. */
  readonly standing: Map<string, readonly CaseStanding[]>
}

/**
 * Decides, and adds to `known` which departments the contact covers and where its case stands, for
 * later contacts of the same set.
 */
export function decide(contact: ReadyContact, known: KnownToSettle): Verdict {
  if (contact.quarantine)
    return {
      contact,
      kind: 'quarantined',
      reason: contact.quarantine,
      trail: [step('accept', 'quarantined', contact.quarantine)]
    }
  const answered = known.answered.get(contact.id)
  if (answered)
    return {
      contact,
      kind: 'auto-reply',
      thread: answered,
      trail: [
        step('thread', 'answers', 'it is an exact answer to our question, and nothing else', {
          caseId: answered.caseId
        })
      ]
    }
  const reacted = known.reacted.get(contact.id)
  if (reacted)
    return {
      contact,
      kind: 'follow-up',
      thread: reacted,
      quiet: true,
      trail: [
        step('thread', 'reacts', 'it is a reaction to a message, and nothing else', {
          caseId: reacted.caseId
        })
      ]
    }
  const thread = contact.tokens.map((token) => known.threads.get(token)).find(Boolean)
  const trail = [threadStep(contact, thread)]
  if (contact.kind !== 'message' && !isComplaint(contact, thread))
    return { contact, kind: contact.kind, thread, trail }
  if (thread) return { contact, kind: 'follow-up', thread, trail }
  return route(contact, known, trail)
}

/**
 * Somebody reports mail of ours as abuse, and which one is not known. Nobody would see it where
 * reports on deliveries are kept.
 */
function isComplaint({ report }: ReadyContact, thread: Thread | undefined): boolean {
  return !thread && report?.outcome === 'complaint' && report.answers.length === 0
}

function route(contact: ReadyContact, known: KnownToSettle, trail: TrailStep[]): Verdict {
  const { redeliveries, rules } = known
  const covered = redeliveries.get(contact.rawSha256)
  const decisions = rules.decide(contact.routing)
  const open = decisions.filter(({ department }) => !covered?.has(department))
  const earlier = open.length === 0 ? covered?.get(decisions[0]!.department) : undefined
  if (earlier !== undefined) {
    return {
      contact,
      kind: 'duplicate',
      caseId: earlier,
      trail: [
        ...trail,
        step(
          'deduplicate',
          'duplicate',
          'the same message was delivered before, for the same department',
          { caseId: earlier }
        )
      ]
    }
  }
  const same = findSame(contact, decisions, known)
  if (same?.joins) {
    known.standing.set(contact.id, known.standing.get(same.match.otherId)!)
    return {
      contact,
      kind: 'duplicate',
      caseId: same.joins.caseId,
      match: same.match,
      trail: [
        ...trail,
        step('deduplicate', 'duplicate', same.match.reason, {
          caseId: same.joins.caseId,
          ...brief(same.match)
        })
      ]
    }
  }
  trail.push(
    matchStep(known.matches.get(contact.id) ?? [], same) ??
      step(
        'deduplicate',
        'new',
        covered
          ? 'the same message was delivered before, for another department'
          : 'nothing says the same'
      )
  )
  const opens = open.map((decision) => ({ caseId: newId(), department: decision.department }))
  for (const { caseId, department } of opens) covered?.set(department, caseId)
  const stands = opens.map(({ caseId, department }) => ({
    contactId: contact.id,
    caseId,
    department,
    at: department,
    state: 'waiting',
    arrivedAtText: contact.arrivedAtText,
    ordinal: contact.ordinal
  }))
  known.standing.set(contact.id, stands)
  if (same?.absorbs) known.standing.set(same.match.otherId, stands)
  for (const decision of open) {
    trail.push(
      step('route', decision.department, decision.reason, {
        ...decision.evidence,
        version: decision.version,
        ...(decision.rule ? { rule: decision.rule } : {})
      })
    )
  }
  return {
    contact,
    kind: 'case',
    opens,
    trail,
    ...(same?.absorbs ? { absorbs: same.absorbs } : {})
  }
}

interface Same {
  readonly match: Match
  readonly joins?: CaseStanding
  readonly absorbs?: Absorbed
}

/**
 * The first sure match whose case this contact can join, or whose case can join this one's. The
 * earlier arrival keeps its place.
 */
function findSame(
  contact: ReadyContact,
  decisions: readonly RoutingDecision[],
  { matches, apart, standing }: KnownToSettle
): Same | undefined {
  const found = matches.get(contact.id) ?? []
  for (const match of found) {
    const stands = match.kind === 'sure' ? (standing.get(match.otherId) ?? []) : []
    // Somebody who writes the same again after an answer is not content with the answer, so a
    // person looks.
    if (
      stands.length === 0 ||
      stands.some(({ state }) => state === 'closed' || state === 'handed-off')
    )
      continue
    if (match.figures.misread && isAmbiguous(stands, found, apart.get(contact.id) ?? [], standing))
      continue
    if (
      addressed(decisions).some((wanted) => !stands.some(({ department }) => department === wanted))
    )
      continue
    const main =
      stands.find(({ department }) => department === decisions[0]!.department) ?? stands[0]!
    if (arrivedBefore(main, contact)) return { match, joins: main }
    if (main.state === 'waiting' && new Set(stands.map(({ caseId }) => caseId)).size === 1)
      return { match, absorbs: { caseId: main.caseId, department: main.at, match } }
  }
  return undefined
}

/**
 * True if the contact may belong to either of two different letters, for example a page read with
 * errors. Joining it would make the two into one.
 */
function isAmbiguous(
  stands: readonly CaseStanding[],
  found: readonly Match[],
  apart: readonly string[],
  standing: KnownToSettle['standing']
): boolean {
  const own = new Set(stands.map(({ caseId }) => caseId))
  const casesOf = (ids: readonly string[]) =>
    ids.flatMap((id) => standing.get(id) ?? []).map(({ caseId }) => caseId)
  const alike = casesOf(found.flatMap(({ kind, otherId }) => (kind === 'sure' ? [otherId] : [])))
  return casesOf(apart).some((id) => own.has(id)) || alike.some((id) => !own.has(id))
}

/**
 * Departments that the sender chose by address or form. A department found only from the words adds
 * nothing: the first copy already stands there.
 */
function addressed(decisions: readonly RoutingDecision[]): string[] {
  return decisions
    .filter(({ evidence }) =>
      Object.keys(evidence).some((test) => /^(recipient|form|answer\.)/.test(test))
    )
    .map(({ department }) => department)
}

function arrivedBefore(
  one: { readonly arrivedAtText: string; readonly ordinal: number },
  other: { readonly arrivedAtText: string; readonly ordinal: number }
): boolean {
  return one.arrivedAtText === other.arrivedAtText
    ? one.ordinal < other.ordinal
    : one.arrivedAtText < other.arrivedAtText
}

function matchStep(matches: readonly Match[], same: Same | undefined): TrailStep | undefined {
  if (same)
    return step('deduplicate', 'first', 'a later arrival says the same and joins this one', {
      ...brief(same.match),
      caseId: same.absorbs?.caseId
    })
  if (matches.length === 0) return undefined
  return step('deduplicate', 'suggested', matches[0]!.reason, { suggestions: matches.map(brief) })
}

function brief({ otherId, figures }: Match): Record<string, unknown> {
  return { contactId: otherId, ...figures }
}

function threadStep(contact: ReadyContact, thread: Thread | undefined): TrailStep {
  if (thread)
    return step(
      'thread',
      'joins',
      thread.by ? `it carries ${thread.by}` : 'it answers a message of ours',
      { caseId: thread.caseId }
    )
  if (contact.tokens.length > 0)
    return step(
      'thread',
      'stands alone',
      'it says that it answers a message of ours, but that one is not ours or leads to no case'
    )
  return step('thread', 'stands alone', 'it answers no message of ours')
}

function step(
  name: TrailStep['step'],
  verdict: string,
  reason: string,
  evidence: Record<string, unknown> = {}
): TrailStep {
  return { step: name, verdict, reason, evidence }
}
