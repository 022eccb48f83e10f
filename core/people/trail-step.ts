/**
 * Writes a verdict on a person as a line of trail: ids, levels and bits, never names or addresses.
 */
import type { TrailStep } from '../contacts/tables.ts'
import type { PersonCandidate, MatchVerdict } from '../matching/candidates.ts'
import { fields } from '../matching/fields.ts'
import type { WaterfallBar } from '../matching/model.ts'
import type { Mention } from './mention.ts'

export interface Recognition {
  readonly mention: Mention
  readonly verdict: MatchVerdict
  /** The constituent made for a verdict "new". */
  readonly madeId?: string
}

export function noteOf({ mention: { role }, verdict, madeId }: Recognition): TrailStep {
  const note = (reason: string, evidence: Record<string, unknown>): TrailStep => ({
    step: 'match',
    verdict: verdict.kind,
    reason,
    evidence: { role, ...evidence }
  })
  if (verdict.kind === 'anonymous') return note(verdict.reason, {})
  if (verdict.kind === 'new') return note('nobody on record fits', { constituent: madeId })
  if (verdict.kind === 'linked')
    return note(verdict.single ? SOLE : linkReason(verdict.candidate), {
      ...brief(verdict.candidate),
      others: verdict.others.length
    })
  return note(possibleReason(verdict.candidates), {
    candidates: verdict.candidates.slice(0, POSSIBLE_SHOWN).map(brief)
  })
}

/** Candidates of a "possible" verdict that are shown to a person. */
export const POSSIBLE_SHOWN = 5

export const SOLE = 'the only person on record with this number'

/** The fields that support it, strongest first: equal ones, then similar ones. */
export function linkReason({ waterfall }: PersonCandidate): string {
  const [equal, alike] = [
    speaking(waterfall).filter(isEqual),
    speaking(waterfall).filter((bar) => !isEqual(bar))
  ].map((bars) => bars.map(({ field }) => field).join(', '))
  return (
    [equal && `agrees on ${equal}`, alike && `is alike in ${alike}`].filter(Boolean).join(', ') ||
    'nothing differs'
  )
}

export function possibleReason(candidates: readonly PersonCandidate[]): string {
  return candidates[0]?.held ?? 'several on record fit'
}

function isEqual({ field, level }: WaterfallBar): boolean {
  return fields.find(({ name }) => name === field)?.levels[0]?.label === level
}

function speaking(waterfall: readonly WaterfallBar[]): WaterfallBar[] {
  return waterfall
    .filter(({ field, bits }) => field !== 'prior' && bits > 0)
    .toSorted((a, b) => b.bits - a.bits)
}

function brief({ constituentId, bits, held, waterfall }: PersonCandidate): Record<string, unknown> {
  const levels = waterfall.map((bar) => ({
    field: bar.field,
    level: bar.level,
    bits: round(bar.bits)
  }))
  return { constituent: constituentId, bits: round(bits), ...(held ? { held } : {}), levels }
}

function round(bits: number): number {
  return Math.round(bits * 100) / 100
}
