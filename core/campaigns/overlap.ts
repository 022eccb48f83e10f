/** How much of one text's wording is in another, ignoring what each person added. */
import { agreement } from '../duplicates/agreement.ts'
import { copySimilarity, likeness } from '../duplicates/similarity.ts'
import { countShared, distinctHashes, sampledHashes } from '../duplicates/sketch.ts'
import type { Comparable } from '../duplicates/comparable.ts'

/**
 * Letters in a run of wording: about eight words, which two people do not write alike by chance.
 */
const WORDING = 36
/**
 * With fewer shared runs two texts are no campaign: about seventeen words in a row. Everybody
 * writes "See attached file".
 */
const LEAST_RUNS = 45
/**
 * Shares of the shorter and of the longer text's runs that must be common; the rest is each
 * person's own words.
 */
const OF_SHORTER = 0.5
const OF_LONGER = 0.2
/**
 * Similarity at which two letters still count as one although a scanner misread them and few whole
 * runs are left.
 */
const COPY = 0.4

/**
 * True if two texts are the same letter with each person's own words added. This is the only rule
 * for campaigns. Symmetric.
 */
export function sameLetter(a: Comparable, b: Comparable): boolean {
  if (nothingInCommon(a, b)) return false
  const [left, right] = [runs(a), runs(b)]
  if (Math.min(left.length, right.length) < LEAST_RUNS) return false
  const shared = countShared(left, right)
  if (
    shared >= LEAST_RUNS &&
    shared >= OF_SHORTER * Math.min(left.length, right.length) &&
    shared >= OF_LONGER * Math.max(left.length, right.length)
  )
    return true
  const like = likeness(a, b)
  return like.resemblance >= COPY && copySimilarity(like, agreement(a, b)) >= COPY
}

/**
 * If at least this many runs were sampled and none is common, the texts are neither one letter nor
 * copies: at 8 % misread letters five of a hundred are common.
 */
const TELLING_SAMPLE = 100

function nothingInCommon(a: Comparable, b: Comparable): boolean {
  const [left, right] = [sampleOf(a), sampleOf(b)]
  return Math.min(left.length, right.length) >= TELLING_SAMPLE && countShared(left, right) === 0
}

const samples = new WeakMap<Comparable, Uint32Array>()

function sampleOf(text: Comparable): Uint32Array {
  const before = samples.get(text) ?? sampledHashes(text.letters, WORDING)
  samples.set(text, before)
  return before
}

const known = new WeakMap<Comparable, Uint32Array>()

function runs(text: Comparable): Uint32Array {
  const before = known.get(text)
  if (before) return before
  const made =
    text.letters.length < WORDING ? new Uint32Array() : distinctHashes(text.letters, WORDING)
  known.set(text, made)
  return made
}
