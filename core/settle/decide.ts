/**
 * What becomes of one contact, from what was looked up, blind to who the person is. Each step leaves a line of trail; the
 * first step with something to say decides.
 */
import type { TrailStep } from '../db/tables.ts'
import { newId } from '../ids.ts'
import type { Router } from '../routing/rules.ts'
import type { Cover, Ready, Thread } from './lookups.ts'

export type Verdict = { readonly contact: Ready; readonly trail: readonly TrailStep[] } & (
  | { readonly kind: 'case'; readonly opens: readonly Opening[] }
  | { readonly kind: 'duplicate'; readonly caseId: string }
  | { readonly kind: 'follow-up'; readonly thread: Thread }
  | { readonly kind: 'auto-reply' | 'bounce'; readonly thread: Thread | undefined }
  | { readonly kind: 'quarantined'; readonly reason: string }
)

/** A case to be opened. */
export interface Opening {
  readonly caseId: string
  readonly department: string
}

export interface Known {
  readonly cover: Cover
  readonly threads: ReadonlyMap<string, Thread>
  /** Texts that are exact answers to a question of ours, with the case they answer for. */
  readonly answered: ReadonlyMap<string, Thread>
  readonly rules: Router
}

/** Decides, and notes in `known.cover` what the contact covers, for later ones of the same set. */
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

function route(contact: Ready, { cover, rules }: Known, trail: TrailStep[]): Verdict {
  const covered = cover.get(contact.rawSha256)
  const decisions = rules.decide(contact.routing)
  const open = decisions.filter(({ department }) => !covered?.has(department))
  const earlier = open.length === 0 ? covered?.get(decisions[0]!.department) : undefined
  if (earlier !== undefined) {
    return { contact, kind: 'duplicate', caseId: earlier, trail: [...trail, step('deduplicate', 'duplicate', 'the same bytes were delivered before, for the same department', { caseId: earlier })] }
  }
  trail.push(step('deduplicate', 'new', covered ? 'the same bytes were delivered before, for another department' : 'no delivery of these bytes before'))
  const opens = open.map((decision) => ({ caseId: newId(), department: decision.department }))
  for (const { caseId, department } of opens) covered?.set(department, caseId)
  for (const decision of open) {
    trail.push(step('route', decision.department, decision.reason, { ...decision.evidence, version: decision.version, ...(decision.rule ? { rule: decision.rule } : {}) }))
  }
  return { contact, kind: 'case', opens, trail }
}

function threadStep(contact: Ready, thread: Thread | undefined): TrailStep {
  if (thread) return step('thread', 'joins', 'it carries our signed token', { caseId: thread.caseId })
  if (contact.tokens.length > 0) return step('thread', 'stands alone', 'it carries a token that we did not sign or that leads to no case')
  return step('thread', 'stands alone', 'it carries no token of ours')
}

function step(name: string, verdict: string, reason: string, evidence: Record<string, unknown> = {}): TrailStep {
  return { step: name, verdict, reason, evidence }
}
