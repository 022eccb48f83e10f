/**
 * Judges whether a later contact is the same matter as an earlier one, from content, place and
 * time. Of the people it knows only the matcher's verdict.
 */
import { agreement, type Agreement } from './agreement.ts'
import { isExact, paperText, type Content } from './content.ts'
import { doubtByTime } from './repeated.ts'
import { differencesOf, samePapers, type Difference } from './differences.ts'
import { copySimilarity, likeness, type Likeness } from './similarity.ts'
import { metresApart, type Location } from './location.ts'
import type { Comparable } from './comparable.ts'

/** The matcher's verdict on the two senders. Nothing else about people is known in this room. */
export type SameParty = 'same' | 'possible' | 'unknown' | 'different'

export interface Comparand {
  /**
   * Text for finding similar contacts: the sender's own words, or the papers' if there are none.
   */
  readonly text: Comparable
  /** Everything that the contact brings, for finding differences. */
  readonly content: Content
  /** Arrival in ms since 1970. */
  readonly at: number
  readonly location?: Location | undefined
  /** Kind of report, if the form or the 311 service names one. */
  readonly category?: string | undefined
}

export interface DuplicateEvidence {
  /**
   * Compared with `thresholds.copy`: the resemblance, reduced for words that only one text has,
   * 0–1.
   */
  readonly similarity: number
  readonly resemblance: number
  readonly containment: number
  /** Words that both have, longest first. */
  readonly sharedWords: readonly string[]
  /** For staff: what differs in words, papers, answers. */
  readonly differences: readonly string[]
  readonly hoursApart: number
  readonly metresApart?: number
  /** True if misread words were treated as equal to the other text's. */
  readonly misread?: true
}

export type DuplicateVerdict =
  | {
      readonly kind: 'sure' | 'likely'
      readonly reason: string
      readonly evidence: DuplicateEvidence
    }
  | { readonly kind: 'none'; readonly reason: string; readonly evidence?: DuplicateEvidence }

/**
 * Set once for all data, on misread copies from four public corpora together.
 * test/core/evaluation/duplicates.test.ts has the figures.
 */
export const thresholds = {
  /** Least similarity of a copy; reached also with 5–10 % character error. */
  copy: 0.34,
  /** Least similarity for joining without a person looking at it. */
  sure: 0.5,
  /**
   * For "one text holds the other": least share of the shorter text found in the other, and least
   * letters of the shorter text.
   */
  held: 0.6,
  heldLetters: 200,
  /**
   * Share of either text's words that may be replaced while it is still suggested as a revised
   * copy.
   */
  exchanged: 0.06,
  /**
   * A text with fewer letters ("see attached") says too little to join by itself, or to suggest if
   * the party is not known.
   */
  telling: 40,
  /** Share of added words (a fax header, a greeting) above which a person must look. */
  added: 0.15,
  /** Two reports more than this many metres apart are two matters, however similar their words. */
  elsewhere: 150,
  /** Two reports of one kind within this many metres may be one matter, whatever their words. */
  nearby: 40
} as const

/**
 * Hours within which the same text is the same matter: three weeks, so that next month's petition
 * is a new one. Agencies may set their own.
 */
export const DEFAULT_WINDOW_HOURS = 21 * 24

/**
 * Judges one pair; the order of the two does not matter. @param windowHours contacts farther apart
 * are never duplicates.
 */
export function judge(
  a: Comparand,
  b: Comparand,
  sameParty: SameParty,
  windowHours = DEFAULT_WINDOW_HOURS
): DuplicateVerdict {
  if (sameParty === 'different')
    return {
      kind: 'none',
      reason: 'different people: the same words are a campaign, not a duplicate'
    }
  const hoursApart = Math.abs(a.at - b.at) / 3_600_000
  if (!(hoursApart <= windowHours))
    return { kind: 'none', reason: `more than ${windowHours} hours apart: a new matter` }
  return weigh(a, b, sameParty, hoursApart)
}

interface Comparison {
  readonly like: Likeness
  readonly words: Agreement
  readonly evidence: DuplicateEvidence
}

function weigh(
  a: Comparand,
  b: Comparand,
  sameParty: SameParty,
  hoursApart: number
): DuplicateVerdict {
  const metres = a.location && b.location ? metresApart(a.location, b.location) : undefined
  const compared = compare(a.text, b.text, hoursApart, metres)
  if (metres !== undefined && metres > thresholds.elsewhere)
    return { kind: 'none', reason: 'another place', evidence: compared.evidence }
  const copy = isCopy(compared, a, b, sameParty)
  const reason = copy ? 'the same text' : likelyReason(compared, a, b, sameParty, metres)
  if (reason === undefined)
    return { kind: 'none', reason: 'another text', evidence: compared.evidence }
  const differences = differencesOf(...inOrder(a, b))
  const evidence = { ...compared.evidence, differences: differences.map(({ detail }) => detail) }
  if (!copy && (differences.length > 0 || reason !== onlyPapers))
    return { kind: 'likely', reason, evidence }
  const doubt = doubtOf(compared, a, b, sameParty, differences)
  const misread = isExact(a.content, b.content) ? {} : { misread: true as const }
  return doubt === undefined
    ? {
        kind: 'sure',
        reason: 'the same text from the same party',
        evidence: { ...evidence, ...misread }
      }
    : { kind: 'likely', reason: `the same text, but ${doubt}`, evidence }
}

/**
 * Why two contacts with different words may be one. If each is a photograph and nothing else,
 * though, the photograph is all there is to compare.
 */
const onlyPapers = 'the same papers'

/**
 * The earlier first. If both arrived at once, the order does not depend on which is the first
 * argument.
 */
function inOrder(a: Comparand, b: Comparand): [Content, Content] {
  const swap =
    a.at === b.at
      ? (a.content.words?.fingerprint ?? '') > (b.content.words?.fingerprint ?? '')
      : a.at > b.at
  return swap ? [b.content, a.content] : [a.content, b.content]
}

function compare(
  a: Comparable,
  b: Comparable,
  hoursApart: number,
  metres: number | undefined
): Comparison {
  const equal = a.letters === b.letters && a.letters !== ''
  const like = equal ? { resemblance: 1, containment: 1, lengths: 1 } : likeness(a, b)
  // Comparing word by word costs far more than counting shared runs, and makes no copy of texts
  // that share too few runs.
  const words =
    like.resemblance < thresholds.copy && like.containment < thresholds.held
      ? nothingShared
      : agreement(a, b)
  const evidence = {
    similarity: round(copySimilarity(like, words)),
    resemblance: round(like.resemblance),
    containment: round(like.containment),
    sharedWords: words.shared,
    differences: [],
    hoursApart: round(hoursApart),
    ...(metres === undefined ? {} : { metresApart: Math.round(metres) })
  }
  return { like, words, evidence }
}

const nothingShared: Agreement = {
  foreign: 1,
  added: 1,
  replaced: true,
  otherNumbers: false,
  shared: []
}

/** Whether one may be a copy of the other, misread or slightly changed. */
function isCopy(
  { words, evidence }: Comparison,
  a: Comparand,
  b: Comparand,
  sameParty: SameParty
): boolean {
  if (evidence.similarity < thresholds.copy) return false
  if (words.replaced && Math.max(words.foreign, words.added) > thresholds.exchanged) return false
  return !(isShort(a, b) && sameParty === 'unknown')
}

function isShort(a: Comparand, b: Comparand): boolean {
  return Math.min(a.text.letters.length, b.text.letters.length) < thresholds.telling
}

/** Why a person should look; undefined if nothing speaks against joining. */
function doubtOf(
  { evidence }: Comparison,
  a: Comparand,
  b: Comparand,
  sameParty: SameParty,
  differences: readonly Difference[]
): string | undefined {
  if (sameParty !== 'same')
    return sameParty === 'possible' ? 'perhaps not of the same party' : 'the party is not known'
  if (a.text.cut || b.text.cut) return 'too long to compare to its end'
  if (differences.length > 0) return differences[0]!.reason
  const papers = samePapers(a.content, b.content)
  // A short note is identified by the papers that come with it.
  if (isShort(a, b) && !papers) return 'it says too little by itself'
  const again = papers ? undefined : doubtByTime(evidence.hoursApart, a.text.words)
  if (again !== undefined) return again
  if (a.category !== b.category && a.category !== undefined && b.category !== undefined)
    return 'of another kind'
  if (!a.location !== !b.location || (evidence.metresApart ?? 0) > thresholds.nearby)
    return 'perhaps of another place'
  return papers || evidence.similarity >= thresholds.sure ? undefined : 'read with many errors'
}

function likelyReason(
  compared: Comparison,
  a: Comparand,
  b: Comparand,
  sameParty: SameParty,
  metres: number | undefined
): string | undefined {
  if (holdsOther(compared, Math.min(a.text.letters.length, b.text.letters.length), sameParty))
    return 'one text holds the other'
  if (isParty(sameParty) && samePapers(a.content, b.content)) return onlyPapers
  if (isParty(sameParty) && (saysOnPaper(a, b) || saysOnPaper(b, a)))
    return 'the papers of one say what the other says'
  return sameLocation(a, b, metres) ? 'the same kind of report at the same place' : undefined
}

function isParty(sameParty: SameParty): boolean {
  return sameParty === 'same' || sameParty === 'possible'
}

/**
 * Whether one is a note with a letter enclosed, and the letter says what the other contact says.
 */
function saysOnPaper({ content }: Comparand, other: Comparand): boolean {
  const paper = content.words && content.papers.length > 0 ? paperText(content) : undefined
  if (!paper) return false
  return [other.text, other.content.words ? paperText(other.content) : undefined].some(
    (text) => text !== undefined && isAlike(paper, text)
  )
}

function isAlike(a: Comparable, b: Comparable): boolean {
  if (Math.min(a.letters.length, b.letters.length) < thresholds.telling) return false
  const like = likeness(a, b)
  return (
    like.resemblance >= thresholds.copy && copySimilarity(like, agreement(a, b)) >= thresholds.copy
  )
}

function holdsOther({ like, words }: Comparison, letters: number, sameParty: SameParty): boolean {
  return (
    sameParty === 'same' &&
    letters >= thresholds.heldLetters &&
    like.containment >= thresholds.held &&
    words.foreign <= thresholds.exchanged &&
    !words.otherNumbers
  )
}

function sameLocation(a: Comparand, b: Comparand, metres: number | undefined): boolean {
  return (
    metres !== undefined &&
    metres <= thresholds.nearby &&
    a.category !== undefined &&
    a.category === b.category
  )
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
