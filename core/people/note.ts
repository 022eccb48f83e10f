/** A verdict on a person as the trail tells it: ids, levels and bits. Names and addresses have no place there. */
import type { TrailStep } from '../db/tables.ts'
import type { Candidate, MatchVerdict } from '../matching/candidates.ts'
import type { Bar } from '../matching/model.ts'
import type { Mention } from './recognise.ts'

export interface Recognition {
  readonly mention: Mention
  readonly verdict: MatchVerdict
  /** The constituent made for a verdict "new". */
  readonly madeId?: string
}

export function noteOf({ mention: { role }, verdict, madeId }: Recognition): TrailStep {
  const note = (reason: string, evidence: Record<string, unknown>): TrailStep => ({ step: 'match', verdict: verdict.kind, reason, evidence: { role, ...evidence } })
  if (verdict.kind === 'anonymous') return note(verdict.reason, {})
  if (verdict.kind === 'new') return note('nobody on record fits', { constituent: madeId })
  if (verdict.kind === 'linked') return note(linkReason(verdict.candidate), { ...brief(verdict.candidate), others: verdict.others.length })
  return note(possibleReason(verdict.candidates), { candidates: verdict.candidates.slice(0, POSSIBLE_SHOWN).map(brief) })
}

/** Candidates of a "possible" that a person is shown. */
export const POSSIBLE_SHOWN = 5

/** The fields that speak for it, strongest first. */
export function linkReason({ waterfall }: Candidate): string {
  const fields = speaking(waterfall).map(({ field }) => field)
  return fields.length === 0 ? 'nothing differs' : `agrees on ${fields.join(', ')}`
}

export function possibleReason(candidates: readonly Candidate[]): string {
  return candidates[0]?.held ?? 'several on record fit'
}

function speaking(waterfall: readonly Bar[]): Bar[] {
  return waterfall.filter(({ field, bits }) => field !== 'prior' && bits > 0).toSorted((a, b) => b.bits - a.bits)
}

function brief({ constituentId, bits, held, waterfall }: Candidate): Record<string, unknown> {
  const levels = waterfall.map((bar) => ({ field: bar.field, level: bar.level, bits: round(bar.bits) }))
  return { constituent: constituentId, bits: round(bits), ...(held ? { held } : {}), levels }
}

function round(bits: number): number {
  return Math.round(bits * 100) / 100
}
