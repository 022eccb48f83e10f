/**
 * MinHash sketches: of all overlapping runs of letters in a text, the few with the smallest hashes (the "bottom-k" form of
 * MinHash, Broder 1997). Two texts share sketch keys in proportion to the text they share, also where one holds the other
 * within much else (a form letter with personal paragraphs), for which bands of several hashes would need far more rows.
 */

/** Letters in one run: at 5 % character error 54 % of runs survive, while unrelated letters share about 0.2 % of them. */
export const RUN = 12
/** Keys kept per text: with a sixth of the joint text in common (the least a campaign needs) five are shared on average. 48 find nothing more on any corpus and cost half as much again. */
export const KEYS = 32

/** Hashes of all overlapping runs of `length` letters, as unsigned 32-bit, in reading order. A shorter text is one run. */
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

/** The text's keys, ascending, as signed 32-bit (PostgreSQL `int4`): at most `KEYS`, none for a text without letters. */
export function sketch(letters: string): Int32Array {
  const hashes = runHashes(letters, RUN)
  // Hashes are spread evenly: of a long text only a small part can hold the smallest, and sorting all of them would cost most of settling.
  const enough = hashes.length > KEYS * 16 ? distinct(picked(hashes, (KEYS * 6 / hashes.length) * 2 ** 32, 1)) : hashes
  const smallest = enough !== hashes && enough.length >= KEYS ? enough : distinct(enough === hashes ? hashes : runHashes(letters, RUN))
  return Int32Array.from(smallest.subarray(0, KEYS)).sort()
}

/** Distinct run hashes, ascending. */
export function distinctHashes(letters: string, length: number): Uint32Array {
  return distinct(runHashes(letters, length))
}

/** One hash in so many, the same ones in every text: a sample that tells texts with nothing in common apart at little cost. */
const SAMPLED = 8

/** A sample of the distinct run hashes, ascending. */
export function sampledHashes(letters: string, length: number): Uint32Array {
  return distinct(picked(runHashes(letters, length), 2 ** 32, SAMPLED))
}

// A loop: `filter` with a function costs five times as much, and this is done for every text.
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

// The finaliser of MurmurHash3 (public domain): spreads the rolling hash so that "smallest" is a fair draw.
function mix(value: number): number {
  let hash = value ^ (value >>> 16)
  hash = imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = imul(hash, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
