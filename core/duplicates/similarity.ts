/** Compares two folded texts exactly: how much they share, and what only one of them says. */
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

/**
 * Letters in a compared run. Shorter than the index's, so that enough runs survive 10 % character
 * error.
 */
const GRAM = 6

/**
 * How alike two texts are by their overlapping runs of six letters. Symmetric; two texts without
 * letters are not alike.
 */
export function likeness(a: Comparable, b: Comparable): Likeness {
  if (a.letters.length === 0 || b.letters.length === 0)
    return { resemblance: 0, containment: 0, lengths: 0 }
  const [left, right] = [grams(a), grams(b)]
  const shared = countShared(left, right)
  return {
    resemblance: shared / (left.length + right.length - shared),
    containment: shared / Math.min(left.length, right.length),
    lengths:
      Math.min(a.letters.length, b.letters.length) / Math.max(a.letters.length, b.letters.length)
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

/**
 * The similarity of copies, 0–1: the resemblance, reduced for words that only one text has, and
 * twice as much for words that were replaced rather than misread.
 */
export function copySimilarity(like: Likeness, words: Agreement): number {
  const common = (1 - words.foreign) * (1 - words.added)
  return like.resemblance * (words.replaced ? common * common : common)
}
