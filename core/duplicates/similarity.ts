/** Exact comparison of two folded texts: how much they share, and what only one of them says. */
import { countShared, distinctHashes } from './sketch.ts'
import type { Agreement } from './agreement.ts'
import type { Comparable } from './comparable.ts'

export interface Likeness {
  /** Shared runs of letters ÷ all runs of both (Jaccard), 0–1. */
  readonly resemblance: number
  /** Shared runs ÷ runs of the shorter text, 0–1. */
  readonly containment: number
  /** Length of the shorter text ÷ the longer, 0–1. */
  readonly lengths: number
}

/** Letters in a compared run: shorter than the index's so that 10 % character error leaves enough of them. */
const GRAM = 6

/** How alike two texts are by their overlapping runs of six letters. Symmetric; two texts without letters are not alike. */
export function likeness(a: Comparable, b: Comparable): Likeness {
  if (a.letters.length === 0 || b.letters.length === 0) return { resemblance: 0, containment: 0, lengths: 0 }
  const [left, right] = [grams(a), grams(b)]
  const shared = countShared(left, right)
  return {
    resemblance: shared / (left.length + right.length - shared),
    containment: shared / Math.min(left.length, right.length),
    lengths: Math.min(a.letters.length, b.letters.length) / Math.max(a.letters.length, b.letters.length)
  }
}

const known = new WeakMap<Comparable, Uint32Array>()

function grams(text: Comparable): Uint32Array {
  const before = known.get(text)
  if (before) return before
  const made = distinctHashes(text.letters, GRAM)
  known.set(text, made)
  return made
}

/** The figure a copy is told by, 0–1: resemblance, lowered by words that only one text has, twice where they were exchanged, not misread. */
export function copySimilarity(like: Likeness, words: Agreement): number {
  const common = (1 - words.foreign) * (1 - words.added)
  return like.resemblance * (words.replaced ? common * common : common)
}
