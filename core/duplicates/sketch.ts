/**
 * MinHash sketches: of all overlapping runs of letters in a text, the few with the smallest hashes
 * are kept (the "bottom-k" form of MinHash, Broder 1997). Two texts share keys in proportion to the
 * text they share. This also holds for a text within a longer one (a form letter with personal
 * paragraphs), for which bands of several hashes would need far more rows.
 */

/**
 * Letters in one run: at 5 % character error 54 % of runs survive, while unrelated letters share
 * about 0.2 % of them.
 */
export const RUN = 12
/**
 * Keys kept per text: with a sixth of the joint text in common (the least a campaign needs) five
 * are shared on average. 48 find nothing more on any corpus and cost half as much again.
 */
export const KEYS = 32

/**
 * Hashes of all overlapping runs of `length` letters, as unsigned 32-bit, in reading order. A
 * shorter text is one run.
 */
export function runHashes(letters: string, length: number): Uint32Array {
  const count = letters.length === 0 ? 0 : Math.max(1, letters.length - length + 1)
  const hashes = new Uint32Array(count)
  const lead = power(length - 1)
  let rolling = 0
  for (let i = 0; i < letters.length; i++) {
    if (i >= length) rolling = (rolling - imul(letters.charCodeAt(i - length), lead)) | 0
    rolling = (imul(rolling, BASE) + letters.charCodeAt(i)) | 0
    if (i >= length - 1) hashes[i - length + 1] = mix(rolling)
  }
  if (letters.length > 0 && letters.length < length) hashes[0] = mix(rolling)
  return hashes
}

/**
 * The text's keys, ascending, as signed 32-bit (PostgreSQL `int4`): at most `KEYS`, none for a text
 * without letters.
 */
export function sketch(letters: string): Int32Array {
  const hashes = runHashes(letters, RUN)
  // Hashes are evenly spread, so in a long text the smallest lie in a small range. Sorting all of
  // them would be most of the cost of settling.
  const enough =
    hashes.length > KEYS * 16
      ? distinct(picked(hashes, ((KEYS * 6) / hashes.length) * 2 ** 32, 1))
      : hashes
  const smallest =
    enough !== hashes && enough.length >= KEYS
      ? enough
      : distinct(enough === hashes ? hashes : runHashes(letters, RUN))
  return Int32Array.from(smallest.subarray(0, KEYS)).sort()
}

/** Distinct run hashes, ascending. */
export function distinctHashes(letters: string, length: number): Uint32Array {
  return distinct(runHashes(letters, length))
}

/**
 * One hash in this many is sampled, the same hashes in every text. The sample recognises texts with
 * nothing in common at little cost.
 */
const SAMPLED = 8

/** A sample of the distinct run hashes, ascending. */
export function sampledHashes(letters: string, length: number): Uint32Array {
  return distinct(picked(runHashes(letters, length), 2 ** 32, SAMPLED))
}

// A loop, because `filter` with a function takes five times as long and this runs for every text.
function picked(hashes: Uint32Array, below: number, everyth: number): Uint32Array {
  let kept = 0
  for (let i = 0; i < hashes.length; i++) {
    const hash = hashes[i] as number
    if (hash < below && hash % everyth === 0) hashes[kept++] = hash
  }
  return hashes.subarray(0, kept)
}

function distinct(hashes: Uint32Array): Uint32Array {
  const sorted = hashes.sort()
  let kept = 0
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i] as number
  }
  return sorted.subarray(0, kept)
}

/** How many hashes two ascending lists share. */
export function countShared(a: Uint32Array, b: Uint32Array): number {
  let [i, j, shared] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i] as number, b[j] as number]
    if (left === right) shared += 1
    if (left <= right) i += 1
    if (right <= left) j += 1
  }
  return shared
}

const { imul } = Math
const BASE = 0x01000193

function power(exponent: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result = imul(result, BASE)
  return result
}

// The finaliser of MurmurHash3 (public domain). It spreads the rolling hash so that the smallest
// hashes are a random sample.
function mix(value: number): number {
  let hash = value ^ (value >>> 16)
  hash = imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = imul(hash, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
