/**
 * What becomes of one contact, from what was looked up, blind to who the person is. Each step leaves a line of trail; the
 * first step with something to say decides.
 */
import type { TrailStep } from '../db/tables.ts'
import { newId } from '../ids.ts'
import type { Decision, Router } from '../routing/rules.ts'
import type { Cover, Ready, Thread } from './lookups.ts'
import type { Match, Standing } from './matters.ts'

export type Verdict = { readonly contact: Ready; readonly trail: readonly TrailStep[] } & (
  | { readonly kind: 'case'; readonly opens: readonly Opening[]; readonly absorbs?: Absorbed }
  /** With a match it says the same as an earlier contact; without one its very bytes were delivered before. */
  | { readonly kind: 'duplicate'; readonly caseId: string; readonly match?: Match }
  | { readonly kind: 'follow-up'; readonly thread: Thread }
  | { readonly kind: 'auto-reply' | 'bounce'; readonly thread: Thread | undefined }
  | { readonly kind: 'quarantined'; readonly reason: string }
)

/** A case to be opened. */
export interface Opening {
  readonly caseId: string
  readonly department: string
}

/** A case that waits already although it arrived later: it joins the one to be opened. */
export interface Absorbed {
  readonly caseId: string
  readonly department: string
  readonly match: Match
}

export interface Known {
  readonly cover: Cover
  readonly threads: ReadonlyMap<string, Thread>
  /** Texts that are exact answers to a question of ours, with the case they answer for. */
  readonly answered: ReadonlyMap<string, Thread>
  readonly rules: Router
  /** What says the same, by contact. */
  readonly matches: ReadonlyMap<string, readonly Match[]>
  /** Where earlier contacts stand, by contact. */
  readonly standing: Map<string, readonly Standing[]>
}

/** Decides, and notes in `known` what the contact covers and where it stands, for later ones of the same set. */
export function decide(contact: Ready, known: Known): Verdict {
  if (contact.quarantine) return { contact, kind: 'quarantined', reason: contact.quarantine, trail: [step('accept', 'quarantined', contact.quarantine)] }
  const answered = known.answered.get(contact.id)
  if (answered) return { contact, kind: 'auto-reply', thread: answered, trail: [step('thread', 'answers', 'it is an exact answer to our question, and nothing else', { caseId: answered.caseId })] }
  const thread = contact.tokens.map((token) => known.threads.get(token)).find(Boolean)
  const trail = [threadStep(contact, thread)]
  if (contact.kind !== 'message') return { contact, kind: contact.kind, thread, trail }
  if (thread) return { contact, kind: 'follow-up', thread, trail }
  return route(contact, known, trail)
}

function route(contact: Ready, known: Known, trail: TrailStep[]): Verdict {
  const { cover, rules } = known
  const covered = cover.get(contact.rawSha256)
  const decisions = rules.decide(contact.routing)
  const open = decisions.filter(({ department }) => !covered?.has(department))
  const earlier = open.length === 0 ? covered?.get(decisions[0]!.department) : undefined
  if (earlier !== undefined) {
    return { contact, kind: 'duplicate', caseId: earlier, trail: [...trail, step('deduplicate', 'duplicate', 'the same bytes were delivered before, for the same department', { caseId: earlier })] }
  }
  const same = findSame(contact, decisions, known)
  if (same?.joins) {
    known.standing.set(contact.id, known.standing.get(same.match.otherId)!)
    return { contact, kind: 'duplicate', caseId: same.joins.caseId, match: same.match, trail: [...trail, step('deduplicate', 'duplicate', same.match.reason, { caseId: same.joins.caseId, ...brief(same.match) })] }
  }
  trail.push(matchStep(known.matches.get(contact.id) ?? [], same) ?? step('deduplicate', 'new', covered ? 'the same bytes were delivered before, for another department' : 'nothing says the same'))
  const opens = open.map((decision) => ({ caseId: newId(), department: decision.department }))
  for (const { caseId, department } of opens) covered?.set(department, caseId)
  const stands = opens.map(({ caseId, department }) => ({
    contactId: contact.id, caseId, department, at: department, state: 'waiting', arrivedAtText: contact.arrivedAtText, ordinal: contact.ordinal
  }))
  known.standing.set(contact.id, stands)
  if (same?.absorbs) known.standing.set(same.match.otherId, stands)
  for (const decision of open) {
    trail.push(step('route', decision.department, decision.reason, { ...decision.evidence, version: decision.version, ...(decision.rule ? { rule: decision.rule } : {}) }))
  }
  return { contact, kind: 'case', opens, trail, ...(same?.absorbs ? { absorbs: same.absorbs } : {}) }
}

interface Same {
  readonly match: Match
  readonly joins?: Standing
  readonly absorbs?: Absorbed
}

/** The first sure match whose case this contact can join, or that can join it: the earlier arrival keeps its place. */
function findSame(contact: Ready, decisions: readonly Decision[], { matches, standing }: Known): Same | undefined {
  for (const match of matches.get(contact.id) ?? []) {
    const stands = match.kind === 'sure' ? standing.get(match.otherId) ?? [] : []
    // Whoever writes the same again after an answer is not content with it: a person looks.
    if (stands.length === 0 || stands.some(({ state }) => state === 'closed' || state === 'handed-off')) continue
    if (addressed(decisions).some((wanted) => !stands.some(({ department }) => department === wanted))) continue
    const main = stands.find(({ department }) => department === decisions[0]!.department) ?? stands[0]!
    if (arrivedBefore(main, contact)) return { match, joins: main }
    if (main.state === 'waiting' && new Set(stands.map(({ caseId }) => caseId)).size === 1) return { match, absorbs: { caseId: main.caseId, department: main.at, match } }
  }
  return undefined
}

/** Departments the sender chose (their address, their form). One that only the words led to adds nothing to where the first copy stands. */
function addressed(decisions: readonly Decision[]): string[] {
  return decisions.filter(({ evidence }) => Object.keys(evidence).some((test) => /^(recipient|form|answer\.)/.test(test))).map(({ department }) => department)
}

function arrivedBefore(one: { readonly arrivedAtText: string; readonly ordinal: number }, other: { readonly arrivedAtText: string; readonly ordinal: number }): boolean {
  return one.arrivedAtText === other.arrivedAtText ? one.ordinal < other.ordinal : one.arrivedAtText < other.arrivedAtText
}

function matchStep(matches: readonly Match[], same: Same | undefined): TrailStep | undefined {
  if (same) return step('deduplicate', 'first', 'a later arrival says the same and joins this one', { ...brief(same.match), caseId: same.absorbs?.caseId })
  if (matches.length === 0) return undefined
  return step('deduplicate', 'suggested', matches[0]!.reason, { suggestions: matches.map(brief) })
}

function brief({ otherId, figures }: Match): Record<string, unknown> {
  return { contactId: otherId, ...figures }
}

function threadStep(contact: Ready, thread: Thread | undefined): TrailStep {
  if (thread) return step('thread', 'joins', thread.by ? `it carries ${thread.by}` : 'it carries our signed token', { caseId: thread.caseId })
  if (contact.tokens.length > 0) return step('thread', 'stands alone', 'it carries a token that we did not sign or that leads to no case')
  return step('thread', 'stands alone', 'it carries no token of ours')
}

function step(name: string, verdict: string, reason: string, evidence: Record<string, unknown> = {}): TrailStep {
  return { step: name, verdict, reason, evidence }
}
