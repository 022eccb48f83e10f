/** Word by word: which words of one text have no counterpart in the other, allowing for misread letters. */
import type { Comparable } from './comparable.ts'

export interface Agreement {
  /** Letters of words that only the shorter text has ÷ all its letters, 0–1: what a mere copy cannot explain. */
  readonly foreign: number
  /** The same for the longer text: what was added to the copy. */
  readonly added: number
  /** True when words were exchanged for others rather than misread: "Elm Street" in one, "Oak Street" in the other. */
  readonly replaced: boolean
  /** True when each text has a number that the other lacks: two houses, plates, dates, case numbers. */
  readonly otherNumbers: boolean
  /** Words that both have, longest first, for showing. */
  readonly shared: readonly string[]
}

/** Unmatched words that are compared letter by letter; a text with more is not a copy by any measure. */
const MOST_UNMATCHED = 600
/** Share of a word's letters that may be misread while it still counts as the same word. */
const MISREAD = 0.41
/** Of the words a scanner misread, the share damaged beyond recognition; measured 0.1–0.25 at 5 % character error. */
const NOISE_SHARE = 0.4
const SHOWN = 12

/** Compares the words of two texts regardless of their order. Symmetric but for naming the shorter one first. */
export function agreement(a: Comparable, b: Comparable): Agreement {
  const [shorter, longer] = isShorter(a, b) ? [a, b] : [b, a]
  const leftover = unmatched(shorter.words, longer.words)
  const rest = unmatched(longer.words, shorter.words)
  const { foreign, added } = Math.max(leftover.length, rest.length) > MOST_UNMATCHED
    ? { foreign: leftover, added: rest } : pairMisread(leftover, rest)
  return {
    foreign: weight(foreign) / Math.max(1, weight(shorter.words)),
    added: weight(added) / Math.max(1, weight(longer.words)),
    replaced: isReplaced(foreign, leftover) && isReplaced(added, rest),
    otherNumbers: hasNumber(leftover) && hasNumber(rest),
    shared: longestShared(shorter.words, longer.words)
  }
}

// Texts of equal length are told apart by their words, so that the order of the two never matters.
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

// Each leftover word takes the likest free word of the other side. Pieces of a word split or joined by the scanner find
// each other because the running text of the leftovers is searched too.
function pairMisread(left: string[], right: string[]): { foreign: string[]; added: string[] } {
  const [leftRun, rightRun] = [left.join(''), right.join('')]
  const free = new Set(right)
  const foreign = left.filter((word) => !takeLikest(word, free) && !within(word, rightRun))
  const added = [...free].filter((word) => !within(word, leftRun))
  return { foreign, added }
}

function within(word: string, run: string): boolean {
  return word.length >= 3 && run.includes(word)
}

function takeLikest(word: string, free: Set<string>): boolean {
  let [best, least] = ['', MISREAD]
  for (const other of free) {
    const longest = word.length > other.length ? word.length : other.length
    const shortest = word.length + other.length - longest
    if ((longest - shortest) / longest > least) continue
    const share = edits(word, other) / longest
    if (share < least || (share === least && best === '')) [best, least] = [other, share]
  }
  return best !== '' && free.delete(best)
}

/** Levenshtein distance of two words. */
function edits(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    let diagonal = i - 1
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const substituted = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1)
      const above = (row[j] as number) + 1
      const left = (row[j - 1] as number) + 1
      diagonal = row[j] as number
      row[j] = substituted < above ? (substituted < left ? substituted : left) : above < left ? above : left
    }
  }
  return row[b.length] as number
}

// Short words decide little and are misread beyond recognition soonest.
function weight(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + (word.length > 3 ? word.length : 0), 0)
}

// One wrong letter makes a word of two letters another word, so those say nothing.
function isReplaced(lost: readonly string[], leftover: readonly string[]): boolean {
  return lost.filter((word) => word.length > 2).length > leftover.filter((word) => word.length > 2).length * NOISE_SHARE
}

function hasNumber(words: readonly string[]): boolean {
  return words.some((word) => /\d/.test(word))
}

function longestShared(a: readonly string[], b: readonly string[]): string[] {
  const others = new Set(b)
  const shared = [...new Set(a.filter((word) => others.has(word)))]
  return shared.sort((x, y) => y.length - x.length || (x < y ? -1 : 1)).slice(0, SHOWN)
}
