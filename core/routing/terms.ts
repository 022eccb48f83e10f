/** Words and word pairs of a text, weighed by how telling they are (TF-IDF, length-normalised). */

/** A term of a text: its number in the vocabulary and its weight there. */
export type WeighedTerm = readonly [term: number, weight: number]

export interface Vocabulary {
  /**
   * Terms by number, in alphabetical order so that learning does not depend on the order of
   * examples.
   */
  readonly words: readonly string[]
  readonly numbers: ReadonlyMap<string, number>
  readonly rarity: Float32Array
}

/** Words of a text that are looked at: the first pages say what it is about. */
const MOST_WORDS = 2_000
const MOST_CHARACTERS = 40_000
/** Terms kept, most used first: beyond them they are names, plates and typing errors. */
const MOST_TERMS = 60_000
/** Examples a term must stand in to be learned from. */
const LEAST_EXAMPLES = 2

/** Words and pairs of neighbouring words, folded; each as often as it stands there. */
export function termsOf(text: string): string[] {
  const plain = text
    .slice(0, MOST_CHARACTERS)
    .toWellFormed()
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
  const words = (plain.match(/[\p{L}\p{N}]{2,40}/gu) ?? []).slice(0, MOST_WORDS)
  return words.concat(words.slice(1).map((word, no) => `${words[no]} ${word}`))
}

/** The terms worth learning from. @param texts terms of each example */
export function learnVocabulary(texts: readonly (readonly string[])[]): Vocabulary {
  const counts = new Map<string, number>()
  for (const terms of texts)
    for (const term of new Set(terms)) counts.set(term, (counts.get(term) ?? 0) + 1)
  const words = [...counts]
    .filter(([, count]) => count >= LEAST_EXAMPLES)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MOST_TERMS)
    .map(([term]) => term)
    .sort()
  const rarity = Float32Array.from(
    words,
    (word) => 1 + Math.log((1 + texts.length) / (1 + (counts.get(word) as number)))
  )
  return { words, numbers: new Map(words.map((word, no) => [word, no])), rarity }
}

/** A text's known terms with weights whose squares sum to 1; none where no term is known. */
export function weighTerms(vocabulary: Vocabulary, text: string): WeighedTerm[] {
  const counts = new Map<number, number>()
  for (const term of termsOf(text)) {
    const number = vocabulary.numbers.get(term)
    if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1)
  }
  const raw = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([term, count]): WeighedTerm => [
      term,
      (1 + Math.log(count)) * (vocabulary.rarity[term] as number)
    ])
  const length = Math.sqrt(raw.reduce((sum, [, weight]) => sum + weight * weight, 0))
  return raw.map(([term, weight]) => [term, weight / length])
}
