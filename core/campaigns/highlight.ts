/**
 * Finds what a campaign's letters have in common and what each person added, so that thousands can
 * be read as one without missing anybody's own words.
 */
import { runHashes } from '../duplicates/sketch.ts'
import type { Comparable } from '../duplicates/comparable.ts'

/** Part of a text, in UTF-16 units, end exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Letters in a run that counts as common wording: four or five words. Shorter than for grouping, so
 * that one changed word stands out alone.
 */
const RUN = 20
/**
 * Letters of the campaign that are compared to find the common wording; more would change nothing.
 */
export const SAMPLE = 24
/** A gap of fewer letters (a misread letter, a comma) does not split a part. */
const SPECK = 4

export interface SharedWording {
  readonly runs: ReadonlySet<number>
  /** The common parts in order, as the first letter has them. */
  readonly text: string
}

/**
 * The wording that at least half of up to `SAMPLE` letters share. @param letters with their
 * original texts, earliest first
 */
export function sharedWording(
  letters: readonly { readonly text: string; readonly folded: Comparable }[]
): SharedWording {
  const sample = letters.slice(0, SAMPLE)
  const counts = new Map<number, number>()
  for (const { folded } of sample)
    for (const run of runsOf(folded)) counts.set(run, (counts.get(run) ?? 0) + 1)
  const runs = new Set(
    [...counts].filter(([, count]) => count >= Math.max(2, sample.length / 2)).map(([run]) => run)
  )
  const first = sample[0]
  const parts = first ? rangesOf(first.folded, first.text, covered(first.folded, runs), 1) : []
  return { runs, text: parts.map(({ start, end }) => first?.text.slice(start, end)).join(' … ') }
}

/**
 * The parts of a letter that are this person's own, in reading order. If the text was cut at the
 * length limit, everything beyond it counts as own.
 */
export function ownWords(text: string, folded: Comparable, shared: SharedWording): Range[] {
  return rangesOf(folded, text, covered(folded, shared.runs), 0)
}

function runsOf(text: Comparable): Set<number> {
  return new Set(text.letters.length < RUN ? [] : runHashes(text.letters, RUN))
}

// Marks each letter of the text with 1 if it is in a common run. Short gaps between runs count as
// misread.
function covered(text: Comparable, runs: ReadonlySet<number>): Uint8Array {
  const marks = new Uint8Array(text.letters.length)
  const hashes = text.letters.length < RUN ? [] : runHashes(text.letters, RUN)
  for (const [at, hash] of hashes.entries()) if (runs.has(hash)) marks.fill(1, at, at + RUN)
  return withoutSpecks(marks)
}

function withoutSpecks(marks: Uint8Array): Uint8Array {
  for (let start = marks.indexOf(0, marks.indexOf(1)); start > 0;) {
    const end = marks.indexOf(1, start)
    if (end < 0) break
    if (end - start < SPECK) marks.fill(1, start, end)
    start = marks.indexOf(0, end)
  }
  return marks
}

// Maps letters back to the original text. A part reaches to the start of the next letter, without
// the spaces before it.
function rangesOf(folded: Comparable, text: string, marks: Uint8Array, wanted: 0 | 1): Range[] {
  const ranges: Range[] = []
  for (let start = marks.indexOf(wanted); start >= 0;) {
    const end = marks.indexOf(wanted === 1 ? 0 : 1, start)
    ranges.push(toOriginal(folded, text, start, end))
    start = end < 0 ? -1 : marks.indexOf(wanted, end)
  }
  return ranges.filter((range) => range.end > range.start)
}

function toOriginal(folded: Comparable, text: string, start: number, end: number): Range {
  const from = folded.offsets[start] as number
  const to = end < 0 ? text.length : (folded.offsets[end] as number)
  return { start: from, end: from + text.slice(from, to).trimEnd().length }
}
