/** `evenhand routes evaluate`: learns from one file, suggests for another, and counts. */
import { parse } from 'csv-parse/sync'
import { LEAST_CONFIDENCE, suggestDepartment, type RoutedText } from '../routing/learned.ts'
import { trainRouter } from '../routing/train.ts'

export interface RouteEvaluation {
  readonly trained: number
  readonly tested: number
  readonly rejected: number
  readonly departments: number
  /** Share of likeliest departments that are right, were nothing abstained from. */
  readonly accuracy: number
  readonly macroF1: number
  /**
   * At the least confidence: share of contacts a department is suggested for, and how many of those
   * are right.
   */
  readonly atConfidence: {
    readonly confidence: number
    readonly coverage: number
    readonly accuracy: number
  }
  readonly seconds: number
}

interface RoutedExample {
  readonly truth: string
  readonly likeliest: string
  readonly suggested: string | undefined
}

/**
 * Trains on one CSV text and tests on another; both have a text column and a label column, other
 * columns are not read.
 */
export function evaluateRoutes(trainCsv: string, testCsv: string): RouteEvaluation {
  const started = performance.now()
  const [train, test] = [readExamples(trainCsv), readExamples(testCsv)]
  const router = trainRouter(train.examples)
  const outcomes = test.examples.map(({ text, department }): RoutedExample => {
    const { likeliest, department: suggested } = suggestDepartment(router, text)
    return { truth: department, likeliest, suggested }
  })
  const suggested = outcomes.filter((outcome) => outcome.suggested !== undefined)
  return {
    trained: train.examples.length,
    tested: outcomes.length,
    rejected: train.rejected + test.rejected,
    departments: router.departments.length,
    accuracy: share(outcomes, ({ truth, likeliest }) => truth === likeliest),
    macroF1: macroF1(outcomes),
    atConfidence: {
      confidence: LEAST_CONFIDENCE,
      coverage: outcomes.length === 0 ? 0 : suggested.length / outcomes.length,
      accuracy: share(suggested, (outcome) => outcome.truth === outcome.suggested)
    },
    seconds: Math.round(performance.now() - started) / 1000
  }
}

const textColumns = ['text', 'description', 'body', 'comment', 'message']
const labelColumns = ['label', 'department', 'agency', 'answering_body', 'service']

/** The examples of a CSV text; rows without a text or label are counted as rejected. */
export function readExamples(csv: string): { examples: RoutedText[]; rejected: number } {
  const [header = [], ...rows] = parse(csv, {
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true
  })
  const [text, label] = [textColumns, labelColumns].map((names) =>
    header.findIndex((name) => names.includes(name.trim().toLowerCase()))
  ) as [number, number]
  const examples = rows.flatMap((row): RoutedText[] =>
    row[text] && row[label] ? [{ text: row[text], department: row[label] }] : []
  )
  return { examples, rejected: rows.length - examples.length }
}

function share<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.length === 0 ? 0 : items.filter(holds).length / items.length
}

function macroF1(outcomes: readonly RoutedExample[]): number {
  const departments = [...new Set(outcomes.map(({ truth }) => truth))]
  const scores = departments.map((department) => {
    const right = outcomes.filter(
      ({ truth, likeliest }) => truth === department && likeliest === department
    ).length
    const involved =
      outcomes.filter(({ truth }) => truth === department).length +
      outcomes.filter(({ likeliest }) => likeliest === department).length
    return (2 * right) / involved
  })
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length)
}
