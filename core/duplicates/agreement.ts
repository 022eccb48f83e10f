/**
 * Word by word: which words of one text have no counterpart in the other, allowing for misread
 * letters.
 */
import type { Comparable } from './comparable.ts'
import { edits } from './edits.ts'

export interface Agreement {
  /**
   * Letters of words that only the shorter text has, as a share of all its letters, 0–1. A mere
   * copy has none.
   */
  readonly foreign: number
  /** The same for the longer text: the share that was added to the copy. */
  readonly added: number
  /**
   * True when words were exchanged for others rather than misread: "Elm Street" in one, "Oak
   * Street" in the other.
   */
  readonly replaced: boolean
  /**
   * True when each text has a number that the other lacks: two houses, plates, dates, case numbers.
   */
  readonly otherNumbers: boolean
  /** Words that both have, longest first, for showing. */
  readonly shared: readonly string[]
}

/**
 * Most unmatched words that are compared letter by letter. A text with more is certainly not a
 * copy.
 */
const MOST_UNMATCHED = 600
/**
 * Pairs of letters compared for one pair of texts, some 50 ms; a misread page takes a tenth of it.
 * Words left after that count as different.
 */
const MOST_WORK = 20_000_000
/** Share of a word's letters that may be misread while it still counts as the same word. */
const MISREAD = 0.41
/**
 * Of the words that a scanner misread, the share damaged beyond recognition; measured 0.1–0.25 at 5
 * % character error.
 */
const NOISE_SHARE = 0.4
const SHOWN = 12

/**
 * Compares the words of two texts regardless of their order. The result is symmetric, except that
 * it names the shorter text first.
 */
export function agreement(a: Comparable, b: Comparable): Agreement {
  const [shorter, longer] = isShorter(a, b) ? [a, b] : [b, a]
  const leftover = unmatched(shorter.words, longer.words)
  const rest = unmatched(longer.words, shorter.words)
  const { foreign, added } =
    Math.max(leftover.length, rest.length) > MOST_UNMATCHED
      ? { foreign: leftover, added: rest }
      : pairMisread(leftover, rest)
  return {
    foreign: weight(foreign) / Math.max(1, weight(shorter.words)),
    added: weight(added) / Math.max(1, weight(longer.words)),
    replaced: isReplaced(foreign, leftover) && isReplaced(added, rest),
    otherNumbers: hasNumber(leftover) && hasNumber(rest),
    shared: longestShared(shorter.words, longer.words)
  }
}

// Texts of equal length are ordered by their words, so that the order of the arguments never
// matters.
function isShorter(a: Comparable, b: Comparable): boolean {
  if (a.letters.length !== b.letters.length) return a.letters.length < b.letters.length
  return a.letters !== b.letters ? a.letters < b.letters : a.words.join(' ') <= b.words.join(' ')
}

function unmatched(words: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const word of others) counts.set(word, (counts.get(word) ?? 0) + 1)
  return words.filter((word) => {
    const left = counts.get(word) ?? 0
    if (left > 0) counts.set(word, left - 1)
    return left === 0
  })
}

// Pairs each unmatched word with the likeliest free word of the other text. It also searches the
// unmatched words run together, so that it finds the parts of a word that the scanner split or
// joined.
function pairMisread(left: string[], right: string[]): { foreign: string[]; added: string[] } {
  const [leftRun, rightRun] = [left.join(''), right.join('')]
  const free = new Set(right)
  const work = { left: MOST_WORK }
  const foreign = left.filter((word) => !takeLikest(word, free, work) && !within(word, rightRun))
  const added = [...free].filter((word) => !within(word, leftRun))
  return { foreign, added }
}

function within(word: string, run: string): boolean {
  return word.length >= 3 && run.includes(word)
}

function takeLikest(word: string, free: Set<string>, work: { left: number }): boolean {
  let [best, least] = ['', MISREAD]
  for (const other of free) {
    const longest = word.length > other.length ? word.length : other.length
    const shortest = word.length + other.length - longest
    if ((longest - shortest) / longest > least) continue
    work.left -= longest * shortest
    if (work.left < 0) return false
    const share = edits(word, other) / longest
    if (share < least || (share === least && best === '')) [best, least] = [other, share]
  }
  return best !== '' && free.delete(best)
}

// Short words say little and are the first to be misread beyond recognition, so they weigh less.
function weight(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + (word.length > 3 ? word.length : 0), 0)
}

// In a word of two letters one wrong letter makes another word, so such words are ignored.
function isReplaced(lost: readonly string[], leftover: readonly string[]): boolean {
  return (
    lost.filter((word) => word.length > 2).length >
    leftover.filter((word) => word.length > 2).length * NOISE_SHARE
  )
}

function hasNumber(words: readonly string[]): boolean {
  return words.some((word) => /\d/.test(word))
}

function longestShared(a: readonly string[], b: readonly string[]): string[] {
  const others = new Set(b)
  const shared = [...new Set(a.filter((word) => others.has(word)))]
  return shared.sort((x, y) => y.length - x.length || (x < y ? -1 : 1)).slice(0, SHOWN)
}
