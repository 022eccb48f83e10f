/**
 * Longest string whose edits are counted letter by letter; anything longer is cut, as normalised
 * values never are longer.
 */
const LONGEST = 256

// Three rows of the table, used again and again: comparison is the inner loop of everything here.
const rows = [
  new Uint16Array(LONGEST + 1),
  new Uint16Array(LONGEST + 1),
  new Uint16Array(LONGEST + 1)
] as const

/**
 * Number of single-character edits between two strings, a swap of neighbours counting as one
 * (optimal string alignment, Damerau 1964). Stops counting at `limit` + 1, and looks only at the
 * diagonal band that can stay within it (Ukkonen 1985).
 */
export function editDistance(left: string, right: string, limit: number): number {
  if (left === right) return 0
  if (Math.abs(left.length - right.length) > limit) return limit + 1
  const [a, b] = [left.slice(0, LONGEST), right.slice(0, LONGEST)]
  let [before, last, row] = rows
  for (let j = 0; j <= b.length; j++) last[j] = j
  for (let i = 1; i <= a.length; i++) {
    if (fillRow(a, b, i, limit, before, last, row) > limit) return limit + 1
    ;[before, last, row] = [last, row, before]
  }
  return Math.min(last[b.length]!, limit + 1)
}

/**
 * Fills one row of the table within the band; the least value in it. Its arguments stand apart
 * because an object for each row of each comparison costs more than the row.
 */
function fillRow(
  a: string,
  b: string,
  i: number,
  limit: number,
  before: Uint16Array,
  last: Uint16Array,
  row: Uint16Array
): number {
  const [from, to] = [Math.max(1, i - limit), Math.min(b.length, i + limit)]
  // Outside the band anything is too far.
  row[from - 1] = from === 1 ? i : limit + 1
  if (i + limit <= b.length) last[i + limit] = i === 1 ? i + limit : limit + 1
  let least = row[from - 1]!
  for (let j = from; j <= to; j++) {
    const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1)
    let cost = last[j - 1]! + (same ? 0 : 1)
    if (last[j]! < cost) cost = last[j]! + 1
    if (row[j - 1]! < cost) cost = row[j - 1]! + 1
    if (
      i > 1 &&
      j > 1 &&
      before[j - 2]! < cost &&
      a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
      a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
    )
      cost = before[j - 2]! + 1
    row[j] = cost
    if (cost < least) least = cost
  }
  return least
}

const letters = new Int8Array(128)

/** Letters of either (ASCII) that the other lacks, whatever their order. */
export function lettersApart(a: string, b: string): number {
  letters.fill(0)
  for (let i = 0; i < a.length; i++) letters[a.charCodeAt(i) & 127]!++
  let apart = a.length
  for (let i = 0; i < b.length; i++) apart += letters[b.charCodeAt(i) & 127]!-- > 0 ? -1 : 1
  return apart
}

/**
 * Likeness of two strings from 0 to 1, a common beginning counting more (Winkler 1990, prefix scale
 * 0.1, four letters).
 */
export function jaroWinkler(a: string, b: string): number {
  const jaro = jaroLikeness(a, b)
  let prefix = 0
  while (
    prefix < 4 &&
    prefix < a.length &&
    prefix < b.length &&
    a.charCodeAt(prefix) === b.charCodeAt(prefix)
  )
    prefix++
  return jaro + prefix * 0.1 * (1 - jaro)
}

function jaroLikeness(a: string, b: string): number {
  if (a === b) return a === '' ? 0 : 1
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const usedB = new Uint8Array(b.length)
  const matchedA: number[] = []
  for (let i = 0; i < a.length; i++) {
    const end = Math.min(b.length, i + reach + 1)
    for (let j = Math.max(0, i - reach); j < end; j++) {
      if (usedB[j] || a.charCodeAt(i) !== b.charCodeAt(j)) continue
      usedB[j] = 1
      matchedA.push(a.charCodeAt(i))
      break
    }
  }
  const matches = matchedA.length
  if (matches === 0) return 0
  return (
    (matches / a.length +
      matches / b.length +
      (matches - transpositions(matchedA, usedB, b)) / matches) /
    3
  )
}

function transpositions(matchedA: readonly number[], usedB: Uint8Array, b: string): number {
  let moved = 0
  let next = 0
  for (let j = 0; j < b.length; j++) if (usedB[j] && matchedA[next++] !== b.charCodeAt(j)) moved++
  return moved / 2
}

/**
 * True where Jaro–Winkler reaches `least`. The letters two strings share bound it from above, which
 * spares nine comparisons of ten.
 */
export function isLike(a: string, b: string, least: number): boolean {
  const common = (a.length + b.length - lettersApart(a, b)) / 2
  const bound = (common / a.length + common / b.length + 1) / 3
  return bound + 0.4 * (1 - bound) >= least && jaroWinkler(a, b) >= least
}

/**
 * Garbled as typing garbles: the same letters in another order count, which Jaro–Winkler alone
 * misses ("Olirev", "Oliver").
 */
export function isSimilar(a: string, b: string): boolean {
  const apart = lettersApart(a, b)
  if (apart <= (a.length >= 4 && b.length >= 4 ? 2 : 1)) return true
  return isLike(a, b, 0.85)
}

/** One edit in a short name; two in a long one, which is what a slip and a lost space make. */
export function isSlip(a: string, b: string): boolean {
  const shorter = a.length < b.length ? a.length : b.length
  const limit = shorter >= 7 ? 2 : 1
  return shorter >= 3 && editDistance(a, b, limit) <= limit
}
