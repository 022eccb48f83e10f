/**
 * Longest word compared letter by letter. The cost is the product of the lengths, and somebody may
 * send a "word" of 200,000 letters.
 */
const LONGEST = 400

/**
 * Levenshtein distance of two words. If one has more than 400 letters: 0 if they are equal, else
 * the greater length.
 */
export function edits(a: string, b: string): number {
  if (a === b) return 0
  if (Math.max(a.length, b.length) > LONGEST) return Math.max(a.length, b.length)
  const row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    let diagonal = i - 1
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const substituted = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1)
      const above = (row[j] as number) + 1
      const left = (row[j - 1] as number) + 1
      diagonal = row[j] as number
      row[j] =
        substituted < above
          ? substituted < left
            ? substituted
            : left
          : above < left
            ? above
            : left
    }
  }
  return row[b.length] as number
}
