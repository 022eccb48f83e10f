/**
 * Suggests a department from a contact's words where no rule matches. Learned from answered
 * contacts: multinomial logistic regression over TF-IDF of words and word pairs. It is given text
 * alone, never who wrote it, and abstains below a confidence, so that the contact goes to general
 * intake and a person.
 */
import { weighTerms, type Vocabulary, type WeighedTerm } from './terms.ts'

export interface RoutedText {
  readonly text: string
  readonly department: string
}

export interface Suggestion {
  /** undefined: too unsure, general intake decides. */
  readonly department: string | undefined
  /** Probability given to the likeliest department, 0–1. */
  readonly confidence: number
  /** The likeliest department, also when it is not suggested. */
  readonly likeliest: string
  /**
   * Words and word pairs that spoke most for the likeliest, with their share of the evidence for
   * it.
   */
  readonly words: readonly { readonly word: string; readonly weight: number }[]
}

export interface LearnedRouter {
  readonly departments: readonly string[]
  readonly vocabulary: Vocabulary
  /** For each term, a weight per department. */
  readonly weights: readonly Float32Array[]
  readonly bias: Float32Array
}

/** Below this confidence nothing is suggested. */
export const LEAST_CONFIDENCE = 0.6

const SHOWN_WORDS = 5

/**
 * Suggests a department for a text. Any string is accepted; words never seen in training count for
 * nothing.
 */
export function suggestDepartment(
  router: LearnedRouter,
  text: string,
  leastConfidence = LEAST_CONFIDENCE
): Suggestion {
  const terms = weighTerms(router.vocabulary, text)
  const chances = probabilities(router, terms)
  const best = chances.reduce(
    (top, chance, no) => (chance > (chances[top] as number) ? no : top),
    0
  )
  const confidence = chances[best] ?? 0
  const likeliest = router.departments[best] as string
  const known = terms.length > 0 && confidence >= leastConfidence
  return {
    department: known ? likeliest : undefined,
    confidence,
    likeliest,
    words: deciding(router, terms, best)
  }
}

/** Softmax over the departments' scores. */
export function probabilities(
  router: Pick<LearnedRouter, 'weights' | 'bias'>,
  terms: readonly WeighedTerm[]
): Float64Array {
  const scores = Float64Array.from(router.bias)
  for (const [term, weight] of terms) {
    const row = router.weights[term] as Float32Array
    for (let no = 0; no < scores.length; no++)
      scores[no] = (scores[no] as number) + weight * (row[no] as number)
  }
  const highest = scores.reduce((top, score) => Math.max(top, score), -Infinity)
  const raised = scores.map((score) => Math.exp(score - highest))
  const sum = raised.reduce((total, value) => total + value, 0)
  return raised.map((value) => value / sum)
}

// How far a word lifts the department above the mean of all: what would be missing without it.
function deciding(
  router: LearnedRouter,
  terms: readonly WeighedTerm[],
  department: number
): { word: string; weight: number }[] {
  const lifts = terms.map(([term, weight]) => {
    const row = router.weights[term] as Float32Array
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length
    return {
      word: router.vocabulary.words[term] as string,
      weight: weight * ((row[department] as number) - mean)
    }
  })
  return lifts
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
    .slice(0, SHOWN_WORDS)
    .map(({ word, weight }) => ({ word, weight: Math.round(weight * 1000) / 1000 }))
}
