/** Is the later contact the same matter as the earlier one? Texts, place and time decide; of people only the matcher's verdict is known. */
import { agreement, type Agreement } from './agreement.ts'
import { copySimilarity, likeness, type Likeness } from './similarity.ts'
import { metresApart, type Place } from './place.ts'
import type { Comparable } from './comparable.ts'

/** What matching says of the two senders: nothing else about them reaches this room. */
export type SameParty = 'same' | 'possible' | 'unknown' | 'different'

export interface Matter {
  readonly text: Comparable
  /** Arrival, ms since 1970. */
  readonly at: number
  readonly place?: Place | undefined
  /** Kind of report where the form or the 311 service names it. */
  readonly category?: string | undefined
}

export interface Evidence {
  /** The figure held against `thresholds.copy`: resemblance lowered by words only one text has, 0–1. */
  readonly similarity: number
  readonly resemblance: number
  readonly containment: number
  /** Words that both have, longest first. */
  readonly sharedWords: readonly string[]
  readonly hoursApart: number
  readonly metresApart?: number
}

export type Verdict =
  | { readonly kind: 'sure' | 'likely'; readonly reason: string; readonly evidence: Evidence }
  | { readonly kind: 'none'; readonly reason: string; readonly evidence?: Evidence }

/** Fixed once for all sets, on misread copies out of four public corpora together; test/core/duplicates/evaluate.test.ts holds the figures. */
export const thresholds = {
  /** Least similarity of a copy, also through 5–10 % character error. */
  copy: 0.34,
  /** Least similarity for joining without a person's look. */
  sure: 0.5,
  /** Least share of the shorter text found in the other, and its least letters, for "one holds the other". */
  held: 0.6,
  heldLetters: 200,
  /** Share of either text's words that may be exchanged while it is still suggested as a revised copy. */
  exchanged: 0.06,
  /** Letters below which a text says too little ("see attached") to join by itself, or to suggest where the party is not known. */
  telling: 40,
  /** Words added to a copy (a fax header, a greeting) beyond which a person looks. */
  added: 0.15,
  /** Two reports farther apart than this many metres are two matters, however alike their words. */
  elsewhere: 150,
  /** Two reports of one kind within so many metres may be one matter, whatever their words. */
  nearby: 40
} as const

/** Hours within which the same text is the same matter: three weeks, so that next month's petition is a new one. Agencies may set their own. */
export const DEFAULT_WINDOW_HOURS = 21 * 24

/** Judges one pair; the order of the two does not matter. @param windowHours contacts farther apart are never duplicates. */
export function judge(a: Matter, b: Matter, sameParty: SameParty, windowHours = DEFAULT_WINDOW_HOURS): Verdict {
  if (sameParty === 'different') return { kind: 'none', reason: 'different people: the same words are a campaign, not a duplicate' }
  const hoursApart = Math.abs(a.at - b.at) / 3_600_000
  if (!(hoursApart <= windowHours)) return { kind: 'none', reason: `more than ${windowHours} hours apart: a new matter` }
  return weigh(a, b, sameParty, hoursApart)
}

interface Comparison {
  readonly like: Likeness
  readonly words: Agreement
  readonly evidence: Evidence
}

function weigh(a: Matter, b: Matter, sameParty: SameParty, hoursApart: number): Verdict {
  const metres = a.place && b.place ? metresApart(a.place, b.place) : undefined
  const compared = compare(a.text, b.text, hoursApart, metres)
  const { evidence } = compared
  if (metres !== undefined && metres > thresholds.elsewhere) return { kind: 'none', reason: 'another place', evidence }
  const doubt = copyDoubt(compared, a, b, sameParty)
  if (doubt !== undefined) return { kind: doubt === '' ? 'sure' : 'likely', reason: doubt === '' ? 'the same text from the same party' : `the same text, but ${doubt}`, evidence }
  if (holdsOther(compared, Math.min(a.text.letters.length, b.text.letters.length), sameParty)) return { kind: 'likely', reason: 'one text holds the other', evidence }
  if (samePlace(a, b, metres)) return { kind: 'likely', reason: 'the same kind of report at the same place', evidence }
  return { kind: 'none', reason: 'another text', evidence }
}

function compare(a: Comparable, b: Comparable, hoursApart: number, metres: number | undefined): Comparison {
  const like = likeness(a, b)
  // Word by word costs far more than counting runs, and cannot save texts that share too few of them.
  const words = like.resemblance < thresholds.copy && like.containment < thresholds.held ? nothingShared : agreement(a, b)
  const evidence = {
    similarity: round(copySimilarity(like, words)), resemblance: round(like.resemblance), containment: round(like.containment),
    sharedWords: words.shared, hoursApart: round(hoursApart), ...(metres === undefined ? {} : { metresApart: Math.round(metres) })
  }
  return { like, words, evidence }
}

const nothingShared: Agreement = { foreign: 1, added: 1, replaced: true, otherNumbers: false, shared: [] }

// undefined: not a copy at all. '': nothing speaks against joining. Else what a person should look at.
function copyDoubt({ words, evidence }: Comparison, a: Matter, b: Matter, sameParty: SameParty): string | undefined {
  if (evidence.similarity < thresholds.copy) return undefined
  if (words.replaced && Math.max(words.foreign, words.added) > thresholds.exchanged) return undefined
  const short = Math.min(a.text.letters.length, b.text.letters.length) < thresholds.telling
  if (short && sameParty === 'unknown') return undefined
  if (sameParty !== 'same') return sameParty === 'possible' ? 'perhaps not of the same party' : 'the party is not known'
  if (a.text.cut || b.text.cut) return 'too long to compare to its end'
  if (short) return 'it says too little by itself'
  if (a.category !== b.category && a.category !== undefined && b.category !== undefined) return 'of another kind'
  if (words.otherNumbers) return 'with other numbers'
  if (words.replaced) return 'with words exchanged'
  if (words.added > thresholds.added || words.foreign > thresholds.added) return 'with words added'
  return evidence.similarity >= thresholds.sure ? '' : 'read with many errors'
}

function holdsOther({ like, words }: Comparison, letters: number, sameParty: SameParty): boolean {
  return sameParty === 'same' && letters >= thresholds.heldLetters && like.containment >= thresholds.held && words.foreign <= thresholds.exchanged && !words.otherNumbers
}

function samePlace(a: Matter, b: Matter, metres: number | undefined): boolean {
  return metres !== undefined && metres <= thresholds.nearby && a.category !== undefined && a.category === b.category
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
