/**
 * Number of single-character edits between two strings, a swap of neighbours counting as one (optimal string alignment,
 * Damerau 1964). Stops counting at `limit` + 1.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (a === b) return 0
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let best = i
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1)
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
      if (cost < best) best = cost
    }
    if (best > limit) return limit + 1
    before = last
    last = row
  }
  return Math.min(last[b.length]!, limit + 1)
}

/** Likeness of two strings from 0 to 1, a common beginning counting more (Winkler 1990, prefix scale 0.1, four letters). */
export function jaroWinkler(a: string, b: string): number {
  const jaro = jaroLikeness(a, b)
  let prefix = 0
  while (prefix < 4 && prefix < a.length && prefix < b.length && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix++
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
  return (matches / a.length + matches / b.length + (matches - transpositions(matchedA, usedB, b)) / matches) / 3
}

function transpositions(matchedA: readonly number[], usedB: Uint8Array, b: string): number {
  let moved = 0
  let next = 0
  for (let j = 0; j < b.length; j++) if (usedB[j] && matchedA[next++] !== b.charCodeAt(j)) moved++
  return moved / 2
}
