/**
 * Words as compared with a transcription: letters and digits only, lower case, compatibility forms
 * made one.
 */
export function comparableWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/**
 * The share of a transcription's words that were found, each as often as it stands there, 0 to 1; 1
 * for an empty transcription.
 */
export function wordRecall(truth: string, found: string): number {
  return shareFound(comparableWords(truth), found)
}

/**
 * The share of the words found that stand in a transcription, each as often as it stands there, 0
 * to 1; 1 where none was found.
 */
export function wordPrecision(truth: string, found: string): number {
  return shareFound(comparableWords(found), truth)
}

function shareFound(words: readonly string[], found: string): number {
  const left = new Map<string, number>()
  for (const word of comparableWords(found)) left.set(word, (left.get(word) ?? 0) + 1)
  let hits = 0
  for (const word of words) {
    const count = left.get(word) ?? 0
    if (count > 0) hits++
    left.set(word, count - 1)
  }
  return words.length === 0 ? 1 : hits / words.length
}
