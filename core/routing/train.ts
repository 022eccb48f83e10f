import { probabilities, type RoutedText, type LearnedRouter } from './learned.ts'
import { learnVocabulary, termsOf, weighTerms, type WeighedTerm } from './terms.ts'

/** Passes over the examples. */
const PASSES = 12
const STEP = 1.5
/** Pull of each touched weight towards zero, per step. */
const DECAY = 1e-5

/**
 * Learns from examples. Deterministic: the same set of examples in any order gives the same router.
 * Costs passes × terms × departments; 16,000 short reports take a few seconds.
 */
export function trainRouter(examples: readonly RoutedText[]): LearnedRouter {
  const ordered = shuffle(
    [...examples].sort((a, b) => compare(a.text, b.text) || compare(a.department, b.department))
  )
  const departments = [...new Set(ordered.map(({ department }) => department))].sort()
  const vocabulary = learnVocabulary(ordered.map(({ text }) => termsOf(text)))
  const router: LearnedRouter = {
    departments,
    vocabulary,
    weights: vocabulary.words.map(() => new Float32Array(departments.length)),
    bias: new Float32Array(departments.length)
  }
  const inputs = ordered.map(({ text }) => weighTerms(vocabulary, text))
  const targets = ordered.map(({ department }) => departments.indexOf(department))
  for (let pass = 0; pass < PASSES; pass++) {
    const step = STEP / (1 + pass)
    for (const [no, input] of inputs.entries()) learn(router, input, targets[no] as number, step)
  }
  return router
}

function learn(
  router: LearnedRouter,
  input: readonly WeighedTerm[],
  target: number,
  step: number
): void {
  const errors = probabilities(router, input)
  errors[target] = (errors[target] as number) - 1
  for (let no = 0; no < errors.length; no++) {
    const change = step * (errors[no] as number)
    router.bias[no] = (router.bias[no] as number) - change * BIAS_SHARE
    for (const [term, weight] of input) {
      const row = router.weights[term] as Float32Array
      row[no] = (row[no] as number) * (1 - DECAY) - change * weight
    }
  }
}

/** The bias moves with every example, so it takes smaller steps than the words. */
const BIAS_SHARE = 0.1

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

// A fixed shuffle (linear congruential, Numerical Recipes): sorted examples would otherwise be
// learned one kind after another.
function shuffle<T>(items: T[]): T[] {
  let state = 1
  for (let i = items.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const j = state % (i + 1)
    const [a, b] = [items[i] as T, items[j] as T]
    items[i] = b
    items[j] = a
  }
  return items
}
